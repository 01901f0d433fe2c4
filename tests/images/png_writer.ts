/**
 * Writes PNGs from their chunks, right or wrong, with right checksums.
 *
 * @module
 */

/** A chunk: its name and its data. */
export type Chunk = readonly [name: string, data: Uint8Array];

/** Writes a PNG from chunks. */
export function png(...chunks: readonly Chunk[]): Uint8Array<ArrayBuffer> {
  const parts = chunks.map(([name, data]) => {
    const part = new Uint8Array(data.length + 12);
    const view = new DataView(part.buffer);
    view.setUint32(0, data.length);
    part.set(new TextEncoder().encode(name), 4);
    part.set(data, 8);
    view.setUint32(data.length + 8, crc32(part.subarray(4, data.length + 8)));
    return part;
  });
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  return Uint8Array.from([signature, ...parts].flatMap((part) => [...part]));
}

/** The header: 8 bits of colour by default. */
export function header(
  width: number,
  height: number,
  depth = 8,
  colour = 2,
  ...rest: number[]
): Chunk {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data.set([depth, colour, ...rest], 8);
  return ["IHDR", data];
}

/** A chunk of compressed pixels. */
export const idat = (data: Uint8Array): Chunk => ["IDAT", data];
/** The last chunk. */
export const END: Chunk = ["IEND", new Uint8Array(0)];

/** Compresses pixels. */
export async function zlib(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** Writes a PNG in grey, one byte a pixel. */
export async function greyPng(width: number, pixels: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const height = pixels.length / width;
  const rows = Array.from({ length: height }, (_, y) => [
    0,
    ...pixels.subarray(y * width, (y + 1) * width),
  ]);
  return png(header(width, height, 8, 0), idat(await zlib(Uint8Array.from(rows.flat()))), END);
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ crc >>> 1 : crc >>> 1;
  }
  return ~crc >>> 0;
}
