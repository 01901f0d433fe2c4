/**
 * Parts of images and their mirror images.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { CHANNELS, checkSize, type Image } from "./image.ts";

/** A rectangle in an image. */
export interface CropOptions {
  /** The first row. */
  readonly top: number;
  /** The first column. */
  readonly left: number;
  /** Number of rows. */
  readonly height: number;
  /** Number of columns. */
  readonly width: number;
}

/**
 * Cuts a rectangle out of an image.
 *
 * @throws {ArgumentError} If it is not inside of the image.
 *
 * @example The pixel on the right
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crop, image } from "@fplusx/nn/images";
 *
 * const pair = image(1, 2, Uint8Array.of(1, 2, 3, 4, 5, 6));
 * const right = crop(pair, { top: 0, left: 1, height: 1, width: 1 });
 * assertEquals(right.data, Uint8Array.of(4, 5, 6));
 * ```
 */
export function crop(image: Image, { top, left, height, width }: CropOptions): Image {
  checkSize("cut out", height, width);
  const inside = (start: number, size: number, end: number) =>
    Number.isInteger(start) && start >= 0 && start + size <= end;
  if (!inside(top, height, image.height) || !inside(left, width, image.width)) {
    throw new ArgumentError(
      `Cannot cut ${height} × ${width} pixels from row ${top} and column ${left} out of an image ` +
        `of ${image.height} × ${image.width}: need a part of it`,
    );
  }
  const data = new Uint8Array(height * width * CHANNELS);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * image.width + left) * CHANNELS;
    data.set(image.data.subarray(from, from + width * CHANNELS), row * width * CHANNELS);
  }
  return { height, width, data };
}

/**
 * Cuts the middle out of an image: a square of `side` pixels. Where it cannot be exactly in the
 * middle it is where torchvision has it.
 *
 * @throws {ArgumentError} If the image is smaller.
 *
 * @example The middle of three pixels
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { centerCrop, image } from "@fplusx/nn/images";
 *
 * const column = image(3, 1, Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3));
 * assertEquals(centerCrop(column, 1).data, Uint8Array.of(2, 2, 2));
 * ```
 */
export function centerCrop(image: Image, side: number): Image {
  const start = (size: number) => roundHalfToEven((size - side) / 2);
  const [top, left] = [start(image.height), start(image.width)];
  return crop(image, { top, left, height: side, width: side });
}

/** Rounds as Python does. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + Math.abs(floor % 2) : Math.round(value);
}

/**
 * Gives the mirror image: left and right are exchanged.
 *
 * @example Twice is the image itself
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { flip, image } from "@fplusx/nn/images";
 *
 * const pair = image(1, 2, Uint8Array.of(1, 2, 3, 4, 5, 6));
 * assertEquals(flip(pair).data, Uint8Array.of(4, 5, 6, 1, 2, 3));
 * assertEquals(flip(flip(pair)), pair);
 * ```
 */
export function flip({ height, width, data }: Image): Image {
  const mirrored = new Uint8Array(data.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = (row * width + column) * CHANNELS;
      const to = (row * width + width - 1 - column) * CHANNELS;
      for (let c = 0; c < CHANNELS; c++) mirrored[to + c] = data[from + c]!;
    }
  }
  return { height, width, data: mirrored };
}

/**
 * Gives the four corners and the middle of an image, squares of `side` pixels, and their mirror images:
 * top left, top right, bottom left, bottom right, middle, and the same five again.
 *
 * @throws {ArgumentError} If the image is smaller.
 *
 * @example Corners
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { image, tenCrops } from "@fplusx/nn/images";
 *
 * const grey = [1, 2, 3, 4].flatMap((value) => [value, value, value]);
 * const square = image(2, 2, Uint8Array.from(grey));
 * const firsts = tenCrops(square, 1).map(({ data }) => data[0]);
 * assertEquals(firsts, [1, 2, 3, 4, 1, 1, 2, 3, 4, 1]);
 * ```
 */
export function tenCrops(image: Image, side: number): Image[] {
  const square = { height: side, width: side };
  const corners = [0, image.height - side].flatMap((top) =>
    [0, image.width - side].map((left) => crop(image, { top, left, ...square }))
  );
  const five = [...corners, centerCrop(image, side)];
  return [...five, ...five.map(flip)];
}
