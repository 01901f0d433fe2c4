/**
 * Random erasing: a rectangle of the picture is covered, so that no single part is relied upon.
 *
 * Zhong et al., *Random erasing data augmentation* (AAAI 2020).
 *
 * @module
 */

import { fold } from "../../key.ts";
import { blank, channelsOf, type Picture } from "../picture.ts";
import { type Augmentation, checkProbability, checkRange, choose, draws } from "./augmentation.ts";
import type { Window } from "./placement.ts";

/** Options of {@linkcode randomErasing}. */
export interface RandomErasingOptions {
  /** Share of the pictures that are erased; 0.5 by default, as in torchvision. */
  readonly probability?: number;
  /** Share of the area that is covered; `[0.02, 0.33]` by default, as in torchvision. */
  readonly scale?: readonly [least: number, most: number];
  /** Height by width of what is covered; `[0.3, 3.3]` by default, as in torchvision. */
  readonly ratio?: readonly [least: number, most: number];
}

/**
 * Covers a rectangle of random area, form and place with zeros: the mean, when it is done after
 * normalising, as is usual. The arithmetic is that of torchvision's `RandomErasing`.
 *
 * @throws {ArgumentError} If an option is out of its range.
 *
 * @example A half at most
 * ```ts
 * import { assert } from "@std/assert";
 * import { key } from "@fplusx/nn";
 * import { randomErasing } from "@fplusx/nn/data";
 *
 * const picture = { height: 10, width: 10, data: new Float32Array(100).fill(1) };
 * const { data } = randomErasing({ probability: 1 })(picture, key(0));
 * const left = [...data].filter((value) => value === 1);
 * assert(left.length > 50 && left.length < 100);
 * ```
 */
export function randomErasing(options: RandomErasingOptions = {}): Augmentation {
  const { probability = 0.5, scale = [0.02, 0.33], ratio = [0.3, 3.3] } = options;
  checkProbability("erase", probability);
  checkRange("a share of the area", scale, 0, 1);
  checkRange("a ratio", ratio, 0, Infinity);
  return (picture, key) => {
    if (draws(key, 1)[0]! >= probability) return picture;
    const window = erased(picture, draws(fold(key, 0), 4 * ATTEMPTS), scale, ratio);
    return window ? cover(picture, window) : picture;
  };
}

const ATTEMPTS = 10;

/** The first of ten rectangles that are smaller than the picture; none, if none is. */
function erased(
  { height, width }: Picture,
  drawn: ArrayLike<number>,
  [smallest, largest]: readonly [number, number],
  [flattest, highest]: readonly [number, number],
): Window | undefined {
  for (let i = 0; i < drawn.length; i += 4) {
    const area = height * width * (smallest + (largest - smallest) * drawn[i]!);
    const aspect = flattest * (highest / flattest) ** drawn[i + 1]!;
    const [h, w] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (h >= height || w >= width) continue;
    const top = choose(drawn[i + 2]!, height - h + 1);
    const left = choose(drawn[i + 3]!, width - w + 1);
    return { top, left, height: h, width: w };
  }
}

function cover(picture: Picture, { top, left, height, width }: Window): Picture {
  const channels = channelsOf(picture);
  const data = blank(picture.data, picture.data.length);
  data.set(picture.data);
  for (let row = top; row < top + height; row++) {
    const start = (row * picture.width + left) * channels;
    data.fill(0, start, start + width * channels);
  }
  return { ...picture, data };
}
