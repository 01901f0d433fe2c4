/**
 * Cutting at random, and mirror images: a window that may reach over the edge, where it sees zeros.
 *
 * @module
 */

import { ArgumentError, ShapeError } from "../../errors.ts";
import { type Augmentation, checkProbability, choose, draws, moving } from "./augmentation.ts";
import { cut, mirrored } from "./placement.ts";

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
  return moving((placement, key) => {
    const [height, width] = sizes ?? [placement.height, placement.width];
    const [rows, columns] = [
      placement.height + 2 * padding - height + 1,
      placement.width + 2 * padding - width + 1,
    ];
    if (rows < 1 || columns < 1) {
      throw new ShapeError(
        `Cannot crop ${height} × ${width} pixels out of a picture of ${placement.height} × ` +
          `${placement.width} with padding ${padding}: need at least as many`,
      );
    }
    const [down, across] = draws(key, 2);
    const top = choose(down!, rows) - padding;
    const left = choose(across!, columns) - padding;
    return cut(placement, { top, left, height, width });
  });
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
  return moving((placement, key) =>
    draws(key, 1)[0]! < probability ? mirrored(placement) : placement
  );
}
