/**
 * Weights in files: written whole or not at all, and read tensor by tensor.
 *
 * @module
 */

import type { Tree } from "../tree.ts";
import { openSafetensors, type SafetensorsFile } from "../weights/safetensors.ts";
import { loadTree, saveTree } from "../weights/tree_file.ts";
import { orFileError } from "./file_error.ts";
import { sha256 } from "./sha256.ts";
import { writeFileAtomic } from "./write_file.ts";

/** What was written. */
export type SavedWeights = {
  /** The SHA-256 digest of the file. */
  readonly sha256: string;
  /** Number of bytes of the file. */
  readonly size: number;
};

/**
 * Writes the leaves of trees to a safetensors file, all or nothing; needs `--allow-write` and
 * `--allow-read` for the folder.
 *
 * @param trees For example `{ params, state }`; leaves are named by their paths.
 * @param metadata Strings that are kept with the weights.
 * @throws {FileError} If the system refuses; the old file is intact then.
 *
 * @example Saving and loading
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { release, setup, tensor } from "@fplusx/nn";
 * import { loadWeights, saveWeights } from "@fplusx/nn/deno";
 *
 * await setup({ backend: "cpu" });
 * await Deno.mkdir("runs", { recursive: true });
 * const params = [tensor([1, 2]), tensor([3])];
 * const { sha256 } = await saveWeights("runs/example.safetensors", { params });
 * const loaded = await loadWeights("runs/example.safetensors", { params });
 * assertEquals(await loaded.params[0]!.data(), Float32Array.of(1, 2));
 * assertEquals(sha256.length, 64);
 * release([params, loaded]);
 * await Deno.remove("runs/example.safetensors");
 * ```
 */
export async function saveWeights(
  path: string | URL,
  trees: Tree,
  metadata: Readonly<Record<string, string>> = {},
): Promise<SavedWeights> {
  const bytes = await saveTree(trees, metadata);
  await writeFileAtomic(path, bytes);
  return { sha256: await sha256(bytes), size: bytes.length };
}

/**
 * Loads trees of the structure of `like` from a safetensors file; needs `--allow-read` for it.
 *
 * @param like Which leaves are wanted, of which shapes; abstract variables will do.
 * @throws {FileError} If the system refuses.
 * @throws {FormatError} If the file is not a safetensors file.
 * @throws {KeysError} If the leaves are not those of the file; lists all that disagree.
 */
export async function loadWeights<T extends Tree>(path: string | URL, like: T): Promise<T> {
  using file = await openWeights(path);
  return await loadTree(like, file);
}

/** A safetensors file that is open; `using` closes it. */
export interface OpenWeights extends SafetensorsFile, Disposable {}

/**
 * Opens a safetensors file to see what is in it and to read single tensors; needs `--allow-read`.
 *
 * @throws {FileError} If the system refuses.
 * @throws {FormatError} If the file is not a safetensors file.
 */
export async function openWeights(path: string | URL): Promise<OpenWeights> {
  const refusable = <T>(operation: Promise<T>) => orFileError("read", path, operation);
  const file = await refusable(Deno.open(path));
  // One after the other, since there is one position in the file.
  let last: Promise<unknown> = Promise.resolve();
  const read = (offset: number, length: number) => {
    const next = last.catch(() => {}).then(() => refusable(readRange(file, offset, length)));
    last = next;
    return next;
  };
  try {
    const { size } = await refusable(file.stat());
    const opened = await openSafetensors({ size, read });
    return { ...opened, [Symbol.dispose]: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Reads a range, or what there is of it. */
async function readRange(file: Deno.FsFile, offset: number, length: number) {
  const bytes = new Uint8Array(length);
  await file.seek(offset, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < length) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
