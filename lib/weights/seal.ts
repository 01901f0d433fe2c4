/**
 * A seal is the SHA-256 digest of a safetensors file, kept in its own metadata: the digest is taken
 * with sixty-four zeros in its place, so that it covers every other byte of the file, header and all.
 *
 * @module
 */

import { FormatError } from "../errors.ts";

const LENGTH = 64;

/** The metadata of a file that is going to be sealed. */
export const UNSEALED: { readonly sha256: string } = { sha256: "0".repeat(LENGTH) };

/**
 * Writes the seal into the bytes of a file whose metadata include {@linkcode UNSEALED}.
 *
 * @throws {FormatError} If there is no place for the seal.
 */
export async function seal(file: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const digest = await digestOf(file);
  file.set(new TextEncoder().encode(digest), sealAt(file));
  return file;
}

/**
 * Checks the seal of a file.
 *
 * @throws {FormatError} If the file has none, or is not what was sealed.
 */
export async function checkSeal(file: Uint8Array<ArrayBuffer>): Promise<void> {
  const at = sealAt(file);
  const found = new TextDecoder("latin1").decode(file.subarray(at, at + LENGTH));
  const blank = file.slice();
  blank.fill("0".charCodeAt(0), at, at + LENGTH);
  const digest = await digestOf(blank);
  if (found === digest) return;
  throw new FormatError(
    `Cannot trust the file: its digest is ${digest.slice(0, 8)}…, and it was sealed with ` +
      `${found.slice(0, 8)}…`,
    at,
  );
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Where the digest stands: the writer puts the metadata first, so it is near the start. */
function sealAt(file: Uint8Array): number {
  const head = new TextDecoder("latin1").decode(file.subarray(0, 1 << 16));
  const found = /"sha256":"[0-9a-f]{64}"/.exec(head);
  if (found) return found.index + '"sha256":"'.length;
  throw new FormatError("Cannot find the seal of the file: it has no digest in its metadata", 0);
}
