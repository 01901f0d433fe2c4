/**
 * Cutting and resizing as networks for ImageNet are trained: Inception's crop of any area and form,
 * and the paper's picture of random size. Resizing is that of Pillow, to the byte.
 *
 * @module
 */

import { ArgumentError } from "../../errors.ts";
import { resize, resizeShorter } from "../../images/resize.ts";
import { bytesOf, type Picture } from "../picture.ts";
import { type Augmentation, checkRange, choose, draws } from "./augmentation.ts";
import { cut, see, whole, type Window } from "./placement.ts";

/** Limits of {@linkcode randomResizedCrop}. */
export interface RandomResizedCropOptions {
  /** Share of the area that is cut out; `[0.08, 1]` by default (Szegedy et al. 2015). */
  readonly scale?: readonly [least: number, most: number];
  /** Width by height of what is cut out; `[3/4, 4/3]` by default (Szegedy et al. 2015). */
  readonly ratio?: readonly [least: number, most: number];
}

/**
 * Cuts out a rectangle of random area, form and place, and resizes it to a square of `size` pixels.
 * The arithmetic is that of torchvision's `RandomResizedCrop`.
 *
 * @throws {ArgumentError} If an option is out of its range.
 * @throws {DTypeError} When augmenting, if the picture is normalised.
 * @throws {ShapeError} When augmenting, if the picture does not have 3 channels.
 *
 * @example A square of 8 pixels
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key } from "@fplusx/nn";
 * import { randomResizedCrop } from "@fplusx/nn/data";
 *
 * const picture = { height: 20, width: 30, data: new Uint8Array(1800).fill(7) };
 * assertEquals(randomResizedCrop(8)(picture, key(0)).data, new Uint8Array(192).fill(7));
 * ```
 */
export function randomResizedCrop(
  size: number,
  options: RandomResizedCropOptions = {},
): Augmentation {
  const { scale = [0.08, 1], ratio = [3 / 4, 4 / 3] } = options;
  if (!Number.isInteger(size) || size < 1) {
    throw new ArgumentError(`Cannot crop to ${size} pixels: need a positive integer`);
  }
  checkRange("a share of the area", scale, 0, 1);
  checkRange("a ratio", ratio, 0, Infinity);
  return (picture, key) => {
    bytesOf("resize", picture, [3]);
    const window = windowOf(picture, draws(key, 4 * ATTEMPTS), scale, ratio);
    const part = see(picture, cut(whole(picture), window));
    return resized(part, (image) => resize(image, size, size));
  };
}

const ATTEMPTS = 10;

/** The first of ten rectangles that fits; else the largest in the middle with a ratio allowed. */
export function windowOf(
  { height, width }: Pick<Picture, "height" | "width">,
  drawn: ArrayLike<number>,
  [smallest, largest]: readonly [number, number],
  [narrowest, widest]: readonly [number, number],
): Window {
  for (let i = 0; i < drawn.length; i += 4) {
    const area = height * width * (smallest + (largest - smallest) * drawn[i]!);
    const aspect = narrowest * (widest / narrowest) ** drawn[i + 1]!;
    const [w, h] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (w < 1 || w > width || h < 1 || h > height) continue;
    const top = choose(drawn[i + 2]!, height - h + 1);
    const left = choose(drawn[i + 3]!, width - w + 1);
    return { top, left, height: h, width: w };
  }
  const aspect = Math.min(Math.max(width / height, narrowest), widest);
  const h = Math.max(1, Math.min(height, Math.round(width / aspect)));
  const w = Math.max(1, Math.min(width, Math.round(height * aspect)));
  return { top: (height - h) >> 1, left: (width - w) >> 1, height: h, width: w };
}

/**
 * Resizes a picture so that its shorter side has a number of pixels drawn at random, each from `least`
 * to `most` being equally likely; the paper draws from 256 to 480, and then crops 224 pixels.
 *
 * @throws {ArgumentError} If the limits are not integers that rise.
 * @throws {DTypeError} When augmenting, if the picture is normalised.
 * @throws {ShapeError} When augmenting, if the picture does not have 3 channels.
 *
 * @example As large as drawn
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key } from "@fplusx/nn";
 * import { inTurn, randomCrop, randomScale } from "@fplusx/nn/data";
 *
 * const augment = inTurn(randomScale(8, 12), randomCrop({ size: 6 }));
 * const { height, width } = augment({ height: 5, width: 7, data: new Uint8Array(105) }, key(0));
 * assertEquals([height, width], [6, 6]);
 * ```
 */
export function randomScale(least = 256, most = 480): Augmentation {
  checkRange("a shorter side", [least, most], 1, Infinity);
  if (!Number.isInteger(least) || !Number.isInteger(most)) {
    throw new ArgumentError(
      `Cannot draw a shorter side from ${least} to ${most}: need integers`,
    );
  }
  return (picture, key) => {
    const side = least + choose(draws(key, 1)[0]!, most - least + 1);
    return resized(picture, (image) => resizeShorter(image, side));
  };
}

function resized(picture: Picture, change: (image: Picture & { data: Uint8Array }) => Picture) {
  return change({ ...picture, data: bytesOf("resize", picture, [3]) });
}
