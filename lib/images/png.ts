/**
 * PNG: unpacked by the platform into exactly as many bytes as the header calls for, unfiltered in
 * place, and spread over the pixels of each pass.
 *
 * @module
 */

import { checkPixels, type Decoder } from "./decode_image.ts";
import { CHANNELS } from "./image.ts";
import { failPng, type PngChunks, type PngHeader, readChunks } from "./png_chunks.ts";

/** Pixels that come together: every `dx`-th of every `dy`-th row, from `x` and `y`. */
type Pass = { readonly x: number; readonly y: number; readonly dx: number; readonly dy: number };

const WHOLE: readonly Pass[] = [{ x: 0, y: 0, dx: 1, dy: 1 }];
const ADAM7: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

/** Samples of a pixel by colour type. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Decodes a PNG; see {@linkcode decodeImage}. */
export const decodePng: Decoder = async (bytes, { maxPixels }) => {
  const png = readChunks(bytes, (header) => checkPixels("a PNG", header, maxPixels, 16));
  const { width, height } = png;
  const passes = (png.interlaced ? ADAM7 : WHOLE).map((pass) => ({ ...pass, ...extent(png, pass) }))
    .filter(({ rows, columns }) => rows > 0 && columns > 0);
  const size = passes.reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0);
  const raw = await inflate(png, size);
  const data = new Uint8Array(width * height * CHANNELS);
  const step = Math.max(1, SAMPLES[png.colour]! * png.depth / 8);
  const paint = painter(png, data);
  let at = 0;
  for (const { x, y, dx, dy, rows, columns, rowBytes } of passes) {
    const samples = new Uint8Array(columns * SAMPLES[png.colour]!);
    let above: Uint8Array = new Uint8Array(rowBytes);
    for (let row = 0; row < rows; row++, at += 1 + rowBytes) {
      const line = raw.subarray(at + 1, at + 1 + rowBytes);
      if (!unfilter(raw[at]!, line, above, step)) {
        failPng(`a row has filter ${raw[at]}, need one from 0 to 4`, png.offset);
      }
      unpack(line, png.depth, samples);
      paint(samples, (y + row * dy) * width + x, dx);
      above = line;
    }
  }
  return { height, width, data };
};

function extent({ width, height, colour, depth }: PngHeader, { x, y, dx, dy }: Pass) {
  const columns = Math.ceil((width - x) / dx);
  return {
    columns,
    rows: Math.ceil((height - y) / dy),
    rowBytes: Math.ceil(columns * SAMPLES[colour]! * depth / 8),
  };
}

/** Unpacks to `size` bytes, and stops at the first byte too many. */
async function inflate({ packed, offset }: PngChunks, size: number): Promise<Uint8Array> {
  const raw = new Uint8Array(size);
  let length = 0;
  try {
    const unpacked = new Blob([...packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    for await (const piece of unpacked) {
      if (length + piece.length <= size) raw.set(piece, length);
      length += piece.length;
      if (length > size) break;
    }
  } catch {
    // What the stream says differs from one runtime to the next.
    failPng("its compressed pixels are damaged or cut off", offset);
  }
  if (length === size) return raw;
  failPng(
    `its pixels need ${size} bytes, but ${length > size ? "more" : length} are packed`,
    offset,
  );
}

/** Undoes the filter of a row in place; `step` is the distance to the pixel on the left. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, step: number): boolean {
  for (let i = 0; i < line.length; i++) {
    const left = i < step ? 0 : line[i - step]!;
    const up = above[i]!;
    if (filter === 1) line[i]! += left;
    else if (filter === 2) line[i]! += up;
    else if (filter === 3) line[i]! += left + up >> 1;
    else if (filter === 4) line[i]! += paeth(left, up, i < step ? 0 : above[i - step]!);
    else return filter === 0;
  }
  return filter <= 4;
}

/** Whichever of the three neighbours is nearest to `left + up - corner`. */
function paeth(left: number, up: number, corner: number): number {
  const [byLeft, byUp] = [Math.abs(up - corner), Math.abs(left - corner)];
  const byCorner = Math.abs(left + up - 2 * corner);
  if (byLeft <= byUp && byLeft <= byCorner) return left;
  return byUp <= byCorner ? up : corner;
}

/** Takes the samples of a row apart: the upper half of 16 bits, and less than 8 bits as they are. */
function unpack(line: Uint8Array, depth: number, samples: Uint8Array): void {
  if (depth === 8) samples.set(line);
  else if (depth === 16) { for (let i = 0; i < samples.length; i++) samples[i] = line[2 * i]!; }
  else {
    for (let i = 0; i < samples.length; i++) {
      const bit = i * depth;
      samples[i] = line[bit >> 3]! >> 8 - depth - (bit & 7) & (1 << depth) - 1;
    }
  }
}

/** Gives a function that writes a row of samples to every `dx`-th pixel from `start`. */
function painter({ colour, depth, palette, offset }: PngChunks, data: Uint8Array) {
  const step = SAMPLES[colour]!;
  const scale = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
  return (samples: Uint8Array, start: number, dx: number): void => {
    for (let i = 0, to = start * CHANNELS; i < samples.length; i += step, to += dx * CHANNELS) {
      const first = samples[i]!;
      if (colour === 3) {
        if (first * 3 >= palette.length) {
          failPng(`a pixel has colour ${first} of ${palette.length / 3} in the palette`, offset);
        }
        for (let c = 0; c < CHANNELS; c++) data[to + c] = palette[first * 3 + c]!;
      } else if (step < CHANNELS) data.fill(first * scale, to, to + CHANNELS);
      else for (let c = 0; c < CHANNELS; c++) data[to + c] = samples[i + c]!;
    }
  };
}
