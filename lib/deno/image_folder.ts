/**
 * A folder of images by class: each folder in it is a class, and each PNG or JPEG in that is one of its
 * images. They are read when they are needed.
 *
 * @module
 */

import { dataset, type Statistics, statistics } from "../data/dataset.ts";
import { readAll, type Samples } from "../data/samples.ts";
import { ArgumentError, EmptyError, KeysError } from "../errors.ts";
import type { Image } from "../images/image.ts";
import { preset } from "../images/preset.ts";
import { fileError, folderPath } from "./file_error.ts";
import { loadImage } from "./image.ts";
import type { TrainAndTest } from "./mnist.ts";

/** Options of {@linkcode imageFolder}. */
export interface ImageFolderOptions {
  /** What batches are normalised with; mean and deviation of ImageNet by default. */
  readonly statistics?: Statistics;
}

/**
 * Finds the images in the folders of a folder; the classes are the names of the folders, in
 * alphabetical order. Needs `--allow-read` for the folder.
 *
 * @throws {FileError} If the system refuses, also when an image is read.
 * @throws {EmptyError} If there is no image.
 * @throws {FormatError} When an image is read that is damaged; the path is its file.
 *
 * @example Two classes of one image each
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { imageFolder } from "@fplusx/nn/deno";
 *
 * const png = Uint8Array.fromBase64(
 *   "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
 * );
 * for (const name of ["cat", "dog"]) {
 *   await Deno.mkdir(`runs/pets/${name}`, { recursive: true });
 *   await Deno.writeFile(`runs/pets/${name}/1.png`, png);
 * }
 * const pets = await imageFolder("runs/pets");
 * assertEquals(pets.classNames, ["cat", "dog"]);
 * const { picture, label } = await pets.sample(1);
 * assertEquals([picture.height, picture.width, label], [1, 1, 1]);
 * await Deno.remove("runs/pets", { recursive: true });
 * ```
 */
export async function imageFolder(
  folder: string | URL,
  options: ImageFolderOptions = {},
): Promise<Samples<Image>> {
  const root = folderPath(folder);
  const { statistics = preset("imagenet-v1").statistics } = options;
  const classNames = await namesIn(root, (entry) => entry.isDirectory);
  const files: { readonly path: string; readonly label: number }[] = [];
  for (const [label, name] of classNames.entries()) {
    const images = await namesIn(`${root}/${name}`, ({ name }) => /\.(png|jpe?g)$/i.test(name));
    for (const image of images) files.push({ path: `${root}/${name}/${image}`, label });
  }
  if (files.length === 0) {
    throw new EmptyError(
      `Cannot find images in "${root}": need folders with PNG or JPEG files in it`,
    );
  }
  return {
    count: files.length,
    classNames,
    statistics,
    async sample(index) {
      const { path, label } = files[index]!;
      return { picture: await loadImage(path), label };
    },
  };
}

/**
 * Loads images of one size that are in the folders `train` and `test` of a folder, by class, and
 * measures mean and deviation of those to learn from. Needs `--allow-read` for the folder.
 *
 * @throws {ArgumentError} If no folder is given, since there is no place where it usually is.
 * @throws {FileError} If the system refuses.
 * @throws {EmptyError} If there is no image.
 * @throws {ShapeError} If the images differ in size.
 * @throws {KeysError} If the classes of both parts differ.
 */
export async function loadImages(folder?: string | URL): Promise<TrainAndTest> {
  if (folder === undefined) {
    throw new ArgumentError("Cannot load images from nowhere: need a folder with train and test");
  }
  const root = folderPath(folder);
  const part = async (name: string) => await readAll(await imageFolder(`${root}/${name}`));
  const [train, test] = [await part("train"), await part("test")];
  if (train.classNames.join("/") !== test.classNames.join("/")) {
    throw new KeysError(
      `Cannot test on the classes ${test.classNames.join(", ")}: those to learn from are ` +
        train.classNames.join(", "),
    );
  }
  const measured = { classes: train.classNames, statistics: statistics(train.images, 3) };
  return { train: dataset({ ...train, ...measured }), test: dataset({ ...test, ...measured }) };
}

async function namesIn(
  folder: string,
  wanted: (entry: Deno.DirEntry) => boolean,
): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (wanted(entry) && !entry.name.startsWith(".")) names.push(entry.name);
    }
  } catch (cause) {
    throw fileError("read", folder, cause);
  }
  // By code units, which is the same everywhere; the order of a folder is not.
  return names.sort();
}
