/**
 * Normalising: values from 0 to 1, less the mean, divided by the deviation; those of each channel, or
 * those of each value of a picture, as the paper does for CIFAR.
 *
 * @module
 */

import { ShapeError, showShape } from "../errors.ts";
import type { Dataset, Statistics } from "./dataset.ts";
import { channelsOf, type Picture } from "./picture.ts";

/** Writes the normalised values of a picture into `target`, from `at` on. */
export type Normalizer = (picture: Picture, target: Float32Array, at: number) => void;

/**
 * Makes what normalises with these statistics.
 *
 * @throws {ShapeError} When normalising, if they are for other channels, or other sizes.
 */
export function normalizer(statistics: Statistics): Normalizer {
  const { mean, deviation } = statistics;
  const scale = deviation.map(scaleOf);
  const channels = mean.length === scale.length && mean.length <= 4 ? mean.length : 0;
  // A byte has only 256 values, so they are looked up.
  const table = channels > 0 ? normalizedBytes(statistics) : new Float32Array();
  return (picture, target, at) => {
    checkStatistics(picture, mean.length);
    checkStatistics(picture, scale.length);
    const { data } = picture;
    if (data instanceof Uint8Array && channels > 0) {
      for (let i = 0, c = 0; i < data.length; i++) {
        target[at + i] = table[c << 8 | data[i]!]!;
        if (++c === channels) c = 0;
      }
      return;
    }
    const unit = data instanceof Uint8Array ? 255 : 1;
    for (let i = 0; i < data.length; i++) {
      target[at + i] = (data[i]! / unit - mean[i % mean.length]!) * scale[i % scale.length]!;
    }
  };
}

/** What never varies is centred and left as small as it is. */
const scaleOf = (deviation: number): number => deviation > 0 ? 1 / deviation : 1;

const tables = new WeakMap<Statistics, Float32Array>();

/** Gives what the bytes from 0 to 255 become: for each channel, or for each value of a picture. */
export function normalizedBytes(statistics: Statistics): Float32Array {
  let table = tables.get(statistics);
  if (table !== undefined) return table;
  const { mean, deviation } = statistics;
  const scale = deviation.map(scaleOf);
  table = Float32Array.from(
    { length: 256 * Math.max(mean.length, scale.length) },
    (_, i) => ((i & 255) / 255 - mean[(i >> 8) % mean.length]!) * scale[(i >> 8) % scale.length]!,
  );
  tables.set(statistics, table);
  return table;
}

function checkStatistics(picture: Picture, length: number): void {
  const { height, width, data } = picture;
  const channels = channelsOf(picture);
  if (length === channels || length === data.length) return;
  throw new ShapeError(
    `Cannot normalise a picture of shape ${showShape([height, width, channels])} with statistics ` +
      `of ${length} values: need one for each channel, or one for each value`,
  );
}

/**
 * Measures the mean of each value over all pictures; the deviation is 1. This is what the paper
 * subtracts, from training and test pictures alike.
 *
 * @example Normalising as in the paper
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dataset, pixelMean } from "@fplusx/nn/data";
 *
 * const images = Uint8Array.of(0, 0, 255, 51);
 * const pair = dataset({ images, shape: [2, 1, 2, 1], labels: [0, 0], classes: 1 });
 * const centred = dataset({ ...pair, statistics: pixelMean(pair) });
 * assertEquals(centred.statistics, { mean: [0.5, 0.1], deviation: [1] });
 * ```
 */
export function pixelMean(
  { images, shape: [count, height, width, channels] }: Dataset,
): Statistics {
  const size = height * width * channels;
  const sums = new Float64Array(size);
  for (let start = 0; start < images.length; start += size) {
    for (let i = 0; i < size; i++) sums[i]! += images[start + i]!;
  }
  const unit = images instanceof Uint8Array ? 255 : 1;
  return {
    mean: Array.from(sums, (sum) => sum / count / unit),
    deviation: new Array<number>(channels).fill(1),
  };
}
