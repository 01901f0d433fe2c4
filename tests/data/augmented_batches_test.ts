/** Batches that are augmented: the same pictures whatever the size of the batches, resumed anywhere. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { ArgumentError, DTypeError, EmptyError, key, ShapeError } from "@fplusx/nn";
import {
  batches,
  type BatchesOptions,
  type Dataset,
  dataset,
  inTurn,
  type LabelledBatch,
  mapSamples,
  mixup,
  pixelMean,
  randomCrop,
  randomFlip,
  randomScale,
  readAll,
  readBatches,
  samplesOf,
  type Source,
  stream,
} from "@fplusx/nn/data";
import { testEach } from "../backends.ts";

/** Images of 4 × 4 pixels whose first byte is their label. */
function pictures(count: number): Dataset {
  const images = Uint8Array.from({ length: count * 48 }, (_, i) => i % 251);
  const labels = Uint8Array.from({ length: count }, (_, i) => i);
  return dataset({ images, shape: [count, 4, 4, 3], labels, classes: count });
}

const augment = inTurn(randomCrop({ padding: 2 }), randomFlip());
const options = { key: key(4), augment, augmentNormalized: augment, epochs: 2 };

/** All pictures of a stream by epoch and label, and the cursors. */
async function collect(source: Source<LabelledBatch>) {
  const seen: { label: number; pixels: string }[] = [];
  const cursors: { at: number; cursor: LabelledBatch["cursor"] }[] = [];
  for await (using batch of source) {
    const [x, y] = [await batch.x.data(), await batch.y.data()];
    const size = x.length / y.length;
    y.forEach((label, i) =>
      seen.push({ label, pixels: x.subarray(i * size, (i + 1) * size).join() })
    );
    cursors.push({ at: seen.length, cursor: batch.cursor });
  }
  return { seen, cursors };
}

testEach("Augmented pictures do not depend on the size of the batches", async () => {
  const [one, many] = [
    await collect(batches(pictures(10), { ...options, size: 1 })),
    await collect(batches(pictures(10), { ...options, size: 7 })),
  ];
  assertEquals(one.seen, many.seen);
}, ["cpu"]);

testEach("A cursor gives exactly the pictures that are left, augmented alike", async () => {
  const whole = await collect(batches(pictures(10), { ...options, size: 3 }));
  for (const { at, cursor } of whole.cursors) {
    const rest = await collect(batches(pictures(10), { ...options, size: 3, cursor }));
    assertEquals(rest.seen, whole.seen.slice(at));
  }
}, ["cpu"]);

testEach("A picture is another one in each epoch, and with another key", async () => {
  const at = async (seed: number) => {
    const { seen } = await collect(batches(pictures(10), { ...options, size: 10, key: key(seed) }));
    return seen.toSorted((a, b) => a.label - b.label);
  };
  const [first, other] = [await at(4), await at(5)];
  const differing = first.filter(({ pixels }, i) => i % 2 === 0 && first[i + 1]!.pixels !== pixels);
  assert(differing.length >= 8, `${differing.length}`);
  assertNotEquals(first, other);
}, ["cpu"]);

testEach(
  "Samples that are read give the batches of the data set, with any read ahead",
  async () => {
    const data = pictures(10);
    const whole = await collect(batches(data, { ...options, size: 4 }));
    for (const ahead of [0, 1, 5]) {
      const slow = mapSamples(samplesOf(data), async (sample, i) => {
        await new Promise((resolve) => setTimeout(resolve, 10 - i));
        return sample;
      });
      assertEquals(await collect(readBatches(slow, { ...options, size: 4, ahead })), whole);
    }
  },
  ["cpu"],
);

testEach("Stopping early leaves nothing behind, though batches were read ahead", async () => {
  for await (using _ of readBatches(samplesOf(pictures(10)), { ...options, size: 2, ahead: 3 })) {
    break;
  }
});

testEach("Normalised pictures are padded with the mean, others with black", async () => {
  const images = new Uint8Array(27).fill(100);
  const statistics = { mean: [0.5, 0.5, 0.5], deviation: [1, 1, 1] };
  const data = dataset({ images, shape: [1, 3, 3, 3], labels: [0], classes: 1, statistics });
  const wide = randomCrop({ size: 5, padding: 1 });
  const corner = async (options: Partial<BatchesOptions>) => {
    using batch = [...batches(data, { size: 1, key: key(0), ...options })][0]!;
    assertEquals(batch.x.shape, [1, 5, 5, 3]);
    const x = await batch.x.data();
    return [x[0]!, x[36]!];
  };
  const inside = Math.fround(100 / 255 - 0.5);
  assertEquals(await corner({ augmentNormalized: wide }), [0, inside]);
  assertEquals(await corner({ augment: wide }), [-0.5, inside]);
}, ["cpu"]);

testEach("The mean of each value is subtracted where it belongs, before a crop", async () => {
  const plain = pictures(6);
  const data = dataset({ ...plain, classes: plain.classNames, statistics: pixelMean(plain) });
  for (using batch of batches(data, { size: 6 })) {
    const x = await batch.x.data();
    for (let i = 0; i < 48; i++) {
      let sum = 0;
      for (let n = 0; n < 6; n++) sum += x[n * 48 + i]!;
      assertAlmostEquals(sum, 0, 1e-5);
      assertAlmostEquals(x[i]!, plain.images[i]! / 255 - data.statistics.mean[i]!, 1e-6);
    }
  }
}, ["cpu"]);

testEach("Mixed batches carry shares, and depend on the place of the batch alone", async () => {
  const data = pictures(8);
  const mix = mixup({ classes: 8 });
  const read = async () => {
    const seen: string[] = [];
    for (using batch of batches(data, { ...options, size: 4, mix })) {
      assertEquals([batch.y.shape, batch.y.dtype], [[4, 8], "float32"]);
      assertEquals(Object.keys(batch), ["x", "y"]);
      seen.push((await batch.y.data()).join());
    }
    return seen;
  };
  assertEquals(await read(), await read());
});

testEach("readAll() gives back what samplesOf() took apart, floats too", async () => {
  const bytes = pictures(3);
  assertEquals(await readAll(samplesOf(bytes)), bytes);
  const floats = dataset({ ...bytes, images: Float32Array.from(bytes.images), classes: 3 });
  assertEquals(await readAll(samplesOf(floats)), floats);
}, ["cpu"]);

testEach("Pictures that do not fit together are refused", async () => {
  const scaled = batches(pictures(8), { size: 8, key: key(0), augment: randomScale(2, 9) });
  assert(
    /^Cannot make a batch of pictures of shapes \[\d,\d,3\] and \[\d,\d,3\]: need one shape$/
      .test(assertThrows(() => [...scaled], ShapeError).message),
  );
  const two = samplesOf(pictures(2));
  const odd = mapSamples(two, ({ label }, i) => ({
    picture: { height: 1, width: i + 1, data: new Uint8Array(3 * (i + 1)) },
    label,
  }));
  assertEquals(
    (await assertRejects(() => readAll(odd), ShapeError)).message,
    "Cannot read pictures of shapes [1,1,3] and [1,2,3] into one data set: need one shape",
  );
  const mixed = mapSamples(two, ({ label }, i) => ({
    picture: { height: 1, width: 1, data: i === 0 ? new Uint8Array(3) : new Float32Array(3) },
    label,
  }));
  assertEquals(
    (await assertRejects(() => readAll(mixed), DTypeError)).message,
    "Cannot read pictures of bytes and of floats into one data set: need one type",
  );
  assertEquals(
    (await assertRejects(() => readAll({ ...two, count: 0 }), EmptyError)).message,
    "Cannot make a data set of shape [0,0,0,0]: it has no pixels",
  );
  const grey = mapSamples(two, ({ label }) => ({
    picture: { height: 2, width: 1, data: new Uint8Array(2) },
    label,
  }));
  assertEquals(
    (await assertRejects(() => collect(readBatches(grey, { size: 1 })), ShapeError)).message,
    "Cannot normalise a picture of shape [2,1,1] with statistics of 3 values: need one for each " +
      "channel, or one for each value",
  );
}, ["cpu"]);

for (const name of ["augment", "augmentNormalized", "mix"] as const) {
  Deno.test(`Batches refuse ${name} without a key`, () => {
    const drawing = { size: 1, [name]: name === "mix" ? mixup({ classes: 2 }) : augment };
    for (
      const make of [
        () => batches(pictures(2), drawing),
        () => readBatches(samplesOf(pictures(2)), drawing),
        () => stream.batches([], drawing),
      ]
    ) {
      assertEquals(
        assertThrows(make, ArgumentError).message,
        `Cannot make batches with ${name} and without key: need both`,
      );
    }
  });
}

Deno.test("Batches refuse to read less than nothing ahead", () => {
  assertEquals(
    assertThrows(() => readBatches(samplesOf(pictures(2)), { size: 1, ahead: -1 }), ArgumentError)
      .message,
    "Cannot make batches with ahead -1: need an integer from 0",
  );
});

testEach("A failed read comes when its batch is asked for, and only then", async () => {
  const failing = mapSamples(samplesOf(pictures(4)), (sample, i) => {
    if (i === 3) throw new EmptyError("the last");
    return sample;
  });
  const seen: number[] = [];
  await assertRejects(
    async () => {
      for await (using batch of readBatches(failing, { size: 1, ahead: 3 })) {
        seen.push((await batch.y.data())[0]!);
      }
    },
    EmptyError,
    "the last",
  );
  assertEquals(seen, [0, 1, 2]);
}, ["cpu"]);
