/**
 * Parts of a data set: a random split, the first images, or any. A part keeps classes and statistics.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { type Key, permutation } from "../key.ts";
import type { Dataset } from "./dataset.ts";

/**
 * Splits a data set at random into `n` images and the rest; both keep the statistics of the whole.
 *
 * @throws {ArgumentError} If `n` does not leave at least one image on either side.
 *
 * @example Validation images, set aside
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key } from "@fplusx/nn";
 * import { dataset, split } from "@fplusx/nn/data";
 *
 * const images = Uint8Array.from({ length: 10 }, (_, i) => i);
 * const labels = new Uint8Array(10);
 * const whole = dataset({ images, shape: [10, 1, 1, 1], labels, classes: 1 });
 * const [train, validation] = split(whole, 8, key(0));
 * assertEquals([train.shape[0], validation.shape[0]], [8, 2]);
 * assertEquals([...train.images, ...validation.images].sort(), [...images]);
 * ```
 */
export function split(whole: Dataset, n: number, key: Key): [first: Dataset, rest: Dataset] {
  const count = whole.shape[0];
  if (!Number.isInteger(n) || n < 1 || n >= count) {
    throw new ArgumentError(
      `Cannot split ${count} images at ${n}: need an integer from 1 to ${count - 1}`,
    );
  }
  const order = permutation(key, count);
  return [pick(whole, order.subarray(0, n)), pick(whole, order.subarray(n))];
}

/**
 * Gives the first `n` images of a data set, or all when it has no more or `n` is not given.
 *
 * @throws {ArgumentError} If `n` is neither an integer above 0 nor `Infinity`.
 */
export function take(whole: Dataset, n: number = Infinity): Dataset {
  if (!(Number.isInteger(n) || n === Infinity) || n < 1) {
    throw new ArgumentError(`Cannot take ${n} images: need an integer above 0 or Infinity`);
  }
  const [count, height, width, channels] = whole.shape;
  if (n >= count) return whole;
  return Object.freeze({
    ...whole,
    images: whole.images.subarray(0, n * height * width * channels),
    shape: [n, height, width, channels] as const,
    labels: whole.labels.subarray(0, n),
  });
}

/**
 * Gives the images of a data set at these positions, in this order.
 *
 * @throws {ArgumentError} If there is no image at a position.
 */
export function pick(whole: Dataset, rows: Uint32Array): Dataset {
  const outside = rows.find((row) => row >= whole.shape[0]);
  if (outside !== undefined) {
    throw new ArgumentError(`Cannot pick image ${outside}: the data set has ${whole.shape[0]}`);
  }
  const [, height, width, channels] = whole.shape;
  const size = height * width * channels;
  const images = whole.images instanceof Uint8Array
    ? new Uint8Array(rows.length * size)
    : new Float32Array(rows.length * size);
  rows.forEach((row, i) =>
    images.set(whole.images.subarray(row * size, (row + 1) * size), i * size)
  );
  return Object.freeze({
    ...whole,
    images,
    shape: [rows.length, height, width, channels] as const,
    labels: Int32Array.from(rows, (row) => whole.labels[row]!),
  });
}
