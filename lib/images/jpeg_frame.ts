/**
 * The outer form of a JPEG: markers, most with a segment behind them, and the compressed pixels in
 * between. Walking over them tells the size of the image and the number of scans without decoding
 * anything.
 *
 * ITU-T [T.81](https://www.w3.org/Graphics/JPEG/itu-t81.pdf), annex B.
 *
 * @module
 */

import { FormatError } from "../errors.ts";

/** What the frame of a JPEG states. */
export type JpegFrame = {
  /** Number of columns. */
  readonly width: number;
  /** Number of rows. */
  readonly height: number;
  /** 1 for grey, 3 for colour, 4 for print. */
  readonly components: number;
  /** Where the frame is. */
  readonly offset: number;
  /** How often the decoder has to go over the image. */
  readonly scans: number;
};

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/** Throws the error of a JPEG that cannot be decoded. */
export function failJpeg(reason: string, offset: number): never {
  throw new FormatError(`Cannot decode a JPEG: ${reason}`, offset);
}

/**
 * Reads the frame of a JPEG.
 *
 * @throws {FormatError} If there is none, or a segment is cut off.
 */
export function readFrame(bytes: Uint8Array): JpegFrame {
  let frame: Omit<JpegFrame, "scans"> | undefined;
  let scans = 0;
  for (let at = nextMarker(bytes, 2); at < bytes.length; at = nextMarker(bytes, at)) {
    const marker = bytes[at++]!;
    if (marker === END_OF_IMAGE) break;
    if (marker === START_OF_SCAN) scans++;
    if (marker >= 0xd0 && marker <= 0xd8 || marker === 1) continue; // these stand alone
    const length = bytes[at]! << 8 | bytes[at + 1]!;
    if (!(length >= 2) || at + length > bytes.length) {
      failJpeg(`the segment 0x${marker.toString(16)} is cut off`, at - 1);
    }
    if (frame === undefined && isFrame(marker)) {
      frame = frameOf(bytes.subarray(at, at + length), at);
    }
    at += length;
  }
  if (frame === undefined) failJpeg("there is no frame", bytes.length);
  return { ...frame, scans };
}

/** Where the code of the next marker is, as libjpeg finds it: garbage and pixels are skipped. */
function nextMarker(bytes: Uint8Array, at: number): number {
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) return bytes.length;
    while (bytes[at] === 0xff) at++;
    if (bytes[at] !== 0) return at; // after a zero it was a pixel of 0xff
  }
}

/** Whether a marker begins a frame: all from C0 to CF but tables and extensions. */
function isFrame(marker: number): boolean {
  return marker >> 4 === 0xc && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function frameOf(segment: Uint8Array, offset: number): Omit<JpegFrame, "scans"> {
  if (segment.length < 8) failJpeg("the frame is cut off", offset);
  const at = (i: number) => segment[i]! << 8 | segment[i + 1]!;
  return { height: at(3), width: at(5), components: segment[7]!, offset };
}
