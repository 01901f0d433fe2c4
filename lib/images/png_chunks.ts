/**
 * The outer form of a PNG: a signature, and chunks of a length, a name, data and a checksum. The
 * header is checked as soon as it is read, so that what it states can be trusted from there on.
 *
 * Boutell et al., [PNG specification](https://www.w3.org/TR/png-3/), sections 5 and 11.
 *
 * @module
 */

import { crc32 } from "../crc.ts";
import { FormatError } from "../errors.ts";

/** What the header of a PNG states. */
export type PngHeader = {
  /** Number of columns. */
  readonly width: number;
  /** Number of rows. */
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  /** 0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha. */
  readonly colour: number;
  /** Whether the pixels come in the seven passes of Adam7. */
  readonly interlaced: boolean;
};

/** What of a PNG makes its pixels. */
export type PngChunks = PngHeader & {
  /** Red, green and blue of each entry of the palette. */
  readonly palette: Uint8Array;
  /** The compressed pixels, in pieces. */
  readonly packed: readonly Uint8Array<ArrayBuffer>[];
  /** Where the compressed pixels begin. */
  readonly offset: number;
};

const SIGNATURE_LENGTH = 8;
/** Length, name and checksum. */
const FRAME_LENGTH = 12;
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Throws the error of a PNG that cannot be decoded. */
export function failPng(reason: string, offset: number): never {
  throw new FormatError(`Cannot decode a PNG: ${reason}`, offset);
}

/**
 * Reads the chunks of a PNG; `check` is told the header before anything else is looked at.
 *
 * @throws {FormatError} If a chunk is cut off, damaged or missing, or the header is not that of a PNG.
 */
export function readChunks(bytes: Uint8Array, check: (header: PngHeader) => void): PngChunks {
  let header: PngHeader | undefined;
  let palette: Uint8Array = new Uint8Array(0);
  const packed: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const { name, data, at } of chunksOf(bytes)) {
    if (header === undefined) {
      if (name !== "IHDR") failPng(`the first chunk is ${name}, need IHDR`, at);
      check(header = headerOf(data, at));
    } else if (name === "PLTE") palette = paletteOf(data, at);
    else if (name === "IDAT") {
      offset ||= at;
      packed.push(new Uint8Array(data));
    } else if (name === "IEND") {
      if (packed.length === 0) failPng("there is no chunk IDAT", at);
      if (header.colour === 3 && palette.length === 0) failPng("there is no chunk PLTE", at);
      return { ...header, palette, packed, offset };
    } else if (name[0]! < "a") failPng(`the chunk ${name} is not known or comes twice`, at);
  }
  failPng("it ends without the chunk IEND", bytes.length);
}

type Chunk = { readonly name: string; readonly data: Uint8Array; readonly at: number };

function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = SIGNATURE_LENGTH; at < bytes.length;) {
    const left = bytes.length - at - FRAME_LENGTH;
    if (left < 0) failPng("the last chunk is cut off", at);
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[A-Za-z]{4}$/.test(name)) failPng("the name of a chunk is not four letters", at + 4);
    if (length > left) failPng(`the chunk ${name} has ${length} bytes, but ${left} are left`, at);
    const end = at + 8 + length;
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      failPng(`the chunk ${name} is damaged, its checksum differs`, at);
    }
    yield { name, data: bytes.subarray(at + 8, end), at };
    at = end + 4;
  }
}

function headerOf(data: Uint8Array, at: number): PngHeader {
  if (data.length !== 13) failPng(`the header has ${data.length} bytes, need 13`, at);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [depth, colour, compression, filter, interlace] = data.subarray(8) as unknown as number[];
  if (!DEPTHS[colour!]?.includes(depth!)) {
    failPng(`there is no colour type ${colour} with ${depth} bits`, at);
  }
  if (compression !== 0 || filter !== 0 || interlace! > 1) {
    failPng(`compression, filter and interlacing are ${compression}, ${filter}, ${interlace}`, at);
  }
  return {
    width: view.getUint32(0),
    height: view.getUint32(4),
    depth: depth!,
    colour: colour!,
    interlaced: interlace === 1,
  };
}

function paletteOf(data: Uint8Array, at: number): Uint8Array {
  if (data.length % 3 === 0 && data.length > 0 && data.length <= 3 * 256) return data;
  failPng(`the palette has ${data.length} bytes, need 3 for each of up to 256 colours`, at);
}
