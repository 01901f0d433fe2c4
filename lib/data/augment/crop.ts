/**
 * Cutting at random, and mirror images: a window that may reach over the edge, where it sees zeros.
 *
 * @module
 */

import { ArgumentError, ShapeError } from "../../errors.ts";
import { blank, channelsOf, type Picture } from "../picture.ts";
import { type Augmentation, checkProbability, choose, draws } from "./augmentation.ts";

/** Options of {@linkcode randomCrop}. */
export interface RandomCropOptions {
  /** Height and width of what is cut out; those of the picture by default. */
  readonly size?: number | readonly [height: number, width: number];
  /** How far the window may reach over each edge; 0 by default, 4 in the paper for CIFAR. */
  readonly padding?: number;
}

/**
 * Cuts a window out of a picture at a place drawn at random, all places being equally likely. Beyond
 * the edge there are zeros: black before normalising, the mean after it.
 *
 * @throws {ArgumentError} If an option is out of its range.
 * @throws {ShapeError} When augmenting, if the padded picture is smaller than the window.
 *
 * @example A pixel of two
 * ```ts
 * import { assert } from "@std/assert";
 * import { key } from "@fplusx/nn";
 * import { randomCrop } from "@fplusx/nn/data";
 *
 * const pair = { height: 1, width: 2, data: Uint8Array.of(1, 2) };
 * const [pixel] = randomCrop({ size: 1 })(pair, key(0)).data;
 * assert(pixel === 1 || pixel === 2);
 * ```
 */
export function randomCrop(options: RandomCropOptions = {}): Augmentation {
  const { size, padding = 0 } = options;
  if (!Number.isInteger(padding) || padding < 0) {
    throw new ArgumentError(`Cannot crop with padding ${padding}: need an integer from 0`);
  }
  const sizes = typeof size === "number" ? [size, size] as const : size;
  if (sizes && !sizes.every((size) => Number.isInteger(size) && size > 0)) {
    throw new ArgumentError(`Cannot crop to ${sizes.join(" × ")} pixels: need positive integers`);
  }
  return (picture, key) => {
    const [height, width] = sizes ?? [picture.height, picture.width];
    const [rows, columns] = [
      picture.height + 2 * padding - height + 1,
      picture.width + 2 * padding - width + 1,
    ];
    if (rows < 1 || columns < 1) {
      throw new ShapeError(
        `Cannot crop ${height} × ${width} pixels out of a picture of ${picture.height} × ` +
          `${picture.width} with padding ${padding}: need at least as many`,
      );
    }
    const [down, across] = draws(key, 2);
    const top = choose(down!, rows) - padding;
    const left = choose(across!, columns) - padding;
    return view(picture, { top, left, height, width });
  };
}

/** A rectangle that may reach over the edges. */
export type Window = {
  /** The first row. */
  readonly top: number;
  /** The first column. */
  readonly left: number;
  /** Number of rows. */
  readonly height: number;
  /** Number of columns. */
  readonly width: number;
};

/** Gives what is seen through a window, with zeros beyond the edges. */
export function view(picture: Picture, { top, left, height, width }: Window): Picture {
  const channels = channelsOf(picture);
  const data = blank(picture.data, height * width * channels);
  const start = Math.max(0, left);
  const end = Math.min(picture.width, left + width);
  const last = Math.min(picture.height, top + height);
  for (let row = Math.max(0, top); row < last && start < end; row++) {
    const from = row * picture.width;
    data.set(
      picture.data.subarray((from + start) * channels, (from + end) * channels),
      ((row - top) * width + start - left) * channels,
    );
  }
  return { height, width, data };
}

/**
 * Exchanges left and right of some pictures.
 *
 * @param probability Share of the pictures that are mirrored; 0.5 by default.
 * @throws {ArgumentError} If the probability is not from 0 to 1.
 *
 * @example Always
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key } from "@fplusx/nn";
 * import { randomFlip } from "@fplusx/nn/data";
 *
 * const pair = { height: 1, width: 2, data: Uint8Array.of(1, 2) };
 * assertEquals(randomFlip(1)(pair, key(0)).data, Uint8Array.of(2, 1));
 * ```
 */
export function randomFlip(probability = 0.5): Augmentation {
  checkProbability("flip", probability);
  return (picture, key) => draws(key, 1)[0]! < probability ? mirror(picture) : picture;
}

/** Gives the mirror image. */
function mirror(picture: Picture): Picture {
  const { height, width, data } = picture;
  const channels = channelsOf(picture);
  const mirrored = blank(data, data.length);
  for (let row = 0, from = 0; row < height; row++) {
    for (let column = width - 1; column >= 0; column--) {
      const to = (row * width + column) * channels;
      for (let c = 0; c < channels; c++) mirrored[to + c] = data[from++]!;
    }
  }
  return { height, width, data: mirrored };
}
