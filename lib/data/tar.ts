/**
 * Unpacking tar archives: blocks of 512 bytes, a header with a checksum before each file, two blocks of
 * zeros at the end. Nothing is written anywhere, so names can do no harm.
 *
 * @module
 */

import { FormatError } from "../errors.ts";

const BLOCK = 512;

/**
 * Gives the files of a tar archive by name, as views of it. Folders and links are left out.
 *
 * @throws {FormatError} If the bytes are not a tar archive, or not the whole of one.
 *
 * @example An archive with nothing in it
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { untar } from "@fplusx/nn/data";
 *
 * assertEquals(untar(new Uint8Array(1024)).size, 0);
 * ```
 */
export function untar(bytes: Uint8Array<ArrayBuffer>): Map<string, Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (let at = 0;;) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.length < BLOCK) fail("its end is missing", at);
    if (header.every((byte) => byte === 0)) return files;
    checkSum(header, at);
    const size = octal(header, 124, 12);
    if (size === undefined) fail("the size of a file is not a number", at + 124);
    const start = at + BLOCK;
    const name = nameIn(header);
    if (start + size > bytes.length) {
      fail(`the file "${name}" has ${size} bytes, and ${bytes.length - start} are there`, start);
    }
    const kind = header[156];
    // A file is "0", or nothing in archives older than the standard.
    if (kind === 0x30 || kind === 0) files.set(name, bytes.subarray(start, start + size));
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** The sum of all bytes of the header, with spaces where the sum itself is. */
function checkSum(header: Uint8Array, at: number): void {
  const sum = header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  if (octal(header, 148, 8) !== sum) fail("a header has another checksum than it says", at);
}

function nameIn(header: Uint8Array): string {
  const isStandard = text(header, 257, 5) === "ustar";
  const prefix = isStandard ? text(header, 345, 155) : "";
  return prefix === "" ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`;
}

function text(header: Uint8Array, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function octal(header: Uint8Array, start: number, length: number): number | undefined {
  const digits = text(header, start, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

function fail(reason: string, offset: number): never {
  throw new FormatError(`Cannot unpack tar data: ${reason}`, offset);
}
