/**
 * A recorded step with memory of its own, to be replayed: inputs are copied in, everything runs as
 * one command buffer, results are copied out. A result that was computed where an input was is still
 * there the next time, and need not be copied in. If the state is donated, its successor is not even
 * copied out; a tensor that still needs the values in such a place gets a copy before they are
 * overwritten, so nothing alive is ever stale.
 *
 * @module
 */

import { keep } from "../../ops.ts";
import { release } from "../../ownership.ts";
import { donate, knownValues, type Tensor } from "../../tensor.ts";
import { tf } from "../../tfjs.ts";
import type { Tree } from "../../tree.ts";
import type { GuardedBackend } from "./backend.ts";
import { flush } from "./dispatch.ts";
import { dataIdOf, type Recording, type Result } from "./record.ts";
import {
  needsOf,
  placeConstants,
  placeInTurns,
  type Places,
  placeTextures,
  tensorUsage,
  type Workspace,
} from "./record_memory.ts";
import { findOverwrites, type Succession } from "./record_overwrite.ts";
import { passesOf } from "./record_passes.ts";
import { encode, prepare, type Range } from "./record_program.ts";
import { type Buffer, StandIn } from "./record_stage.ts";
import type { Texels } from "./textures.ts";

/** The place of an input. */
interface Slot {
  readonly buffer: GPUBuffer;
  readonly size: number;
  /** Whether the step looks at it. */
  readonly isUsed: boolean;
  /** Whether something else is there after the step. */
  readonly isOverwritten: boolean;
  /** The data that it holds, as the backend knows them. */
  holds?: object | undefined;
}

/** A recorded step on a device. */
export class Graph {
  /** Number of replays so far. */
  replays = 0;
  readonly #slots: readonly Slot[];
  readonly #slotOf: ReadonlyMap<GPUBuffer, Slot>;
  /** The results that have to be where an input was, by numbers. */
  readonly #heirs: ReadonlyMap<number, Slot>;
  readonly #constants: GPUBuffer;
  readonly #captured: ReadonlyMap<GPUBuffer, Tensor>;
  readonly #program: ReturnType<typeof prepare>;
  readonly #results: readonly Range[];

  /** Gives a recording its memory. */
  constructor(
    readonly backend: GuardedBackend,
    readonly recording: Recording,
    readonly succession: Succession,
    readonly donates: boolean,
    workspace: Workspace,
  ) {
    const { device } = backend;
    const { dispatches, inputs, results, captured } = recording;
    const needs = needsOf(recording);
    const { heirs, over, inPlace } = findOverwrites(recording, succession, donates, needs);
    const overwritten = new Set([...heirs.values(), ...over.values()]);
    const places: Places = new Map();
    const place = (standIn: StandIn, buffer: GPUBuffer) =>
      places.set(standIn, { buffer, offset: 0 });
    this.#slots = inputs.map((standIn, i) => {
      const { size } = standIn;
      const buffer = device.createBuffer({ size, usage: tensorUsage() });
      place(standIn, buffer);
      return { buffer, size, isUsed: needs.has(standIn), isOverwritten: overwritten.has(i) };
    });
    this.#slotOf = new Map(this.#slots.map((slot) => [slot.buffer, slot]));
    this.#heirs = new Map([...heirs].map(([result, input]) => [result, this.#slots[input]!]));
    for (const [standIn, input] of over) place(standIn, this.#slots[input]!.buffer);
    this.#constants = placeConstants(needs, places, device);
    placeInTurns(needs, places, workspace);
    const rangeOf = (buffer: Buffer): Range =>
      buffer instanceof StandIn
        ? { ...places.get(buffer)!, size: buffer.size }
        : { buffer, offset: 0, size: buffer.size };
    const [passes, fillings] = passesOf(dispatches);
    const textures = placeTextures(passes, workspace);
    const textureOf = (texels: Texels<Buffer>) => textures.get(fillings.get(texels)!)!;
    this.#program = prepare(backend, passes, inPlace, rangeOf, textureOf);
    this.#results = results.map(({ buffer }) => rangeOf(buffer));
    this.#captured = new Map(
      [...captured].map(([buffer, dataId]) => {
        const { shape, dtype } = backend.tensorMap.get(dataId);
        return [buffer, keep(this.#handle(dataId, shape, dtype))];
      }),
    );
  }

  /** Number of bytes on the device that are this graph's alone. */
  get bytes(): number {
    return this.#slots.reduce((sum, { buffer }) => sum + buffer.size, this.#constants.size);
  }

  /**
   * Runs the step on other inputs of the same shapes and types, and gives what `build` makes of the
   * results. Submitted last: a device that is the CPU takes the host's own cores from then on.
   *
   * @throws {FplusxError} If an input does not pass a check of the step.
   */
  replay(inputs: readonly Tensor[], build: (results: readonly Tensor[]) => Tree): Tree {
    const { backend, recording: { checks, results } } = this;
    for (const [input, check] of checks) {
      const values = knownValues(inputs[input]!);
      if (values !== undefined) check(values);
    }
    flush(backend);
    const given: Tensor[] = [];
    results.forEach((result, i) => given.push(this.#give(result, i, inputs, given)));
    const state = this.donates ? [...this.succession.keys()] : [];
    const leaving = new Set(state.map((i) => inputs[i]!));
    for (const tensor of given) leaving.delete(tensor);
    this.#moveOut(({ holds, isOverwritten }, i) => {
      if (holds !== dataIdOf(inputs[i]!)) return true;
      return isOverwritten && (!leaving.has(inputs[i]!) || backend.refCount(holds) > 1);
    });
    const encoder = backend.device.createCommandEncoder();
    this.#copyIn(inputs, encoder);
    encode(this.#program, encoder);
    this.#copyOut(given, encoder);
    const commands = encoder.finish();
    leaving.forEach(donate);
    const built = build(given);
    backend.device.queue.submit([commands]);
    this.replays++;
    return built;
  }

  /** Lets go of the memory; what was given stays alive. */
  dispose(): void {
    flush(this.backend);
    this.#moveOut(() => true);
    for (const { buffer } of this.#slots) buffer.destroy();
    this.#constants.destroy();
    release([...this.#captured.values()]);
  }

  /** Makes the tensor for a result, before its values are there. */
  #give(result: Result, i: number, inputs: readonly Tensor[], given: readonly Tensor[]): Tensor {
    const { shape, dtype, buffer, of, same } = result;
    if (of !== undefined) {
      const tensor = (of.from === "input" ? inputs : given)[of.index]!;
      return same ? tensor : this.#handle(dataIdOf(tensor), shape, dtype);
    }
    if (!(buffer instanceof StandIn)) {
      return this.#handle(dataIdOf(this.#captured.get(buffer)!), shape, dtype);
    }
    const info = this.backend.makeTensorInfo(shape, dtype);
    const slot = this.#heirs.get(i);
    if (slot === undefined) this.backend.uploadToGPU(info.dataId);
    else {
      const data = this.backend.tensorMap.get(info.dataId);
      data.resource = slot.buffer;
      data.external = true;
    }
    return tf.engine().makeTensorFromTensorInfo(info) as unknown as Tensor;
  }

  /** Makes another handle on data. */
  #handle(dataId: object, shape: number[], dtype: tf.DataType): Tensor {
    this.backend.incRef(dataId);
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype }) as unknown as Tensor;
  }

  /** Gives tensors that live in a place a buffer of their own, where the place is needed. */
  #moveOut(isNeeded: (slot: Slot, i: number) => boolean): void {
    const { tensorMap, device } = this.backend;
    const moving = this.#slots.filter((slot, i) => {
      const { holds, buffer } = slot;
      if (holds === undefined || !isNeeded(slot, i)) return false;
      return tensorMap.has(holds) && tensorMap.get(holds).resource === buffer;
    });
    if (moving.length === 0) return;
    const encoder = device.createCommandEncoder();
    for (const { buffer, size, holds } of moving) {
      const data = tensorMap.get(holds!);
      Object.assign(data, { resource: null, external: false });
      if (data.values != null) continue;
      this.backend.uploadToGPU(holds!);
      encoder.copyBufferToBuffer(buffer, 0, data.resource as GPUBuffer, 0, size);
    }
    // At once: what the host writes into a place comes before the commands of a later encoder.
    device.queue.submit([encoder.finish()]);
  }

  #copyIn(inputs: readonly Tensor[], encoder: GPUCommandEncoder): void {
    const { tensorMap, device: { queue } } = this.backend;
    this.#slots.forEach((slot, i) => {
      const dataId = dataIdOf(inputs[i]!);
      if (slot.isUsed && slot.size > 0 && slot.holds !== dataId) {
        const { resource, values, dtype } = tensorMap.get(dataId);
        if (resource == null) queue.writeBuffer(slot.buffer, 0, onDevice(values!, dtype));
        else encoder.copyBufferToBuffer(resource as GPUBuffer, 0, slot.buffer, 0, slot.size);
      }
      slot.holds = slot.isOverwritten ? undefined : dataId;
    });
  }

  #copyOut(given: readonly Tensor[], encoder: GPUCommandEncoder): void {
    this.recording.results.forEach(({ buffer: source, of }, i) => {
      if (of !== undefined || !(source instanceof StandIn)) return;
      const dataId = dataIdOf(given[i]!);
      const { buffer, offset, size } = this.#results[i]!;
      const heir = this.#heirs.get(i);
      const target = heir?.buffer ?? this.backend.tensorMap.get(dataId).resource as GPUBuffer;
      if (buffer !== target) encoder.copyBufferToBuffer(buffer, offset, target, 0, size);
      const slot = heir ?? this.#slotOf.get(buffer);
      if (slot !== undefined) slot.holds = dataId;
    });
  }
}

/** The values of a tensor as the device has them: booleans are integers there. */
function onDevice(values: tf.BackendValues, dtype: tf.DataType): BufferSource {
  // Never of shared memory, which the type allows.
  if (values instanceof Float32Array || values instanceof Int32Array) return values as BufferSource;
  return (dtype === "float32" ? Float32Array : Int32Array).from(values as ArrayLike<number>);
}
