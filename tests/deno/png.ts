/** Writes PNGs, for tests. */

import { encodePng, image } from "@fplusx/nn/images";

/** Gives the PNG of bytes of red, green and blue. */
export function png(
  height: number,
  width: number,
  pixels: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  return encodePng(image(height, width, pixels));
}
