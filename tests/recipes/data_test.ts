import { assertEquals, assertThrows } from "@std/assert";
import { ArgumentError } from "@fplusx/nn";
import { type Dataset, dataset, pixelMean } from "@fplusx/nn/data";
import { override, recipeData, recipes } from "@fplusx/nn/recipes";

const quick = recipes["quick-mnist"]!;

/** Images of two pixels, the first of which is their number. */
function numbered(count: number): Dataset {
  const images = Uint8Array.from({ length: 2 * count }, (_, i) => i % 2 === 0 ? i / 2 : 7);
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  return dataset({ images, shape: [count, 1, 2, 1], labels, classes: ["a", "b", "c"] });
}

const numbersOf = ({ images }: Dataset) => [...images].filter((_, i) => i % 2 === 0);
const sets = { train: numbered(20), test: numbered(10) };

Deno.test("a recipe that asks for nothing leaves a data set as it is", () => {
  const { train, validation, test } = recipeData(quick, sets);
  assertEquals([train, validation, test], [sets.train, sets.test, sets.test]);
});

Deno.test("images to validate on are set aside by the seed, and none is lost", () => {
  const recipe = override(quick, "data.validation=5");
  const { train, validation, test } = recipeData(recipe, sets);
  const [learned, aside] = [numbersOf(train), numbersOf(validation)];
  assertEquals([learned.length, aside.length, test], [15, 5, sets.test]);
  assertEquals([...learned, ...aside].sort((a, b) => a - b), numbersOf(sets.train));
  assertEquals(numbersOf(recipeData(recipe, sets).validation), aside);
  const other = numbersOf(recipeData(override(recipe, "seed=1"), sets).validation);
  assertEquals(other.some((image) => !aside.includes(image)), true);
  assertThrows(
    () => recipeData(override(quick, "data.validation=20"), sets),
    ArgumentError,
    'Cannot split 20 images at 0: need an integer from 1 to 19, at "data.validation"',
  );
});

Deno.test("the mean of each pixel is that of the images that are learned from", () => {
  const recipe = ["data.limit=8", "data.validation=3", "data.normalize=pixel-mean"]
    .reduce(override, quick);
  const { train, validation, test } = recipeData(recipe, sets);
  assertEquals([train.shape[0], validation.shape[0], test.shape[0]], [5, 3, 8]);
  for (const set of [train, validation, test]) {
    assertEquals(set.statistics, pixelMean(train));
    assertEquals(set.classNames, ["a", "b", "c"]);
  }
  assertEquals(train.statistics.mean[1], 7 / 255);
});
