/**
 * The memory of recorded steps. What a step computes on the way goes to a workspace, which all
 * recordings of the step share, since only one of them runs at a time; its constants and uniforms are
 * one buffer that never changes.
 *
 * @module
 */

import { type Need, planMemory } from "./record_plan.ts";
import type { Recording } from "./record.ts";
import type { Filling, Pass } from "./record_passes.ts";
import { buffersOf, StandIn } from "./record_stage.ts";
import { makeScratch, type Scratch } from "./textures.ts";

/** Where stand-ins are. */
export type Places = Map<StandIn, { readonly buffer: GPUBuffer; readonly offset: number }>;

/** Gives what the buffers of tensors are for. */
export function tensorUsage(): GPUBufferUsageFlags {
  return GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
}

/** Buffers and textures that take turns. */
export class Workspace {
  readonly #buffers: GPUBuffer[] = [];
  readonly #textures = new Map<GPUTextureFormat, Scratch[]>();

  /** Makes a workspace on a device, with nothing in it yet. */
  constructor(readonly device: GPUDevice) {}

  /** Number of bytes. */
  get bytes(): number {
    const textures = [...this.#textures.values()].flat();
    return this.#buffers.reduce((sum, { size }) => sum + size, 0) +
      textures.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Gives buffers of at least these sizes, largest first. */
  take(sizes: readonly number[]): GPUBuffer[] {
    const usage = tensorUsage();
    const make = (size: number) => this.device.createBuffer({ size, usage });
    return takeFrom(this.#buffers, ({ size }) => size, sizes, make);
  }

  /** Gives textures of at least so many rows, most first. */
  takeTextures(format: GPUTextureFormat, rows: readonly number[]): Scratch[] {
    const own = this.#textures.get(format) ?? [];
    this.#textures.set(format, own);
    const make = (rows: number) => makeScratch(this.device, format, rows);
    return takeFrom(own, ({ texture }) => texture.height, rows, make);
  }

  /** Lets go of all of them. */
  destroy(): void {
    for (const buffer of this.#buffers.splice(0)) buffer.destroy();
    for (const { texture } of [...this.#textures.values()].flat()) texture.destroy();
    this.#textures.clear();
  }
}

/** Gives for each size the smallest that will do, each once; what is missing is made. */
function takeFrom<T>(
  own: T[],
  sizeOf: (one: T) => number,
  sizes: readonly number[],
  make: (size: number) => T,
): T[] {
  const free = own.toSorted((a, b) => sizeOf(b) - sizeOf(a));
  return sizes.map((size) => {
    const at = free.findLastIndex((one) => sizeOf(one) >= size);
    if (at >= 0) return free.splice(at, 1)[0]!;
    const made = make(size);
    own.push(made);
    return made;
  });
}

/** Tells from when to when a step needs each buffer; results are needed to the end. */
export function needsOf({ dispatches, results }: Recording): Map<StandIn, Need> {
  const needs = new Map<StandIn, Need>();
  const use = (buffer: object, at: number) => {
    if (!(buffer instanceof StandIn)) return;
    const need = needs.get(buffer);
    if (need === undefined) needs.set(buffer, { size: buffer.size, first: at, last: at });
    else need.last = at;
  };
  dispatches.forEach((dispatch, at) => {
    for (const buffer of buffersOf(dispatch)) use(buffer, at);
  });
  for (const { buffer } of results) use(buffer, dispatches.length);
  return needs;
}

/** Gives a place in the workspace to all that has none yet. */
export function placeInTurns(
  needs: ReadonlyMap<StandIn, Need>,
  places: Places,
  workspace: Workspace,
): void {
  const left = [...needs].filter(([standIn]) => !places.has(standIn));
  const plan = planMemory(left.map(([, need]) => need));
  const buffers = workspace.take(plan.sizes);
  left.forEach(([standIn], i) =>
    places.set(standIn, { buffer: buffers[plan.places[i]!]!, offset: 0 })
  );
}

/** Gives a texture of the workspace to each filling. */
export function placeTextures(
  passes: readonly Pass[],
  workspace: Workspace,
): ReadonlyMap<Filling, Scratch> {
  const placed = new Map<Filling, Scratch>();
  const formats = Map.groupBy(passes.flatMap((pass) => pass.fillings), (x) => x.texels.format);
  for (const [format, fillings] of formats) {
    const { places, sizes } = planMemory(fillings);
    const textures = workspace.takeTextures(format, sizes);
    fillings.forEach((filling, i) => placed.set(filling, textures[places[i]!]!));
  }
  return placed;
}

/** Gives a place in one buffer to all that the host filled; the same bytes are there once. */
export function placeConstants(
  needs: ReadonlyMap<StandIn, Need>,
  places: Places,
  device: GPUDevice,
): GPUBuffer {
  const { minStorageBufferOffsetAlignment, minUniformBufferOffsetAlignment } = device.limits;
  const step = Math.max(minStorageBufferOffsetAlignment, minUniformBufferOffsetAlignment);
  const known = new Map<string, number>();
  const filled: [standIn: StandIn, bytes: Uint8Array, offset: number][] = [];
  let size = step;
  for (const standIn of needs.keys()) {
    if (standIn.bytes === undefined) continue;
    const bytes = new Uint8Array(standIn.bytes);
    // Large ones are hardly ever equal, and their text would be long.
    const text = bytes.length <= step ? bytes.join() : `${size}`;
    const offset = known.get(text) ?? size;
    if (offset === size) size += Math.ceil(bytes.length / step) * step;
    known.set(text, offset);
    filled.push([standIn, bytes, offset]);
  }
  const usage = tensorUsage() | GPUBufferUsage.UNIFORM;
  const buffer = device.createBuffer({ size, usage, mappedAtCreation: true });
  const memory = new Uint8Array(buffer.getMappedRange());
  for (const [standIn, bytes, offset] of filled) {
    memory.set(bytes, offset);
    places.set(standIn, { buffer, offset });
  }
  buffer.unmap();
  return buffer;
}
