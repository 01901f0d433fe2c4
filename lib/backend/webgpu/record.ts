/**
 * Recording a step: it is run once on tensors without memory, and becomes a list of dispatches, with
 * what it takes, what it gives, and what it uses besides.
 *
 * @module
 */

import { showShape } from "../../errors.ts";
import { tidy } from "../../ops.ts";
import { release } from "../../ownership.ts";
import { type Check, whileRecording } from "../../recording.ts";
import type { Tensor } from "../../tensor.ts";
import { tf } from "../../tfjs.ts";
import type { GuardedBackend } from "./backend.ts";
import { type Buffer, type Dispatch, refuse, setStage, StandIn } from "./record_stage.ts";

/** What the step gives: new values, or another handle on values that someone has. */
export interface Result {
  /** Shape of the tensor. */
  readonly shape: number[];
  /** Type of its elements. */
  readonly dtype: tf.DataType;
  /** Where the values are when the step is done. */
  readonly buffer: Buffer;
  /** Whose values they are too, if anyone's: that input's, or that earlier result's. */
  readonly of?: { readonly from: "input" | "result"; readonly index: number };
  /** Whether it is the very tensor `of`, and not another handle. */
  readonly same: boolean;
}

/** A step that was recorded. */
export interface Recording {
  /** What it does, in order. */
  readonly dispatches: readonly Dispatch[];
  /** The buffers of its inputs. */
  readonly inputs: readonly StandIn[];
  /** What it gives. */
  readonly results: readonly Result[];
  /** Checks of the host values of inputs, which every replay has to pass. */
  readonly checks: readonly (readonly [input: number, check: Check])[];
  /** The data that it uses besides its inputs, by their buffers. */
  readonly captured: ReadonlyMap<GPUBuffer, object>;
}

/**
 * Records what `f` does to tensors that are like the given ones.
 *
 * @throws {BackendError} If it keeps a tensor that it does not return, or does what cannot be replayed.
 */
export function record(
  backend: GuardedBackend,
  like: readonly Tensor[],
  f: (inputs: readonly Tensor[]) => readonly Tensor[],
): Recording {
  const stage = setStage(backend);
  const inputs = like.map((tensor) => emptyTensor(backend, tensor));
  const newest = Math.max(...inputs.map(idOf));
  let results: readonly Tensor[] = [];
  let recording: Recording;
  try {
    const [given, made] = whileRecording(() => tidy(() => f(inputs)));
    results = given;
    const checks = made.map(([x, check]) => [inputs.indexOf(x), check] as const);
    recording = {
      dispatches: stage.dispatches,
      inputs: inputs.map((input) => bufferOf(backend, input) as StandIn),
      results: describe(backend, results, inputs),
      checks: checks.filter(([input]) => input >= 0),
      captured: stage.captured,
    };
  } finally {
    // What the step gives may be older than the recording, and not its own.
    release([inputs, results.filter((result) => idOf(result) > newest)]);
    stage.clear();
  }
  const [kept] = stage.kept;
  if (kept === undefined) return recording;
  return refuse(`it keeps a tensor of shape ${showShape(kept)} that it does not return`);
}

/** Gives the data of a tensor, as backends know them. */
export function dataIdOf(x: Tensor): object {
  return (x as unknown as tf.Tensor).dataId;
}

const idOf = (x: Tensor): number => (x as unknown as tf.Tensor).id;

/** Makes a tensor that has no values but those that a replay will put there. */
function emptyTensor(backend: GuardedBackend, { shape, dtype, size }: Tensor): Tensor {
  const info = backend.makeTensorInfo([...shape], dtype);
  Object.assign(backend.tensorMap.get(info.dataId), { resource: new StandIn(size * 4) });
  return tf.engine().makeTensorFromTensorInfo(info) as unknown as Tensor;
}

function bufferOf(backend: GuardedBackend, x: Tensor): Buffer {
  const { resource } = backend.tensorMap.get(dataIdOf(x));
  return resource as unknown as Buffer;
}

function describe(
  backend: GuardedBackend,
  results: readonly Tensor[],
  inputs: readonly Tensor[],
): Result[] {
  const known = new Map<Buffer, [tensor: Tensor, of: Result["of"] & object]>();
  inputs.forEach((input, index) =>
    known.set(bufferOf(backend, input), [input, { from: "input", index }])
  );
  return results.map((tensor, index) => {
    backend.uploadToGPU(dataIdOf(tensor)); // one that was made from host values
    const buffer = bufferOf(backend, tensor);
    const { shape, dtype } = tensor;
    const [owner, of] = known.get(buffer) ?? [];
    if (owner === undefined) known.set(buffer, [tensor, { from: "result", index }]);
    return { shape: [...shape], dtype, buffer, ...of && { of }, same: owner === tensor };
  });
}
