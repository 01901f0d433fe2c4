/** Batches: every image once an epoch, normalised, in an order that can be taken up anywhere. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { ArgumentError, EmptyError, key, release } from "@fplusx/nn";
import {
  batches,
  type BatchesOptions,
  type Cursor,
  type Dataset,
  dataset,
  type LabelledBatch,
} from "@fplusx/nn/data";
import { testEach } from "../backends.ts";

const indices = (n: number) => Uint8Array.from({ length: n }, (_, i) => i);

/** Images of one pixel whose value and label are their position. */
const numbered = (n: number): Dataset =>
  dataset({ images: indices(n), shape: [n, 1, 1, 1], labels: indices(n), classes: n });

/** The labels and cursors of the first batches. */
async function collect(
  data: Dataset,
  options: BatchesOptions,
  most = Infinity,
): Promise<{ labels: number[]; cursor: Cursor }[]> {
  const seen: { labels: number[]; cursor: Cursor }[] = [];
  for (using batch of batches(data, options)) {
    seen.push({ labels: [...await batch.y.data()], cursor: batch.cursor });
    if (seen.length >= most) break;
  }
  return seen;
}

testEach(
  "batches() gives normalised floats and int32 labels, with the channels of the images",
  async () => {
    const pair = dataset({
      images: Uint8Array.of(0, 255, 51, 102, 153, 204),
      shape: [1, 1, 3, 2],
      labels: [0],
      classes: 1,
      statistics: { mean: [0.2, 0.5], deviation: [0.5, 0.25] },
    });
    const [batch] = [...batches(pair, { size: 1 })] as [LabelledBatch];
    assertEquals([batch.x.dtype, batch.y.dtype], ["float32", "int32"]);
    assertEquals([batch.x.shape, batch.y.shape], [[1, 1, 3, 2], [1]]);
    const expected = [-0.4, 2, 0, -0.4, 0.8, 1.2];
    (await batch.x.data()).forEach((value, i) => assertAlmostEquals(value, expected[i]!, 1e-6));
    release(batch);
  },
);

testEach(
  "batches() takes floats as they are, and a channel that never varies does not divide by 0",
  async () => {
    const images = Float32Array.of(1, 7, 3, 7);
    const pair = dataset({ images, shape: [2, 1, 1, 2], labels: [0, 0], classes: 1 });
    using batch = [...batches(pair, { size: 2 })][0]!;
    assertEquals([...await batch.x.data()], [-1, 0, 1, 0]);
  },
);

testEach("A batch is a tree of two tensors, and belongs to whoever takes it", () => {
  const [batch] = [...batches(numbered(2), { size: 2 })] as [LabelledBatch];
  assertEquals(Object.keys(batch), ["x", "y"]);
  batch[Symbol.dispose]();
  assert(batch.x.isDisposed && batch.y.isDisposed);
});

testEach("Without a key batches come in order, and the last may be smaller", async () => {
  assertEquals(await collect(numbered(5), { size: 2 }), [
    { labels: [0, 1], cursor: { epoch: 0, index: 2 } },
    { labels: [2, 3], cursor: { epoch: 0, index: 4 } },
    { labels: [4], cursor: { epoch: 1, index: 0 } },
  ]);
}, ["cpu"]);

testEach("dropLast leaves the smaller batch out", async () => {
  assertEquals(await collect(numbered(5), { size: 2, dropLast: true }), [
    { labels: [0, 1], cursor: { epoch: 0, index: 2 } },
    { labels: [2, 3], cursor: { epoch: 1, index: 0 } },
  ]);
}, ["cpu"]);

testEach(
  "A size above the number of images gives one batch of all, one image is a batch",
  async () => {
    const all = [{ labels: [0, 1, 2], cursor: { epoch: 1, index: 0 } }];
    assertEquals(await collect(numbered(3), { size: 7 }), all);
    assertEquals(await collect(numbered(3), { size: 3, dropLast: true }), all);
    assertEquals((await collect(numbered(1), { size: 1 })).length, 1);
  },
  ["cpu"],
);

testEach("With a key every image comes once an epoch, in another order each epoch", async () => {
  const seen = await collect(numbered(20), { size: 8, key: key(5), epochs: 2 });
  const labels = seen.flatMap(({ labels }) => labels);
  const [first, second] = [labels.slice(0, 20), labels.slice(20)];
  assertEquals(first.toSorted((a, b) => a - b), [...indices(20)]);
  assertEquals(second.toSorted((a, b) => a - b), [...indices(20)]);
  assertNotEquals(first, second);
  assertNotEquals(first, [...indices(20)]);
}, ["cpu"]);

testEach("The same key gives the same batches, however often they are gone through", async () => {
  const stream = batches(numbered(9), { size: 4, key: key(1) });
  const read = async () => {
    const labels: number[] = [];
    for (using batch of stream) labels.push(...await batch.y.data());
    return labels;
  };
  assertEquals(await read(), await read());
}, ["cpu"]);

testEach("The order does not depend on the size of the batches", async () => {
  const order = async (size: number) =>
    (await collect(numbered(12), { size, key: key(2) })).flatMap(({ labels }) => labels);
  assertEquals(await order(3), await order(5));
}, ["cpu"]);

for (const dropLast of [false, true]) {
  testEach(`A cursor gives exactly what is left${dropLast ? ", with dropLast" : ""}`, async () => {
    const options = { size: 3, key: key(8), epochs: 3, dropLast };
    const whole = await collect(numbered(10), options);
    assertEquals(whole.length, dropLast ? 9 : 12);
    for (const [i, { cursor }] of whole.entries()) {
      assertEquals(await collect(numbered(10), { ...options, cursor }), whole.slice(i + 1));
    }
  }, ["cpu"]);
}

testEach("Endless batches do not end, and can be taken up in a late epoch", async () => {
  const options = { size: 2, key: key(0), epochs: Infinity };
  const seen = await collect(numbered(3), options, 200);
  assertEquals(seen.at(-1)!.cursor, { epoch: 100, index: 0 });
  const later = await collect(numbered(3), { ...options, cursor: { epoch: 98, index: 2 } }, 3);
  assertEquals(later, seen.slice(197));
}, ["cpu"]);

const WRONG: [options: BatchesOptions, message: string][] = [
  [{ size: 0 }, "Cannot make batches with size 0: need an integer above 0"],
  [{ size: 1.5 }, "Cannot make batches with size 1.5: need an integer above 0"],
  [{ size: NaN }, "Cannot make batches with size NaN: need an integer above 0"],
  [
    { size: 1, epochs: 0 },
    "Cannot make batches with epochs 0: need an integer above 0 or Infinity",
  ],
  [
    { size: 1, cursor: { epoch: -1, index: 0 } },
    "Cannot make batches with epoch -1: need an integer from 0",
  ],
  [
    { size: 1, cursor: { epoch: 0, index: 6 } },
    "Cannot make batches with index 6: need an integer from 0 to 5",
  ],
];

for (const [options, message] of WRONG) {
  Deno.test(`batches() refuses ${JSON.stringify(options)}`, () => {
    assertEquals(
      assertThrows(() => batches(numbered(5), options), ArgumentError).message,
      message,
    );
  });
}

Deno.test("batches() refuses to leave nothing", () => {
  assertEquals(
    assertThrows(() => batches(numbered(5), { size: 6, dropLast: true }), EmptyError).message,
    "Cannot make batches of 6 from 5 images: leaving out the last leaves none",
  );
});
