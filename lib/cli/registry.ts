/**
 * What the command line knows by name: the models of recipes, and where data sets are.
 *
 * @module
 */

import {
  imageFolder,
  loadCifar10,
  loadCifar100,
  loadFashionMnist,
  loadImages,
  loadMnist,
  type LoadOptions,
  type TrainAndTest,
} from "../deno/mod.ts";
import { ArgumentError } from "../errors.ts";
import {
  byName,
  type DataChoice,
  type DataName,
  type ImageSets,
  models as MODELS,
} from "../recipes/mod.ts";
import { progress } from "./progress.ts";

export { byName, MODELS };
export type { TrainAndTest };

/** Loads a data set from a place, or from where it usually is; a quiet one shows no progress. */
export type Loader = (from?: string, quiet?: boolean) => Promise<TrainAndTest>;

/** Loads what may have to be downloaded, with a line that shows how far that is. */
function downloaded(
  load: (from: string | undefined, options: LoadOptions) => Promise<TrainAndTest>,
): Loader {
  return async (from, quiet) => {
    using bar = progress("download", quiet);
    return await load(from, {
      progress: ({ received, total }) => bar.update(received / total),
    });
  };
}

/** The data sets that the command line can load. */
export const DATA: Readonly<Record<string, Loader>> = {
  mnist: (from) => loadMnist(from),
  "fashion-mnist": (from) => loadFashionMnist(from),
  cifar10: downloaded(loadCifar10),
  cifar100: downloaded(loadCifar100),
  images: (from) => loadImages(from),
} satisfies Record<DataName, Loader>;

/**
 * Loads the images of a recipe: into memory, or, where pictures are cut to one size, so that they can
 * be read when they are needed.
 *
 * @throws {ArgumentError} If no folder is given and there is no place where they usually are.
 */
export async function loadSets(
  { name, testCrop }: Pick<DataChoice, "name" | "testCrop">,
  folder?: string,
  quiet?: boolean,
): Promise<ImageSets> {
  if (name !== "images" || testCrop === null) return await DATA[name]!(folder, quiet);
  if (folder === undefined) {
    throw new ArgumentError("Cannot load images from nowhere: need --folder with train and test");
  }
  const [train, test] = ["train", "test"].map((part) => imageFolder(`${folder}/${part}`));
  return { train: await train!, test: await test! };
}
