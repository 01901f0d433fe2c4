/** Protocols: where crops are, what is averaged, and that simple cases are exactly those they must be. */

import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  ArgumentError,
  conv,
  dense,
  EmptyError,
  evalMode,
  flatten,
  globalAveragePool,
  key,
  LabelError,
  type Layer,
  ops,
  release,
  relu,
  sequential,
  ShapeError,
  type Tensor,
  tensor,
} from "@fplusx/nn";
import {
  crop,
  ensemble,
  evaluateImages,
  flip,
  type Image,
  image,
  multiScale,
  normalize,
  type Preset,
  resizeShorter,
  singleCrop,
  tenCrop,
  tenCrops,
} from "@fplusx/nn/images";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";

const PRESET: Preset = {
  side: 10,
  crop: 8,
  statistics: { mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.3, 0.4] },
};
const model: Layer = sequential(
  conv(6, 3),
  relu,
  conv(6, 3, { stride: 2 }),
  globalAveragePool,
  dense(5),
);
const variablesOf = (seed: number) => model.init(key(seed), [1, 8, 8, 3]);

/** An image whose pixels say where they are. */
const places = (height: number, width: number): Image =>
  image(
    height,
    width,
    Uint8Array.from(
      { length: height * width * 3 },
      (_, i) => [Math.floor(i / 3 / width), Math.floor(i / 3) % width, 128][i % 3]!,
    ),
  );
const wavy = image(
  12,
  15,
  Uint8Array.from({ length: 12 * 15 * 3 }, (_, i) => 128 + 120 * Math.sin(i * i / 50)),
);
const plain = image(11, 17, new Uint8Array(11 * 17 * 3).fill(77));

Deno.test("tenCrops() takes the corners, the middle and their mirror images", () => {
  const crops = tenCrops(places(256, 300), 224);
  const corner = (
    { data }: Image,
    column: number,
  ) => [...data.subarray(3 * column, 3 * column + 2)];
  const expected = [[0, 0], [0, 76], [32, 0], [32, 76], [16, 38]];
  assertEquals(crops.slice(0, 5).map((crop) => corner(crop, 0)), expected);
  // In the mirror image the first column is the last.
  assertEquals(crops.slice(5).map((crop) => corner(crop, 223)), expected.map(([y, x]) => [y!, x!]));
  assertEquals(crops.slice(5), crops.slice(0, 5).map(flip));
  assert(crops.every(({ height, width }) => height === 224 && width === 224));
});

Deno.test("tenCrops() of an image of their size are the image and its mirror image", () => {
  const square = crop(wavy, { top: 1, left: 2, height: 9, width: 9 });
  const [expected, mirrored] = [Array(5).fill(square), Array(5).fill(flip(square))];
  assertEquals(tenCrops(square, 9), [...expected, ...mirrored]);
});

Deno.test("tenCrops() refuses an image that is smaller", () => {
  assertEquals(
    assertThrows(() => tenCrops(wavy, 13), ArgumentError).message,
    "Cannot cut 13 × 13 pixels from row 0 and column 0 out of an image of 12 × 15: need a part of it",
  );
});

/** The softmax of the scores of one image, by hand. */
function softmaxOf(variables: ReturnType<typeof variablesOf>, image: Image): Tensor {
  return ops.tidy(() => {
    const x = normalize([image], PRESET.statistics);
    return ops.reshape(ops.softmax(model.apply(variables, x, evalMode)[0]), [-1]);
  });
}

testEach("singleCrop() is the softmax of the middle", async () => {
  const variables = variablesOf(0);
  const found = singleCrop(model, variables, wavy, PRESET);
  const middle = crop(resizeShorter(wavy, 10), { top: 1, left: 2, height: 8, width: 8 });
  const expected = softmaxOf(variables, middle);
  assertEquals(found.shape, [5]);
  await assertClose(found, expected);
  release([variables, found, expected]);
});

testEach("tenCrop() of an image of one colour is singleCrop()", async () => {
  const variables = variablesOf(0);
  const ten = tenCrop(model, variables, plain, PRESET);
  const single = singleCrop(model, variables, plain, PRESET);
  await assertClose(ten, single);
  release([variables, ten, single]);
});

testEach(
  "tenCrop() averages probabilities, not scores, and a mirror image does not change it",
  async () => {
    const variables = variablesOf(0);
    const views = tenCrops(resizeShorter(wavy, 10), 8).map((view) => softmaxOf(variables, view));
    const expected = ops.tidy(() => ops.mul(views.reduce((sum, view) => ops.add(sum, view)), 0.1));
    const ten = tenCrop(model, variables, wavy, PRESET);
    const mirrored = tenCrop(model, variables, flip(wavy), PRESET);
    await assertClose(ten, expected);
    // The crops of the mirror image are the same ten in another order.
    await assertClose(mirrored, expected);
    release([variables, views, expected, ten, mirrored]);
  },
);

testEach("multiScale() averages the probabilities of whole images", async () => {
  const variables = variablesOf(0);
  const sides = [8, 12, 16];
  const views = sides.map((side) => softmaxOf(variables, resizeShorter(wavy, side)));
  const expected = ops.tidy(() => ops.mul(views.reduce((sum, view) => ops.add(sum, view)), 1 / 3));
  const found = multiScale(sides)(model, variables, wavy, PRESET);
  await assertClose(found, expected);
  release([variables, views, expected, found]);
});

testEach("multiScale() gives the mean of the scores of all places", async () => {
  // With a kernel of one pixel, fully convolutional means: score each pixel, then average.
  const pixelwise = sequential(conv(5, 1), globalAveragePool);
  const variables = pixelwise.init(key(3), [1, 1, 1, 3]);
  const found = multiScale([12])(pixelwise, variables, wavy, PRESET);
  const pixels = Array.from(
    { length: 12 * 15 },
    (_, i) => image(1, 1, wavy.data.slice(3 * i, 3 * i + 3)),
  );
  const expected = ops.tidy(() => {
    const x = normalize(pixels, PRESET.statistics);
    return ops.softmax(ops.mean(pixelwise.apply(variables, x, evalMode)[0], 0));
  });
  await assertClose(found, expected);
  release([variables, found, expected]);
});

testEach("multiScale() refuses a model for one size", () => {
  const rigid: Layer = sequential(flatten, dense(5));
  const variables = rigid.init(key(0), [1, 8, 8, 3]);
  const error = assertThrows(
    () =>
      multiScale([8, 9])(
        rigid,
        variables,
        crop(wavy, { top: 0, left: 0, height: 8, width: 8 }),
        PRESET,
      ),
    ShapeError,
  );
  assertEquals(
    error.message,
    "Cannot apply the model to images of 9 × 9 pixels: it needs shape [243,5] where it has " +
      '[192,5], at "1.weight"',
  );
  release(variables);
}, ["cpu"]);

testEach("ensemble() averages its members, each tested by the protocol", async () => {
  const [a, b] = [variablesOf(0), variablesOf(1)];
  const members = [{ model, variables: a }, { model, variables: b }];
  for (const protocol of [singleCrop, tenCrop, multiScale([8, 10])]) {
    const each = [a, b].map((variables) => protocol(model, variables, wavy, PRESET));
    const expected = ops.tidy(() => ops.mul(ops.add(each[0]!, each[1]!), 0.5));
    const found = ensemble(members, wavy, PRESET, protocol);
    await assertClose(found, expected);
    release([each, expected, found]);
  }
  release([a, b]);
});

Deno.test("multiScale() and ensemble() refuse to average nothing", () => {
  assertEquals(
    assertThrows(() => multiScale([]), EmptyError).message,
    "Cannot test at several sizes: there is none",
  );
  assertEquals(
    assertThrows(() => ensemble([], wavy, PRESET), EmptyError).message,
    "Cannot average models: there is none",
  );
});

testEach("evaluateImages() counts as by hand, over a stream", async () => {
  // The probabilities of a dot: its value, and the next classes in falling order.
  const classify = ({ data }: Image) =>
    tensor(Array.from({ length: 7 }, (_, c) => 1 / (1 + (c - data[0]! + 7) % 7)));
  async function* examples() {
    for (const [value, label] of [[0, 0], [0, 1], [3, 3], [6, 3], [2, 0], [5, 5]] as const) {
      await Promise.resolve();
      yield { image: image(1, 1, new Uint8Array(3).fill(value)), label };
    }
  }
  const { examples: count, topK } = await evaluateImages(classify, examples());
  assertEquals(count, 6);
  assertAlmostEquals(topK.get(1)!, 3 / 6, 1e-6);
  assertAlmostEquals(topK.get(5)!, 5 / 6, 1e-6);
});

testEach(
  "evaluateImages() refuses no images, too few classes and a label that is none",
  async () => {
    const classify = () => tensor([0.5, 0.5]);
    const dot = image(1, 1, new Uint8Array(3));
    const messageOf = async (
      label: number | undefined,
      topK: number[],
      type: typeof EmptyError,
    ) => {
      const examples = label === undefined
        ? []
        : [0, label].map((label) => ({ image: dot, label }));
      return (await assertRejects(() => evaluateImages(classify, examples, topK), type)).message;
    };
    assertEquals(
      await messageOf(undefined, [1], EmptyError),
      "Cannot average metrics: no batch was added",
    );
    assertEquals(
      await messageOf(0, [5], ArgumentError),
      "Cannot take the accuracy of the top 5: need an integer from 1 to 2, the classes",
    );
    assert((await messageOf(2, [1], LabelError)).startsWith("Cannot use label 2"));
  },
  ["cpu"],
);
