/** Data sets: what is checked when one is made, how they are split, and MNIST from its bytes. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { ArgumentError, FplusxError, key } from "@fplusx/nn";
import {
  dataset,
  type DatasetOptions,
  mnist,
  pick,
  split,
  statistics,
  take,
} from "@fplusx/nn/data";
import { assertUniform } from "./augment/chi_square.ts";

/** Ten images of 2 × 1 pixels in two channels; every pixel of image i is i, labels go 0 1 2 0 1 2 …. */
const TEN: DatasetOptions = {
  images: Uint8Array.from({ length: 40 }, (_, i) => Math.floor(i / 4)),
  shape: [10, 2, 1, 2],
  labels: Uint8Array.from({ length: 10 }, (_, i) => i % 3),
  classes: 3,
};

Deno.test("dataset() names the classes by number when they have no names", () => {
  assertEquals(dataset(TEN).classNames, ["0", "1", "2"]);
  assertEquals(dataset({ ...TEN, classes: ["a", "b", "c"] }).classes, 3);
  assert(Object.isFrozen(dataset(TEN)));
});

const WRONG: [what: string, change: Partial<DatasetOptions>, code: string, message: string][] = [
  [
    "images in another array",
    { images: new Float64Array(40) as unknown as Float32Array },
    "DTYPE",
    "Cannot make a data set from images in a Float64Array: need a Uint8Array or Float32Array",
  ],
  [
    "no array",
    { images: "images" as unknown as Uint8Array },
    "DTYPE",
    "Cannot make a data set from images in a string: need a Uint8Array or Float32Array",
  ],
  [
    "a shape of rank 3",
    { shape: [10, 2, 2] },
    "SHAPE",
    "Cannot make a data set of shape [10,2,2]: need [count,height,width,channels]",
  ],
  [
    "a fractional size",
    { shape: [10, 0.5, 4, 2] },
    "SHAPE",
    "Cannot make a data set of shape [10,0.5,4,2]: need [count,height,width,channels]",
  ],
  [
    "too few pixels",
    { shape: [10, 2, 2, 2] },
    "SHAPE",
    "Cannot make a data set of shape [10,2,2,2]: need 80 pixels, got 40",
  ],
  [
    "no images",
    { images: new Uint8Array(0), shape: [0, 2, 1, 2], labels: [] },
    "EMPTY",
    "Cannot make a data set of shape [0,2,1,2]: it has no pixels",
  ],
  [
    "too few labels",
    { labels: [0, 1] },
    "SHAPE",
    "Cannot make a data set of 10 images: need as many labels, got 2",
  ],
  ...[3, -1, 1.5, NaN].map((label): [string, Partial<DatasetOptions>, string, string] => [
    `label ${label}`,
    { labels: [0, 1, 2, 0, label, 0, 0, 0, 0, 0] },
    "LABEL",
    `Cannot use label ${label} of image 4: need an integer from 0 to 2`,
  ]),
  [
    "half a class",
    { classes: 2.5 },
    "ARG",
    "Cannot make a data set of 2.5 classes: need an integer above 0",
  ],
  [
    "no class",
    { classes: [] },
    "ARG",
    "Cannot make a data set of 0 classes: need an integer above 0",
  ],
  [
    "the mean of another number of channels",
    { statistics: { mean: [0], deviation: [1, 1] } },
    "SHAPE",
    "Cannot normalise images of 2 channels with a mean of 1",
  ],
];

for (const [what, change, code, message] of WRONG) {
  Deno.test(`dataset() refuses ${what}`, () => {
    const error = assertThrows(() => dataset({ ...TEN, ...change }), FplusxError);
    assertEquals(error.message, message);
    assertEquals(error.code, code);
  });
}

Deno.test("statistics() measures each channel, bytes from 0 to 1 and floats as they are", () => {
  assertEquals(statistics(Float32Array.of(0, 10, 2, 10, 4, 10), 2), {
    mean: [2, 10],
    deviation: [Math.sqrt(8 / 3), 0],
  });
  const { mean, deviation } = statistics(Uint8Array.of(0, 51, 102), 1);
  assertAlmostEquals(mean[0]!, 0.2, 1e-12);
  assertAlmostEquals(deviation[0]!, 0.2 * Math.sqrt(2 / 3), 1e-12);
});

Deno.test("split() cuts a data set into two that have nothing in common, the same for the same key", () => {
  const whole = dataset(TEN);
  const [first, rest] = split(whole, 7, key(3));
  assertEquals([first.shape, rest.shape], [[7, 2, 1, 2], [3, 2, 1, 2]]);
  const rows = [first, rest].flatMap(({ images, labels }) =>
    [...labels].map((label, i) => ({ label, pixels: [...images.subarray(4 * i, 4 * i + 4)] }))
  );
  assertEquals(
    rows.toSorted((a, b) => a.pixels[0]! - b.pixels[0]!),
    Array.from({ length: 10 }, (_, i) => ({ label: i % 3, pixels: [i, i, i, i] })),
  );
  assertEquals(first.statistics, whole.statistics);
  assertEquals(split(whole, 7, key(3)), [first, rest]);
  assertNotEquals(split(whole, 7, key(4))[0].images, first.images);
});

Deno.test("split() leaves 5,000 of 50,000 images to validate on, of every class by chance", () => {
  const count = 50_000;
  const whole = dataset({
    images: Float32Array.from({ length: count }, (_, i) => i),
    shape: [count, 1, 1, 1],
    labels: Uint8Array.from({ length: count }, (_, i) => i % 10),
    classes: 10,
  });
  const [train, validation] = split(whole, 45_000, key(0));
  assertEquals([train.shape[0], validation.shape[0]], [45_000, 5_000]);
  const seen = new Set([...train.images, ...validation.images]);
  assertEquals(seen.size, count);
  const counts = new Array<number>(10).fill(0);
  for (const [i, label] of validation.labels.entries()) {
    assertEquals(label, validation.images[i]! % 10);
    counts[label]!++;
  }
  assertUniform(counts);
  // Drawn, not dealt: classes of exactly 500 would be as unlikely as very uneven ones.
  assert(counts.some((count) => count !== 500));
});

Deno.test("split() keeps floats", () => {
  const images = Float32Array.of(0.5, 1.5);
  const [a, b] = split(
    dataset({ images, shape: [2, 1, 1, 1], labels: [0, 0], classes: 1 }),
    1,
    key(0),
  );
  assertEquals([...a.images, ...b.images].sort(), [0.5, 1.5]);
});

for (const n of [0, 10, 2.5, NaN]) {
  Deno.test(`split() refuses to cut ten images at ${n}`, () => {
    assertEquals(
      assertThrows(() => split(dataset(TEN), n, key(0)), ArgumentError).message,
      `Cannot split 10 images at ${n}: need an integer from 1 to 9`,
    );
  });
}

Deno.test("take() gives the first images, and all when there are no more", () => {
  const whole = dataset(TEN);
  const three = take(whole, 3);
  assertEquals(three.shape, [3, 2, 1, 2]);
  assertEquals([...three.labels], [0, 1, 2]);
  assertEquals([...three.images], [...whole.images.subarray(0, 12)]);
  assertEquals(take(whole, 11), whole);
  assertEquals(take(whole), whole);
});

for (const n of [0, -1, 2.5, NaN]) {
  Deno.test(`take() refuses to take ${n} images`, () => {
    assertEquals(
      assertThrows(() => take(dataset(TEN), n), ArgumentError).message,
      `Cannot take ${n} images: need an integer above 0 or Infinity`,
    );
  });
}

Deno.test("pick() gives the images at positions, in that order, and refuses what is not there", () => {
  const picked = pick(dataset(TEN), Uint32Array.of(7, 2, 7));
  assertEquals(picked.shape, [3, 2, 1, 2]);
  assertEquals([...picked.labels], [1, 2, 1]);
  assertEquals([...picked.images], [7, 7, 7, 7, 2, 2, 2, 2, 7, 7, 7, 7]);
  assertEquals(
    assertThrows(() => pick(dataset(TEN), Uint32Array.of(0, 10)), ArgumentError).message,
    "Cannot pick image 10: the data set has 10",
  );
});

Deno.test("mnist() refuses files that are something else", () => {
  const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 5);
  assertEquals(
    assertThrows(() => mnist(labels, labels), FplusxError).message,
    "Cannot use an IDX file of Uint8Array [1] as images: need bytes of rank 3, at byte 2",
  );
  const images = new Uint8Array(16 + 4);
  images.set([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2]);
  assertEquals(
    assertThrows(
      () => mnist(images, Uint8Array.of(0, 0, 0x0c, 1, 0, 0, 0, 1, 0, 0, 0, 5)),
      FplusxError,
    ).message,
    "Cannot use an IDX file of Int32Array [1] as labels: need bytes of rank 1, at byte 2",
  );
  assertEquals(
    assertThrows(() => mnist(images, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 10)), FplusxError)
      .message,
    "Cannot use label 10 of image 0: need an integer from 0 to 9",
  );
});
