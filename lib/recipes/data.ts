/**
 * The images of a recipe, cut and normalised as it says: from a data set in memory, or read when they
 * are needed.
 *
 * @module
 */

import {
  type Dataset,
  mapSamples,
  pickSamples,
  type Picture,
  pixelMean,
  type Samples,
  samplesOf,
  split,
  take,
} from "../data/mod.ts";
import { bytesOf, channelsOf } from "../data/picture.ts";
import { ArgumentError, within } from "../errors.ts";
import { centerCrop, resizeShorter } from "../images/mod.ts";
import { fold, key, permutation } from "../key.ts";
import type { Shape } from "../tensor.ts";
import type { Recipe, TestCrop } from "./recipe.ts";

/** Images to learn from, and images to test on; in memory, or read when they are needed. */
export type ImageSets = {
  /** Images to learn from. */
  readonly train: Dataset | Samples;
  /** Images to test on. */
  readonly test: Dataset | Samples;
};

/** What is learned from, and what is tested on. */
export type RecipeData = {
  /** Images to learn from, before they are augmented. */
  readonly train: Samples;
  /** Images to test on while training: some that were set aside, or those for the end. */
  readonly validation: Samples;
  /** Images to test on at the end. */
  readonly test: Samples;
  /** Height, width and channels of the images that are tested on. */
  readonly shape: Shape;
};

/**
 * Gives what a recipe makes of images: the first ones if it is limited, some set aside if it validates,
 * the middle of those that are tested on if it crops, and all of them normalised with the statistics of
 * those that are learned from.
 *
 * @throws {ArgumentError} If so many are set aside that none is left, or each pixel needs a mean and the
 * images are not in memory.
 *
 * @example Two of five are set aside
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dataset } from "@fplusx/nn/data";
 * import { override, recipeData, recipes } from "@fplusx/nn/recipes";
 *
 * const images = Uint8Array.of(0, 50, 100, 150, 200);
 * const five = dataset({ images, shape: [5, 1, 1, 1], labels: [0, 0, 1, 1, 1], classes: 2 });
 * const recipe = override(recipes["quick-mnist"]!, "data.validation=2");
 * const { train, validation, test } = await recipeData(recipe, { train: five, test: five });
 * assertEquals([train.count, validation.count, test.count], [3, 2, 5]);
 * ```
 */
export async function recipeData({ data, seed }: Recipe, sets: ImageSets): Promise<RecipeData> {
  const { validation: aside, limit, normalize, testCrop } = data;
  const [all, ofTest] = [first(sets.train, limit), first(sets.test, limit)];
  const [train = all, validation] = aside === null ? [] : within(
    "data.validation",
    () => parted(all, aside, seed),
  );
  const statistics = normalize === "channels" ? undefined : meanOf(train);
  const ready = (set: Dataset | Samples) => {
    const samples = "images" in set ? samplesOf(set) : set;
    return statistics ? { ...samples, statistics } : samples;
  };
  const shown = (set: Dataset | Samples) =>
    testCrop === null ? ready(set) : mapSamples(ready(set), ({ picture, label }) => ({
      picture: middleOf(picture, testCrop),
      label,
    }));
  const test = shown(ofTest);
  const { picture } = await test.sample(0);
  return {
    train: ready(train),
    validation: validation ? shown(validation) : test,
    test,
    shape: [picture.height, picture.width, channelsOf(picture)],
  };
}

function first<T extends Dataset | Samples>(set: T, limit: number | null): T {
  if (limit === null) return set;
  if ("images" in set) return take(set, limit) as T; // a data set gives a data set
  return { ...set, count: Math.min(set.count, limit) };
}

/** Sets `aside` images apart, drawn by the seed. */
function parted(set: Dataset | Samples, aside: number, seed: number): (Dataset | Samples)[] {
  const of = fold(key(seed), "validation");
  const count = "images" in set ? set.shape[0] : set.count;
  if (aside >= count) {
    throw new ArgumentError(`Cannot set ${aside} of ${count} images aside: need one to learn from`);
  }
  if ("images" in set) return split(set, count - aside, of);
  const order = permutation(of, count);
  return [order.subarray(aside), order.subarray(0, aside)].map((rows) => pickSamples(set, rows));
}

function meanOf(train: Dataset | Samples) {
  if ("images" in train) return pixelMean(train);
  throw new ArgumentError(
    'Cannot take the mean of each pixel of images that are read one by one: need "channels"',
    "data.normalize",
  );
}

/** The square in the middle of a picture. */
function middleOf(picture: Picture, { side, size }: TestCrop): Picture {
  const data = bytesOf("resize", picture, [3]);
  return centerCrop(resizeShorter({ ...picture, data }, side), size);
}
