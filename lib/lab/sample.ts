/**
 * The images of an experiment: the first of a data set, made smaller by taking means of squares of
 * pixels, so that a CPU can learn from them in minutes.
 *
 * @module
 */

import { type Dataset, dataset, take } from "../data/mod.ts";
import { ArgumentError } from "../errors.ts";
import type { LabData } from "./bench.ts";

/** Which images, and how large. */
export type Sample = {
  /** Images to learn from. */
  readonly images: number;
  /** Images to measure on. */
  readonly tests: number;
  /** Pixels on a side of the squares whose mean is taken; 1 leaves the images as they are. */
  readonly shrink: number;
};

/** Gives the images of an experiment, normalised with their own statistics. */
export function sampleOf({ train, test }: LabData, sample: Sample): Omit<LabData, "name"> {
  const learned = shrink(take(train, sample.images), sample.shrink);
  const measured = shrink(take(test, sample.tests), sample.shrink);
  return { train: learned, test: { ...measured, statistics: learned.statistics } };
}

/**
 * Gives a data set with images smaller by a factor: each pixel is the mean of a square of pixels,
 * rounded.
 *
 * @throws {ArgumentError} If the factor does not divide height and width.
 *
 * @example Four pixels become one
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dataset } from "@fplusx/nn/data";
 * import { shrink } from "@fplusx/nn/lab";
 *
 * const one = dataset({
 *   images: Uint8Array.of(10, 20, 30, 40),
 *   shape: [1, 2, 2, 1],
 *   labels: [0],
 *   classes: 1,
 * });
 * assertEquals(shrink(one, 2).images, Uint8Array.of(25));
 * ```
 */
export function shrink(whole: Dataset, factor: number): Dataset {
  const [count, height, width, channels] = whole.shape;
  if (!Number.isInteger(factor) || factor < 1 || height % factor > 0 || width % factor > 0) {
    throw new ArgumentError(
      `Cannot shrink images of ${height} × ${width} by ${factor}: need a divisor of both`,
    );
  }
  const [rows, columns] = [height / factor, width / factor];
  const { images, labels, classNames } = whole;
  const small = new (images instanceof Uint8Array ? Uint8Array : Float32Array)(
    count * rows * columns * channels,
  );
  const sums = new Float64Array(rows * columns * channels);
  for (let image = 0; image < count; image++) {
    sums.fill(0);
    const from = image * height * width * channels;
    for (let i = 0; i < height * width * channels; i++) {
      const [y, x, c] = [
        Math.floor(i / (width * channels)),
        Math.floor(i / channels) % width,
        i % channels,
      ];
      const pixel = Math.floor(y / factor) * columns + Math.floor(x / factor);
      sums[pixel * channels + c]! += images[from + i]!;
    }
    const means = sums.map((sum) => sum / factor ** 2);
    small.set(images instanceof Uint8Array ? means.map(Math.round) : means, image * sums.length);
  }
  return dataset({
    images: small,
    shape: [count, rows, columns, channels],
    labels,
    classes: classNames,
  });
}
