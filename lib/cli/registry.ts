/**
 * What the command line knows by name: the models of recipes, and where data sets are.
 *
 * @module
 */

import {
  loadCifar10,
  loadCifar100,
  loadFashionMnist,
  loadImages,
  loadMnist,
  type LoadOptions,
  type TrainAndTest,
} from "../deno/mod.ts";
import { byName, type DataName, models as MODELS } from "../recipes/mod.ts";
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
