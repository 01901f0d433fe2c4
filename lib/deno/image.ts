/**
 * Images from files.
 *
 * @module
 */

import { FormatError } from "../errors.ts";
import { decodeImage, type DecodeOptions, type Image } from "../images/mod.ts";
import { fileError, pathOf } from "./file_error.ts";

/**
 * Reads and decodes a PNG or JPEG; needs `--allow-read` for it.
 *
 * @throws {FileError} If the system refuses.
 * @throws {FormatError} If the file is neither, is damaged, or is of a larger image than allowed.
 *
 * @example A file of one pixel
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadImage } from "@fplusx/nn/deno";
 *
 * const png = Uint8Array.fromBase64(
 *   "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
 * );
 * await Deno.mkdir("runs", { recursive: true });
 * await Deno.writeFile("runs/red.png", png);
 * assertEquals((await loadImage("runs/red.png")).data, Uint8Array.of(255, 0, 0));
 * await Deno.remove("runs/red.png");
 * ```
 */
export async function loadImage(
  path: string | URL,
  options: DecodeOptions = {},
): Promise<Image> {
  const bytes = await Deno.readFile(path).catch((cause) => {
    throw fileError("read", path, cause);
  });
  try {
    return await decodeImage(bytes, options);
  } catch (error) {
    throw error instanceof FormatError ? error.within(pathOf(path)) : error;
  }
}
