/**
 * A data set is plain data in memory: images `[count, height, width, channels]`, one label each, and
 * the mean and deviation that batches are normalised with. It is checked once, when it is made, so
 * that everything after it can trust it.
 *
 * @module
 */

import {
  ArgumentError,
  DTypeError,
  EmptyError,
  LabelError,
  ShapeError,
  showShape,
} from "../errors.ts";
import { sizeOf } from "../tensor.ts";

/** Mean and standard deviation of each channel, or of each value of an image, from 0 to 1. */
export type Statistics = {
  /** Mean of each channel, or of each value. */
  readonly mean: readonly number[];
  /** Standard deviation of each channel, or of each value. */
  readonly deviation: readonly number[];
};

/** Images with labels. */
export type Dataset = {
  /** Pixels, image by image, row by row: bytes from 0 to 255, or floats that are taken as they are. */
  readonly images: Uint8Array | Float32Array;
  /** `[count, height, width, channels]`. */
  readonly shape: readonly [count: number, height: number, width: number, channels: number];
  /** The class of each image. */
  readonly labels: Int32Array;
  /** Number of classes. */
  readonly classes: number;
  /** Name of each class. */
  readonly classNames: readonly string[];
  /** What batches are normalised with. */
  readonly statistics: Statistics;
};

/** What a data set is made from. */
export interface DatasetOptions {
  /** Pixels, image by image, row by row: bytes from 0 to 255, or floats that are taken as they are. */
  readonly images: Uint8Array | Float32Array;
  /** `[count, height, width, channels]`. */
  readonly shape: readonly number[];
  /** The class of each image. */
  readonly labels: Uint8Array | Int32Array | readonly number[];
  /** Number of classes, or their names. */
  readonly classes: number | readonly string[];
  /** What batches are normalised with; measured on `images` by default. */
  readonly statistics?: Statistics;
}

/**
 * Makes a data set, and checks it.
 *
 * @throws {DTypeError} If the images are neither bytes nor 32-bit floats.
 * @throws {ShapeError} If the numbers of pixels, labels or channels do not fit the shape.
 * @throws {EmptyError} If there is no image.
 * @throws {LabelError} If a label is not an integer from 0 up to the number of classes.
 *
 * @example Two tiny images
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dataset } from "@fplusx/nn/data";
 *
 * const pair = dataset({
 *   images: Uint8Array.of(0, 255, 255, 0),
 *   shape: [2, 1, 2, 1],
 *   labels: [1, 0],
 *   classes: ["left", "right"],
 * });
 * assertEquals(pair.classes, 2);
 * assertEquals(pair.statistics, { mean: [0.5], deviation: [0.5] });
 * ```
 */
export function dataset(options: DatasetOptions): Dataset {
  const { images, shape, labels } = options;
  if (!(images instanceof Uint8Array || images instanceof Float32Array)) {
    const kind = ArrayBuffer.isView(images) ? (images as object).constructor.name : typeof images;
    throw new DTypeError(
      `Cannot make a data set from images in a ${kind}: need a Uint8Array or Float32Array`,
    );
  }
  const [count, height, width, channels] = shape;
  if (
    shape.length !== 4 || !shape.every((size) => Number.isInteger(size) && size >= 0) ||
    count === undefined || height === undefined || width === undefined || channels === undefined
  ) {
    throw new ShapeError(
      `Cannot make a data set of shape ${showShape(shape)}: need [count,height,width,channels]`,
    );
  }
  if (sizeOf(shape) !== images.length) {
    throw new ShapeError(
      `Cannot make a data set of shape ${showShape(shape)}: need ${sizeOf(shape)} pixels, got ` +
        images.length,
    );
  }
  if (images.length === 0) {
    throw new EmptyError(`Cannot make a data set of shape ${showShape(shape)}: it has no pixels`);
  }
  if (labels.length !== count) {
    throw new ShapeError(
      `Cannot make a data set of ${count} images: need as many labels, got ${labels.length}`,
    );
  }
  const classNames = namesOf(options.classes);
  checkLabels(labels, classNames.length);
  const measured = options.statistics ?? statistics(images, channels);
  for (const [what, { length }] of Object.entries(measured)) {
    if (length !== channels && length !== height * width * channels) {
      throw new ShapeError(
        `Cannot normalise images of ${channels} channels with a ${what} of ${length}`,
      );
    }
  }
  return Object.freeze({
    images,
    shape: [count, height, width, channels] as const,
    labels: Int32Array.from(labels),
    classes: classNames.length,
    classNames,
    statistics: measured,
  });
}

function namesOf(classes: number | readonly string[]): readonly string[] {
  const count = typeof classes === "number" ? classes : classes.length;
  if (!Number.isInteger(count) || count < 1) {
    throw new ArgumentError(`Cannot make a data set of ${count} classes: need an integer above 0`);
  }
  return typeof classes === "number"
    ? Array.from({ length: count }, (_, i) => `${i}`)
    : [...classes];
}

function checkLabels(labels: ArrayLike<number>, classes: number): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new LabelError(
        `Cannot use label ${label} of image ${i}: need an integer from 0 to ${classes - 1}`,
      );
    }
  }
}

/**
 * Measures mean and standard deviation of each channel; bytes count as pixels from 0 to 1.
 *
 * @param images Pixels with the channels innermost.
 */
export function statistics(images: Uint8Array | Float32Array, channels: number): Statistics {
  const scale = images instanceof Uint8Array ? 1 / 255 : 1;
  const count = images.length / channels;
  const mean: number[] = [];
  const deviation: number[] = [];
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let i = c; i < images.length; i += channels) sum += images[i]!;
    const average = sum / count;
    let squares = 0;
    for (let i = c; i < images.length; i += channels) squares += (images[i]! - average) ** 2;
    mean.push(average * scale);
    deviation.push(Math.sqrt(squares / count) * scale);
  }
  return { mean, deviation };
}
