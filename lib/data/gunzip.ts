/**
 * Unpacking gzip with a limit: the output is counted while it streams, so a small file that unpacks
 * to an enormous one is refused before it fills the memory.
 *
 * @module
 */

import { FormatError } from "../errors.ts";

/**
 * Unpacks gzip data.
 *
 * @param limit Most bytes that may come out; 1 GiB by default, several times the largest IDX file.
 * @throws {FormatError} If the data are not gzip, or unpack to more than `limit` bytes.
 *
 * @example There and back
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gunzip } from "@fplusx/nn/data";
 *
 * const packed = new Blob([Uint8Array.of(1, 2, 3)]).stream()
 *   .pipeThrough(new CompressionStream("gzip"));
 * const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
 * assertEquals(await gunzip(bytes), Uint8Array.of(1, 2, 3));
 * ```
 */
export async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  limit: number = 2 ** 30,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    for await (const chunk of unpacked) {
      length += chunk.length;
      if (length > limit) throw new FormatError(`${CANNOT}: it holds more than ${limit} bytes`, 0);
      chunks.push(chunk);
    }
  } catch (error) {
    // What the stream says differs from one runtime to the next.
    throw error instanceof FormatError
      ? error
      : new FormatError(`${CANNOT}: it is damaged, or not gzip`, 0);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

const CANNOT = "Cannot unpack gzip data";
