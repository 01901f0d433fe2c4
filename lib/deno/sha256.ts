/**
 * The fingerprint of a file: two files with the same one have the same bytes.
 *
 * @module
 */

/**
 * Gives the SHA-256 digest of bytes, as 64 hexadecimal digits.
 *
 * @example The digest of nothing
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sha256 } from "@fplusx/nn/deno";
 *
 * assertEquals((await sha256(new Uint8Array())).slice(0, 8), "e3b0c442");
 * ```
 */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
