/**
 * Streams: anything that can be gone through once, now or with waiting, changed by small functions that
 * each take a stream and give one. What comes when is decided by the source and the keys alone, so a
 * stream is taken up again by making it anew and skipping what was seen.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { fold, type Key } from "../key.ts";
import { choose, draws } from "./augment/augmentation.ts";
import { assembler, type LabelledBatch, upload } from "./batch.ts";
import type { Statistics } from "./dataset.ts";
import { type BatchesOptions, check, checkKey } from "./order.ts";
import type { Sample } from "./picture.ts";

/** Anything that can be gone through. */
export type Source<T> = Iterable<T> | AsyncIterable<T>;

/** Options of {@linkcode map}. */
export interface MapOptions {
  /** Number of results that are worked on while another is in use; 0 by default. */
  readonly ahead?: number;
}

/**
 * Changes each element; results come in the order of the source, also when they are worked on ahead.
 *
 * @throws {ArgumentError} If `ahead` is not an integer from 0.
 *
 * @example Two at a time
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { stream } from "@fplusx/nn/data";
 *
 * const doubled = stream.map([1, 2, 3], (n) => Promise.resolve(2 * n), { ahead: 2 });
 * assertEquals(await Array.fromAsync(doubled), [2, 4, 6]);
 * ```
 */
export function map<T, U>(
  source: Source<T>,
  change: (element: T, index: number) => U | Promise<U>,
  options: MapOptions = {},
): AsyncIterable<U> {
  const { ahead = 0 } = options;
  if (!Number.isInteger(ahead) || ahead < 0) {
    throw new ArgumentError(`Cannot work ${ahead} ahead: need an integer from 0`);
  }
  async function* generate(): AsyncGenerator<U> {
    const pending: Promise<U>[] = [];
    let index = 0;
    for await (const element of source) {
      const result = Promise.try(change, element, index++);
      // It is thrown when its turn comes, which may be never.
      result.catch(() => {});
      pending.push(result);
      if (pending.length > ahead) yield await pending.shift()!;
    }
    for (const result of pending) yield await result;
  }
  return { [Symbol.asyncIterator]: generate };
}

/**
 * Fetches elements from a slow source before they are asked for.
 *
 * @throws {ArgumentError} If `ahead` is not an integer from 0.
 */
export function prefetch<T>(source: Source<T>, ahead: number): AsyncIterable<T> {
  return map(source, (element) => element, { ahead });
}

/** Options of {@linkcode shuffle}. */
export interface ShuffleOptions {
  /** Decides the order. */
  readonly key: Key;
  /** Number of elements of which the next is drawn; the larger, the better mixed. */
  readonly buffer: number;
}

/**
 * Mixes a stream that cannot be read in any order: each next element is drawn from a buffer.
 *
 * @throws {ArgumentError} If the buffer is not a positive integer.
 *
 * @example Every element once
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key } from "@fplusx/nn";
 * import { stream } from "@fplusx/nn/data";
 *
 * const mixed = stream.shuffle([1, 2, 3, 4], { key: key(0), buffer: 3 });
 * assertEquals((await Array.fromAsync(mixed)).sort(), [1, 2, 3, 4]);
 * ```
 */
export function shuffle<T>(source: Source<T>, options: ShuffleOptions): AsyncIterable<T> {
  const { key, buffer } = options;
  if (!Number.isInteger(buffer) || buffer < 1) {
    throw new ArgumentError(`Cannot shuffle with a buffer of ${buffer}: need an integer above 0`);
  }
  async function* generate(): AsyncGenerator<T> {
    const held: T[] = [];
    let index = 0;
    const draw = () => {
      const at = choose(draws(fold(key, index++), 1)[0]!, held.length);
      const last = held.pop()!;
      if (at === held.length) return last;
      const drawn = held[at]!;
      held[at] = last;
      return drawn;
    };
    for await (const element of source) {
      held.push(element);
      if (held.length === buffer) yield draw();
    }
    while (held.length > 0) yield draw();
  }
  return { [Symbol.asyncIterator]: generate };
}

/** Options of {@linkcode batches}. */
export interface StreamBatchesOptions extends Omit<BatchesOptions, "epochs"> {
  /** What the pictures are normalised with; values from 0 to 1 by default. */
  readonly statistics?: Statistics;
}

/**
 * Gives the batches of a stream of samples, in the order in which they come; what augmentation draws
 * depends on the key, the epoch of the cursor and the number of the sample in the stream.
 *
 * @param options As for a data set; `cursor` skips the samples that were seen, and tells the epoch.
 * @throws {ArgumentError} If an option is out of its range.
 *
 * @example Samples that are made up on the way
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { setup } from "@fplusx/nn";
 * import { stream } from "@fplusx/nn/data";
 *
 * await setup({ backend: "cpu" });
 * async function* samples() {
 *   for (let i = 0; i < 5; i++) {
 *     yield { picture: { height: 1, width: 1, data: Uint8Array.of(51 * i) }, label: i };
 *   }
 * }
 * const sizes: number[] = [];
 * for await (using batch of stream.batches(samples(), { size: 2 })) sizes.push(batch.x.shape[0]!);
 * assertEquals(sizes, [2, 2, 1]);
 * ```
 */
export function batches(
  source: Source<Sample>,
  options: StreamBatchesOptions,
): AsyncIterable<LabelledBatch> {
  const { size, dropLast = false, cursor: { epoch, index } = { epoch: 0, index: 0 } } = options;
  const { statistics = { mean: [0], deviation: [1] } } = options;
  check("size", size, "an integer above 0", Number.isInteger(size) && size > 0);
  check("epoch", epoch, "an integer from 0", Number.isInteger(epoch) && epoch >= 0);
  check("index", index, "an integer from 0", Number.isInteger(index) && index >= 0);
  checkKey(options);
  const assemble = assembler(statistics, options);
  async function* generate(): AsyncGenerator<LabelledBatch> {
    let next = 0;
    let held: Sample[] = [];
    const make = () => {
      const origins = held.map((_, i) => ({ epoch, row: next - held.length + i }));
      const host = assemble(held, origins);
      held = [];
      return upload(host, { epoch, index: next }, origins[0]!, options);
    };
    for await (const sample of source) {
      if (next++ < index) continue;
      held.push(sample);
      if (held.length === size) yield make();
    }
    if (held.length > 0 && !dropLast) yield make();
  }
  return { [Symbol.asyncIterator]: generate };
}
