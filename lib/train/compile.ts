/**
 * Compiling a step. On WebGPU most of the time of a small step goes by on the host, in code that
 * decides the same every time. A compiled step runs that code once for each signature (the structure
 * of state, batch and knobs with shapes and types), records what it asks of the device, and replays
 * that: one command buffer on memory that was planned before. Everywhere else, and where a step
 * cannot be recorded, it is the plain step, with the same results bit for bit.
 *
 * @module
 */

import { activeGpu } from "../backend/setup.ts";
import type { GuardedBackend } from "../backend/webgpu/backend.ts";
import { type Flow, Graphs } from "../backend/webgpu/record_graphs.ts";
import { whyNotRecordable } from "../backend/webgpu/record_stage.ts";
import { ArgumentError, BackendError, DisposedError, within } from "../errors.ts";
import { gradientDepth } from "../grad.ts";
import { tidy } from "../ops.ts";
import { isRecording, withoutReading } from "../recording.ts";
import { alive, donate, sameShape, type Scalar, type Tensor } from "../tensor.ts";
import { aligned, entries, leaves, rebuild, type Tree } from "../tree.ts";
import type { Batch, Knobs, Step, TrainState } from "./step.ts";

/** Options of {@linkcode compile}. */
export interface CompileOptions {
  /**
   * Whether a call takes over the state that it is given, as memory for the state that it gives: less
   * is copied, and the old state is gone. Only tensors of the state are taken; other handles on their
   * values stay good. False by default.
   */
  readonly donate?: boolean;
  /**
   * How many calls after a recording run the code of the step once more, to find what it decides on
   * the host, such as a number that is not a tensor and changes; 1 by default, `Infinity` to be sure.
   */
  readonly check?: number;
}

/** A recording of a compiled step. */
export type GraphStats = {
  /** Number of shaders that a call runs. */
  readonly dispatches: number;
  /** Number of bytes on the device for inputs and constants. */
  readonly bytes: number;
  /** Number of calls so far. */
  readonly replays: number;
};

/** What a compiled step has recorded. */
export type CompileStats = {
  /** The recordings, one for each signature, the one used last at the end. */
  readonly graphs: readonly GraphStats[];
  /** Number of bytes on the device that belong to the step, what they share included. */
  readonly bytes: number;
  /** Why nothing is recorded, when that is so. */
  readonly plain?: string;
};

/** A step that is recorded and replayed. */
export interface CompiledStep<T extends Tree = TrainState> extends Disposable {
  /** Takes a step. */
  (state: T, batch: Batch, knobs: Knobs): [next: T, loss: Scalar];
  /** Whether a call takes over the state that it is given. */
  readonly donate: boolean;
  /** What was recorded so far. */
  readonly stats: CompileStats;
}

/** Tells whether a step is a compiled one to which the state is donated. */
export function takesOver<T extends Tree>(step: Step<T>): boolean {
  return "donate" in step && step.donate === true;
}

/**
 * Compiles a step: gives a function of the same type and the same results. What the step does may
 * depend on structure, shapes and types alone. Whatever else changes from call to call has to come in
 * as a tensor, random numbers have to come from the `seed` of the knobs, and nothing may be read.
 *
 * Let go of it with `using` or when the training is over: its memory is not that of any tensor.
 *
 * @throws {ArgumentError} If `check` is not a number of calls.
 * @throws {RecordingError} From a call, if the step does what cannot be recorded: reads a tensor, draws
 * random numbers on the host, or keeps a tensor that it does not return.
 * @throws {MismatchError} From a call, if the step does something else than when it was recorded; names
 * the operation.
 * @throws {DisposedError} From a call, if a tensor is gone, and names its path; or if the step is.
 * @throws {DeviceLostError} From a call, if the GPU device was lost.
 *
 * @example Three steps, of which the last is not computed by the code of the step
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import {
 *   compile, dense, initTraining, key, knobs, meanSquaredError, release, setup, sgd, tensor, trainStep,
 * } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const parts = { model: dense(1), optimizer: sgd(), loss: meanSquaredError };
 * using step = compile(trainStep(parts));
 * const batch = { x: tensor([1, 2, 3], [3, 1]), y: tensor([2, 4, 6], [3, 1]) };
 * let state = initTraining(parts, key(0), [3, 1]);
 * const losses: number[] = [];
 * for (let i = 0; i < 3; i++) {
 *   const [next, loss] = step(state, batch, knobs(0.05, 0, i));
 *   losses.push((await loss.data())[0]!);
 *   release(state, next);
 *   state = next;
 * }
 * assert(losses[2]! < losses[0]!);
 * assertEquals(step.stats.plain, "only WebGPU records");
 * ```
 */
export function compile<T extends Tree>(
  step: Step<T>,
  options: CompileOptions = {},
): CompiledStep<T> {
  const { donate: donates = false, check = 1 } = options;
  if (!(check >= 0)) {
    throw new ArgumentError(
      `Cannot compile a step with check ${check}: need a number of at least 0`,
    );
  }
  let graphs: Graphs | undefined;
  let disposed = false;
  let last: { inputs: Inputs<T>; tensors: readonly Tensor[]; signature: string } | undefined;

  function call(state: T, batch: Batch, knobs: Knobs): [next: T, loss: Scalar] {
    if (disposed) throw new DisposedError("Cannot take a compiled step: it was disposed");
    if (isRecording()) return step(state, batch, knobs);
    if (gradientDepth() > 0) {
      throw new BackendError(
        "Cannot take the gradient of a compiled step: compile the function that takes it",
      );
    }
    const inputs = { state, batch, knobs };
    const known = last && aligned(last.inputs, inputs);
    const tensors = known ?? leaves(inputs);
    assertAlive(inputs, tensors);
    const [gpu, plain] = recorder();
    if (plain !== undefined) return callPlainly(inputs);
    if (graphs?.backend !== gpu) {
      graphs?.dispose();
      graphs = new Graphs(gpu, donates, check);
    }
    // To write a signature takes longer than to see that it is the one before.
    if (last === undefined || known === undefined || !alike(known, last.tensors)) {
      last = { inputs, tensors, signature: signatureOf(inputs) };
    }
    // A recording gives the tree that the step gave.
    return graphs.run(last.signature, tensors, flowOf(inputs)) as [T, Scalar];
  }

  function callPlainly({ state, batch, knobs }: Inputs<T>): [next: T, loss: Scalar] {
    const result = tidy(() => withoutReading(() => step(state, batch, knobs)));
    if (!donates) return result;
    const given = new Set(leaves(result));
    for (const leaf of leaves(state)) if (!given.has(leaf)) donate(leaf);
    return result;
  }

  function flowOf(inputs: Inputs<T>): Flow {
    return (tensors) => {
      const { state, batch, knobs } = rebuild(inputs, tensors);
      const tree = step(state, batch, knobs);
      return [tree, successionOf(state, tree[0])];
    };
  }

  return Object.defineProperties(call, {
    donate: { value: donates },
    stats: { get: () => statsOf(graphs) },
    [Symbol.dispose]: {
      value: () => {
        graphs?.dispose();
        graphs = undefined;
        disposed = true;
      },
    },
  }) as CompiledStep<T>;
}

/** What a step takes. */
type Inputs<T extends Tree> = { readonly state: T; readonly batch: Batch; readonly knobs: Knobs };

/** The backend that records, or why none does. */
function recorder(): [gpu: GuardedBackend, plain: undefined] | [gpu: undefined, plain: string] {
  const gpu = activeGpu();
  if (gpu === undefined) return [undefined, "only WebGPU records"];
  const why = whyNotRecordable(gpu);
  return why === undefined ? [gpu, undefined] : [undefined, why];
}

/** Checks that no tensor is gone; the path is looked for when one is. */
function assertAlive(inputs: Tree, tensors: readonly Tensor[]): void {
  try {
    tensors.forEach(alive);
  } catch {
    for (const [path, leaf] of entries(inputs)) within(path, () => alive(leaf));
  }
}

/** Structure, shapes and types. */
function signatureOf(inputs: Tree): string {
  return entries(inputs).map(([path, { dtype, shape }]) => `${path} ${dtype} ${shape}`).join("\n");
}

/** Tells whether tensors have the shapes and types of others. */
function alike(tensors: readonly Tensor[], others: readonly Tensor[]): boolean {
  return tensors.every(({ dtype, shape }, i) =>
    dtype === others[i]!.dtype && sameShape(shape, others[i]!.shape)
  );
}

/** Each tensor of the state with the one of the next state that is like it and has its path. */
function successionOf(state: Tree, next: Tree): Map<number, number | undefined> {
  const successors = new Map(entries(next).map(([path, leaf], i) => [path, { leaf, i }]));
  return new Map(
    entries(state).map(([path, leaf], i) => {
      const successor = successors.get(path);
      return [i, successor && alike([leaf], [successor.leaf]) ? successor.i : undefined];
    }),
  );
}

function statsOf(graphs: Graphs | undefined): CompileStats {
  const [, plain] = recorder();
  const all = (graphs?.all ?? []).map(({ recording, bytes, replays }) => ({
    dispatches: recording.dispatches.length,
    bytes,
    replays,
  }));
  const bytes = all.reduce((sum, { bytes }) => sum + bytes, graphs?.sharedBytes ?? 0);
  return { graphs: all, bytes, ...plain === undefined ? {} : { plain } };
}
