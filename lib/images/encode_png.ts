/**
 * Writing PNGs: rows as they are, packed by the platform. For pictures to look at; a file that is to
 * be as small as can be takes a filter for each row.
 *
 * @module
 */

import { crc32 } from "../crc.ts";
import { CHANNELS, type Image } from "./image.ts";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/**
 * Encodes an image as a PNG, without loss.
 *
 * @example There and back
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeImage, encodePng, image } from "@fplusx/nn/images";
 *
 * const pair = image(1, 2, Uint8Array.of(255, 0, 0, 0, 0, 255));
 * assertEquals(await decodeImage(await encodePng(pair)), pair);
 * ```
 */
export async function encodePng(
  { height, width, data }: Image,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2], 8); // bits of a sample, colour
  const rowBytes = width * CHANNELS;
  const rows = new Uint8Array(height * (1 + rowBytes)); // the first of each row: no filter
  for (let y = 0; y < height; y++) {
    rows.set(data.subarray(y * rowBytes, (y + 1) * rowBytes), y * (1 + rowBytes) + 1);
  }
  const packed = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));
  const file = new Blob([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", new Uint8Array(await new Response(packed).arrayBuffer())),
    chunk("IEND", new Uint8Array()),
  ]);
  return new Uint8Array(await file.arrayBuffer());
}

function chunk(name: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}
