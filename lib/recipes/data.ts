/**
 * The data set of a recipe, cut and normalised as it says.
 *
 * @module
 */

import { type Dataset, dataset, pixelMean, split, take } from "../data/mod.ts";
import { within } from "../errors.ts";
import { fold, key } from "../key.ts";
import type { Recipe } from "./recipe.ts";

/** What is learned from, and what is tested on. */
export type RecipeData = {
  /** Images to learn from. */
  readonly train: Dataset;
  /** Images to test on while training: some that were set aside, or those for the end. */
  readonly validation: Dataset;
  /** Images to test on at the end. */
  readonly test: Dataset;
};

/**
 * Gives what a recipe makes of a data set: the first images if it is limited, some set aside if it
 * validates, and all of them normalised with the statistics of those that are learned from.
 *
 * @throws {ArgumentError} If so many are set aside that none is left.
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
 * const { train, validation, test } = recipeData(recipe, { train: five, test: five });
 * assertEquals([train.shape[0], validation.shape[0], test.shape[0]], [3, 2, 5]);
 * ```
 */
export function recipeData(
  { data, seed }: Recipe,
  sets: { readonly train: Dataset; readonly test: Dataset },
): RecipeData {
  const { validation: aside, normalize } = data;
  const [all, test] = [sets.train, sets.test].map((set) => take(set, data.limit ?? Infinity));
  const [train, validation] = aside === null ? [all!, test!] : within(
    "data.validation",
    () => split(all!, all!.shape[0] - aside, fold(key(seed), "validation")),
  );
  if (normalize === "channels") return { train, validation, test: test! };
  const statistics = pixelMean(train);
  const centred = (set: Dataset): Dataset =>
    dataset({ ...set, classes: set.classNames, statistics });
  return { train: centred(train), validation: centred(validation), test: centred(test!) };
}
