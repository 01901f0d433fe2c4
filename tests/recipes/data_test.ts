import { assertEquals, assertRejects } from "@std/assert";
import { ArgumentError } from "@fplusx/nn";
import {
  type Dataset,
  dataset,
  pixelMean,
  readAll,
  type Samples,
  samplesOf,
} from "@fplusx/nn/data";
import { centerCrop, type Image, image, resizeShorter } from "@fplusx/nn/images";
import { override, type Recipe, recipeData, recipes } from "@fplusx/nn/recipes";

const quick = recipes["quick-mnist"]!;
const changed = (...changes: string[]): Recipe => changes.reduce(override, quick);

/** Images of two pixels, the first of which is their number. */
function numbered(count: number): Dataset {
  const images = Uint8Array.from({ length: 2 * count }, (_, i) => i % 2 === 0 ? i / 2 : 7);
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  return dataset({ images, shape: [count, 1, 2, 1], labels, classes: ["a", "b", "c"] });
}

/** The numbers of images. */
async function numbersOf(samples: Samples): Promise<number[]> {
  return [...(await readAll(samples)).images].filter((_, i) => i % 2 === 0);
}

const inMemory = { train: numbered(20), test: numbered(10) };
const readOnDemand = { train: samplesOf(inMemory.train), test: samplesOf(inMemory.test) };

for (const [how, sets] of Object.entries({ inMemory, readOnDemand })) {
  Deno.test(`a recipe that asks for nothing leaves images as they are (${how})`, async () => {
    const { train, validation, test, shape } = await recipeData(quick, sets);
    assertEquals([await readAll(train), await readAll(test)], [inMemory.train, inMemory.test]);
    assertEquals([validation === test, shape], [true, [1, 2, 1]]);
  });

  Deno.test(`images to validate on are set aside by the seed, and none is lost (${how})`, async () => {
    const recipe = changed("data.validation=5");
    const { train, validation, test } = await recipeData(recipe, sets);
    const [learned, aside] = [await numbersOf(train), await numbersOf(validation)];
    assertEquals([learned.length, aside.length, test.count], [15, 5, 10]);
    assertEquals([...learned, ...aside].sort((a, b) => a - b), [...new Array(20).keys()]);
    const again = await recipeData(recipe, sets);
    assertEquals(await numbersOf(again.validation), aside);
    const other = await recipeData(changed("data.validation=5", "seed=1"), sets);
    assertEquals(
      (await numbersOf(other.validation)).every((image) => aside.includes(image)),
      false,
    );
    await assertRejects(
      () => recipeData(changed("data.validation=20"), sets),
      ArgumentError,
      'Cannot set 20 of 20 images aside: need one to learn from, at "data.validation"',
    );
  });

  Deno.test(`a recipe that is limited takes the first images (${how})`, async () => {
    const { train, test } = await recipeData(changed("data.limit=15"), sets);
    assertEquals(await numbersOf(train), [...new Array(15).keys()]);
    assertEquals(test.count, 10);
  });
}

Deno.test("the mean of each pixel is that of the images that are learned from", async () => {
  const recipe = changed("data.limit=8", "data.validation=3", "data.normalize=pixel-mean");
  const { train, validation, test } = await recipeData(recipe, inMemory);
  assertEquals([train.count, validation.count, test.count], [5, 3, 8]);
  const mean = pixelMean(await readAll(train));
  for (const set of [train, validation, test]) {
    assertEquals(set.statistics, mean);
    assertEquals(set.classNames, ["a", "b", "c"]);
  }
  assertEquals(mean.mean[1], 7 / 255);
  await assertRejects(
    () => recipeData(recipe, readOnDemand),
    ArgumentError,
    'Cannot take the mean of each pixel of images that are read one by one: need "channels", ' +
      'at "data.normalize"',
  );
});

Deno.test("of a picture that is tested on, the middle is seen; one to learn from is whole", async () => {
  const size = (i: number) => [6 + i, 9 - i] as const;
  const picture = (i: number): Image => {
    const [height, width] = size(i);
    return image(height, width, Uint8Array.from({ length: height * width * 3 }, (_, j) => i + j));
  };
  const pictures: Samples = {
    count: 4,
    classNames: ["all"],
    statistics: { mean: [0.5, 0.5, 0.5], deviation: [1, 1, 1] },
    sample: (i) => ({ picture: picture(i), label: 0 }),
  };
  const recipe = changed('data.testCrop={"side":5,"size":4}', "data.validation=1");
  const sets = { train: pictures, test: pictures };
  const { train, validation, test, shape } = await recipeData(recipe, sets);
  assertEquals(shape, [4, 4, 3]);
  for (let i = 0; i < 4; i++) {
    const seen = (await test.sample(i)).picture;
    assertEquals(seen, centerCrop(resizeShorter(picture(i), 5), 4));
  }
  assertEquals((await validation.sample(0)).picture.height, 4);
  const sizes = await Promise.all(
    [0, 1, 2].map(async (i) => (await train.sample(i)).picture.height),
  );
  assertEquals(sizes.every((height) => height >= 6), true);
});
