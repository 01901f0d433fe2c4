/**
 * MNIST: 60,000 handwritten digits to learn from and 10,000 to test on, 28 × 28 pixels each, in the
 * IDX files of LeCun, Cortes and Burges. Fashion-MNIST has the same form.
 *
 * @module
 */

import { FormatError, showShape } from "../errors.ts";
import { type Dataset, dataset, type DatasetOptions, type Statistics } from "./dataset.ts";
import { parseIdx } from "./idx.ts";

/** Mean and deviation of the 60,000 training images. */
const STATISTICS: Statistics = Object.freeze({ mean: [0.1307], deviation: [0.3081] });

/**
 * Makes a data set `[count, 28, 28, 1]` of ten classes from the bytes of two IDX files.
 *
 * @throws {FormatError} If the bytes are not IDX files of images and labels.
 * @throws {ShapeError} If there are not as many labels as images.
 * @throws {LabelError} If a label is above 9.
 *
 * @example One image
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mnist } from "@fplusx/nn/data";
 *
 * const images = new Uint8Array(16 + 28 * 28);
 * images.set([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28]);
 * const digits = mnist(images, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 5));
 * assertEquals(digits.shape, [1, 28, 28, 1]);
 * assertEquals(digits.labels, Int32Array.of(5));
 * ```
 */
export function mnist(images: Uint8Array, labels: Uint8Array): Dataset {
  return idxDataset(images, labels, 10, STATISTICS);
}

/** Makes a data set of one channel from the bytes of two IDX files. */
export function idxDataset(
  images: Uint8Array,
  labels: Uint8Array,
  classes: DatasetOptions["classes"],
  statistics: Statistics,
): Dataset {
  const pixels = bytesOfRank(images, 3, "images");
  return dataset({
    images: pixels.data,
    shape: [...pixels.shape, 1],
    labels: bytesOfRank(labels, 1, "labels").data,
    classes,
    statistics,
  });
}

function bytesOfRank(file: Uint8Array, rank: number, what: string) {
  const { shape, data } = parseIdx(file);
  if (shape.length === rank && data instanceof Uint8Array) return { shape, data };
  throw new FormatError(
    `Cannot use an IDX file of ${data.constructor.name} ${showShape(shape)} as ${what}: need ` +
      `bytes of rank ${rank}`,
    2,
  );
}
