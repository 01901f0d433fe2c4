/**
 * A stream of batches. Which image comes when depends on nothing but the key, the epoch and the
 * position, so a cursor of two numbers is enough to take a stopped run up again at the next batch.
 *
 * @module
 */

import { ArgumentError, EmptyError } from "../errors.ts";
import { fold, type Key, permutation } from "../key.ts";
import { tensor } from "../ops.ts";
import { release } from "../ownership.ts";
import type { Tensor } from "../tensor.ts";
import type { Dataset } from "./dataset.ts";

/** A place in a stream of batches. */
export type Cursor = {
  /** How many times the data were gone through. */
  readonly epoch: number;
  /** How many images of this epoch were taken. */
  readonly index: number;
};

/** Images and labels, owned by whoever took the batch; `using` or `release` lets go of them. */
export interface LabelledBatch extends Disposable {
  /** Normalised images `[batch, height, width, channels]`, `float32`. */
  readonly x: Tensor;
  /** Labels `[batch]`, `int32`. */
  readonly y: Tensor;
  /** The place right after this batch. */
  readonly cursor: Cursor;
}

/** How a data set is cut into batches. */
export interface BatchesOptions {
  /** Number of images in a batch. */
  readonly size: number;
  /** Shuffles each epoch anew; the order of the data set by default. */
  readonly key?: Key;
  /** Leaves out the last batch of an epoch when it is not full; `false` by default. */
  readonly dropLast?: boolean;
  /** How many times to go through the data, from the very start; 1 by default, or `Infinity`. */
  readonly epochs?: number;
  /** Where to start; the very start by default. */
  readonly cursor?: Cursor;
}

/**
 * Gives the batches of a data set: `x` `[batch, height, width, channels]`, normalised with the
 * statistics of the data set, and `y` `[batch]`. The last batch of an epoch may be smaller, and a
 * `size` above the number of images gives one batch of all, unless `dropLast` is set. What comes can
 * be gone through again and again.
 *
 * @throws {ArgumentError} If an option is out of its range.
 * @throws {EmptyError} If `dropLast` leaves no batch at all.
 *
 * @example Stopping after two batches, and going on
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, setup } from "@fplusx/nn";
 * import { batches, dataset } from "@fplusx/nn/data";
 *
 * await setup({ backend: "cpu" });
 * const images = Uint8Array.from({ length: 10 }, (_, i) => i);
 * const digits = dataset({ images, shape: [10, 1, 1, 1], labels: images, classes: 10 });
 * const seen: number[] = [];
 * let cursor = { epoch: 0, index: 0 };
 * for (using batch of batches(digits, { size: 4, key: key(0) })) {
 *   seen.push(...await batch.y.data());
 *   cursor = batch.cursor;
 *   if (seen.length === 8) break;
 * }
 * for (using batch of batches(digits, { size: 4, key: key(0), cursor })) {
 *   seen.push(...await batch.y.data());
 * }
 * assertEquals(seen.sort(), [...images]);
 * ```
 */
export function batches(data: Dataset, options: BatchesOptions): Iterable<LabelledBatch> {
  const { size, key, dropLast = false, epochs = 1, cursor = { epoch: 0, index: 0 } } = options;
  const count = data.shape[0];
  check("size", size, "an integer above 0", Number.isInteger(size) && size > 0);
  check(
    "epochs",
    epochs,
    "an integer above 0 or Infinity",
    (Number.isInteger(epochs) || epochs === Infinity) && epochs > 0,
  );
  check("epoch", cursor.epoch, "an integer from 0", isIndex(cursor.epoch, Infinity));
  check("index", cursor.index, `an integer from 0 to ${count}`, isIndex(cursor.index, count));
  if (dropLast && size > count) {
    throw new EmptyError(
      `Cannot make batches of ${size} from ${count} images: leaving out the last leaves none`,
    );
  }
  const fill = normaliser(data);
  function* generate(): Generator<LabelledBatch> {
    let { index } = cursor;
    for (let epoch = cursor.epoch; epoch < epochs; epoch++, index = 0) {
      const order = key && permutation(fold(key, epoch), count);
      while (index < count && !(dropLast && index + size > count)) {
        const end = Math.min(index + size, count);
        const rows = order?.subarray(index, end) ??
          Uint32Array.from({ length: end - index }, (_, i) => index + i);
        index = end;
        const isLast = index === count || dropLast && index + size > count;
        yield batchOf(data, rows, fill, isLast ? { epoch: epoch + 1, index: 0 } : { epoch, index });
      }
    }
  }
  return { [Symbol.iterator]: generate };
}

const isIndex = (value: number, end: number) =>
  Number.isInteger(value) && value >= 0 && value <= end;

function check(name: string, value: number, need: string, holds: boolean): void {
  if (!holds) throw new ArgumentError(`Cannot make batches with ${name} ${value}: need ${need}`);
}

function batchOf(data: Dataset, rows: Uint32Array, fill: Fill, cursor: Cursor): LabelledBatch {
  const [, height, width, channels] = data.shape;
  const size = height * width * channels;
  const pixels = new Float32Array(rows.length * size);
  rows.forEach((row, i) => fill(pixels, i * size, row * size, size));
  const batch = {
    x: tensor(pixels, [rows.length, height, width, channels]),
    y: tensor(Int32Array.from(rows, (row) => data.labels[row]!)),
  };
  // Not enumerable, so that a batch is a tree of two tensors wherever one is asked for.
  return Object.defineProperties(batch as LabelledBatch, {
    cursor: { value: cursor },
    [Symbol.dispose]: { value: () => release(batch) },
  });
}

type Fill = (target: Float32Array, at: number, from: number, size: number) => void;

/** Copies pixels from the data set, normalised; a byte has only 256 values, so they are looked up. */
function normaliser({ images, shape: [, , , channels], statistics }: Dataset): Fill {
  const { mean, deviation } = statistics;
  // A channel that never varies is centred and left as small as it is.
  const scale = deviation.map((value) => value > 0 ? 1 / value : 1);
  if (images instanceof Float32Array) {
    return (target, at, from, size) => {
      for (let i = 0; i < size; i++) {
        const c = (from + i) % channels;
        target[at + i] = (images[from + i]! - mean[c]!) * scale[c]!;
      }
    };
  }
  const table = Float32Array.from(
    { length: 256 * channels },
    (_, i) => (i % 256 / 255 - mean[Math.floor(i / 256)]!) * scale[Math.floor(i / 256)]!,
  );
  return (target, at, from, size) => {
    for (let i = 0, c = 0; i < size; i++) {
      target[at + i] = table[c * 256 + images[from + i]!]!;
      if (++c === channels) c = 0;
    }
  };
}
