/**
 * The files of a data set by their short names, wherever they are: in a folder, packed or not, or in a
 * tar archive packed with gzip.
 *
 * @module
 */

import { gunzip } from "../data/gunzip.ts";
import { untar } from "../data/tar.ts";
import { FormatError } from "../errors.ts";
import { fileError, folderPath } from "./file_error.ts";

/** Reads a file by its short name; gives nothing where there is none. */
export type DataFiles = (name: string) => Promise<Uint8Array<ArrayBuffer> | undefined>;

/** Most bytes that an archive may unpack to; CIFAR has 178 and 185 MiB. */
const LIMIT = 2 ** 29;

/**
 * Opens a folder, or an archive: a path that ends with `.tar.gz` or `.tgz`.
 *
 * @param below Folders in which to look too.
 */
export async function dataFiles(
  path: string | URL,
  below: readonly string[] = [],
): Promise<DataFiles> {
  const name = folderPath(path);
  if (/\.(tar\.gz|tgz)$/.test(name)) return inArchive(await readArchive(name));
  return async (file) => {
    for (const folder of [name, ...below.map((folder) => `${name}/${folder}`)]) {
      const found = await readMaybePacked(`${folder}/${file}`, name);
      if (found) return found;
    }
  };
}

/** Gives what finds files of a tar archive by the last part of their names. */
export function inArchive(bytes: Uint8Array<ArrayBuffer>): DataFiles {
  const files = new Map(
    Array.from(untar(bytes), ([name, content]) => [name.replace(/^.*\//, ""), content]),
  );
  return (name) => Promise.resolve(files.get(name));
}

async function readArchive(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await gunzip(await Deno.readFile(path), LIMIT);
  } catch (cause) {
    throw cause instanceof FormatError ? cause.within(path) : fileError("read", path, cause);
  }
}

/** Reads a file, or the packed one of the same name; the message asks to read the whole folder. */
async function readMaybePacked(
  path: string,
  folder: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  for (const end of ["", ".gz"]) {
    try {
      const bytes = await Deno.readFile(path + end);
      return end === "" ? bytes : await gunzip(bytes);
    } catch (cause) {
      if (cause instanceof FormatError) throw cause.within(path + end);
      if (!(cause instanceof Deno.errors.NotFound)) throw fileError("read", path, cause, folder);
    }
  }
}
