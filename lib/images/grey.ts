/**
 * Images without colour.
 *
 * @module
 */

import { CHANNELS, type Image } from "./image.ts";

/**
 * Gives an image in grey: all three values of a pixel are its brightness, by the weights of ITU-R 601
 * and to the byte as Pillow computes it.
 *
 * @example Green is brighter than blue
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { grey, image } from "@fplusx/nn/images";
 *
 * const pair = image(1, 2, Uint8Array.of(0, 255, 0, 0, 0, 255));
 * assertEquals(grey(pair).data, Uint8Array.of(150, 150, 150, 29, 29, 29));
 * ```
 */
export function grey({ height, width, data }: Image): Image {
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += CHANNELS) {
    const luma = data[i]! * 19595 + data[i + 1]! * 38470 + data[i + 2]! * 7471 + 0x8000 >> 16;
    result.fill(luma, i, i + CHANNELS);
  }
  return { height, width, data: result };
}
