/**
 * An image as everything here passes it on: bytes of red, green and blue in host memory. Each file
 * format becomes this first, so that what follows need not know where an image is from.
 *
 * @module
 */

import { ArgumentError, ShapeError } from "../errors.ts";

/** An image in host memory. */
export type Image = {
  /** Number of rows. */
  readonly height: number;
  /** Number of columns. */
  readonly width: number;
  /** Red, green and blue from 0 to 255, pixel by pixel, row by row: `height · width · 3` bytes. */
  readonly data: Uint8Array;
};

/** Number of values of a pixel. */
export const CHANNELS = 3;

/**
 * Makes an image, and checks that there are as many bytes as it needs.
 *
 * @throws {ArgumentError} If a size is not a positive integer.
 * @throws {ShapeError} If there are more or fewer bytes.
 *
 * @example A red pixel
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { image } from "@fplusx/nn/images";
 *
 * assertEquals(image(1, 1, Uint8Array.of(255, 0, 0)).width, 1);
 * ```
 */
export function image(height: number, width: number, data: Uint8Array): Image {
  checkSize("make", height, width);
  const size = height * width * CHANNELS;
  if (data.length === size) return { height, width, data };
  throw new ShapeError(
    `Cannot make an image of ${height} × ${width} pixels: need ${size} bytes, got ${data.length}`,
  );
}

/** Checks the height and width that an image is to have. */
export function checkSize(verb: string, height: number, width: number): void {
  if ([height, width].every((size) => Number.isSafeInteger(size) && size > 0)) return;
  throw new ArgumentError(
    `Cannot ${verb} an image of ${height} × ${width} pixels: need positive integers`,
  );
}
