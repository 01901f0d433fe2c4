/**
 * From the bytes of a file to an image. What kind of file it is, its first bytes say; how large it
 * would become is read from its header and checked before anything is unpacked.
 *
 * @module
 */

import { FormatError } from "../errors.ts";
import { type Image, image } from "./image.ts";
import { decodeJpeg } from "./jpeg.ts";
import { decodePng } from "./png.ts";

/** Limits of {@linkcode decodeImage}. */
export interface DecodeOptions {
  /** Most pixels that an image may have; 2²⁶ by default, a square of 8192. */
  readonly maxPixels?: number;
  /**
   * Takes a damaged JPEG as far as it can be read, as most viewers do, instead of refusing it; off by
   * default.
   */
  readonly tolerant?: boolean;
}

/** What comes out of a decoder, and the limits it was given. */
export type Decoder = (bytes: Uint8Array, options: Required<DecodeOptions>) => Promise<Image>;

const DECODERS: readonly (readonly [start: readonly number[], decode: Decoder])[] = [
  [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], decodePng],
  [[0xff, 0xd8, 0xff], decodeJpeg],
];

/**
 * Decodes a PNG (every colour type, depth and interlacing) or a JPEG (grey or colour, sequential or
 * progressive), to the very bytes that Pillow gives for `Image.open(file).convert("RGB")`: of 16 bits
 * the upper 8 are taken, transparency, orientation and colour profiles are left out of account.
 *
 * @throws {FormatError} If the bytes are neither, are damaged, or are of a larger image than allowed.
 *
 * @example One pixel
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeImage } from "@fplusx/nn/images";
 *
 * const png = Uint8Array.fromBase64(
 *   "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
 * );
 * assertEquals(await decodeImage(png), { height: 1, width: 1, data: Uint8Array.of(255, 0, 0) });
 * ```
 */
export async function decodeImage(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): Promise<Image> {
  const { maxPixels = 2 ** 26, tolerant = false } = options;
  for (const [start, decode] of DECODERS) {
    if (!start.every((byte, i) => bytes[i] === byte)) continue;
    const { height, width, data } = await decode(bytes, { maxPixels, tolerant });
    return image(height, width, data);
  }
  const start = bytes.length === 0 ? "it has no bytes" : `it starts with 0x${head(bytes)}`;
  throw new FormatError(`Cannot decode an image: need a PNG or JPEG, but ${start}`, 0);
}

function head(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Checks the size that a header states, before anything of that size is made. */
export function checkPixels(
  what: string,
  { height, width }: Omit<Image, "data">,
  maxPixels: number,
  offset: number,
): void {
  if (height === 0 || width === 0) {
    throw new FormatError(`Cannot decode ${what}: it is ${height} × ${width} pixels`, offset);
  }
  if (height * width <= maxPixels) return;
  throw new FormatError(
    `Cannot decode ${what} of ${height} × ${width} pixels: need at most ${maxPixels}, ` +
      "or more in the option maxPixels",
    offset,
  );
}
