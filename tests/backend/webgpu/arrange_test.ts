import { assert, assertEquals } from "@std/assert";
import { arrangeProgram } from "../../../lib/backend/webgpu/kernels/arrange.ts";
import type { Program } from "../../../lib/backend/webgpu/program.ts";
import { setup } from "../../../lib/backend/setup.ts";
import { arrange, arranged, type Arrangement, PLACE } from "../../../lib/data/arrange.ts";
import { inTurn } from "../../../lib/data/augment/augmentation.ts";
import { randomCrop, randomFlip } from "../../../lib/data/augment/crop.ts";
import { randomErasing } from "../../../lib/data/augment/random_erasing.ts";
import { batches } from "../../../lib/data/batches.ts";
import { type Dataset, dataset, type Statistics } from "../../../lib/data/dataset.ts";
import { pixelMean } from "../../../lib/data/normalizer.ts";
import type { BatchesOptions } from "../../../lib/data/order.ts";
import { key } from "../../../lib/key.ts";
import { tensor } from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import { assertMutantsDie, assertSnapshot, gpu, run, testWebgpu } from "./program.ts";

/** Pictures of these sizes, of bytes that differ. */
function pictures(
  [count, height, width, channels]: readonly [number, number, number, number],
  statistics?: Statistics,
): Dataset {
  const images = Uint8Array.from(
    { length: count * height * width * channels },
    (_, i) => (i * 7919 + (i >> 5) * 31) & 255,
  );
  return dataset({
    images,
    shape: [count, height, width, channels],
    labels: new Uint8Array(count),
    classes: 1,
    ...statistics && { statistics },
  });
}

/** All batches, and whether they were arranged on the device. */
async function values(data: Dataset, options: BatchesOptions) {
  const names: string[] = [];
  if (gpu().observer === undefined && "device" in gpu()) {
    gpu().observer = ({ name }) => names.push(name);
  }
  const found = [];
  for (using batch of batches(data, options)) found.push([batch.x.shape, await batch.x.data()]);
  if ("device" in gpu()) gpu().observer = undefined;
  return { found, onDevice: names.includes("arrange") };
}

const shift = randomCrop({ padding: 2 });
const small = randomCrop({ size: [3, 4] });
const wide = randomCrop({ size: 9, padding: 3 });
const all = inTurn(shift, randomFlip(), small, wide, randomFlip());
const color = { mean: [0.49, 0.48, 0.45], deviation: [0.2, 0.25, 0.3] };

const CASES: Readonly<Record<string, readonly [Dataset, Partial<BatchesOptions>]>> = {
  "plain pictures": [pictures([7, 5, 6, 3], color), {}],
  "grey pictures": [pictures([7, 5, 7, 1]), { augment: shift }],
  "pictures moved before they are normalised": [pictures([7, 5, 6, 3], color), { augment: all }],
  "pictures moved after they are normalised": [
    pictures([7, 5, 6, 3], color),
    { augmentNormalized: all },
  ],
  "pictures moved before and after": [
    pictures([7, 5, 6, 3], color),
    { augment: wide, augmentNormalized: all },
  ],
  "pictures as the paper has them": [
    pictures([7, 8, 8, 3], pixelMean(pictures([7, 8, 8, 3]))),
    { augmentNormalized: inTurn(shift, randomFlip()) },
  ],
};

for (const [name, [data, options]] of Object.entries(CASES)) {
  testWebgpu(`${name} are the same as on the host, bit for bit`, async () => {
    const given = { size: 4, key: key(3), epochs: 2, ...options };
    const there = await values(data, given);
    await setup({ backend: "cpu" });
    const here = await values(data, given);
    assertEquals([there.onDevice, here.onDevice], [true, false]);
    assertEquals(there.found, here.found);
  });
}

testWebgpu("pictures with which more is done are left to the host", async () => {
  const erase = { augmentNormalized: inTurn(shift, randomErasing()) };
  const floats = dataset({
    images: new Float32Array(12),
    shape: [1, 2, 2, 3],
    labels: [0],
    classes: 1,
  });
  const mean = pixelMean(pictures([7, 8, 8, 3]));
  const cases = [
    [pictures([3, 5, 6, 3]), erase],
    [floats, {}],
    [pictures([3, 8, 8, 3], mean), { augment: shift }], // the mean belongs to places of the result
  ] as const;
  for (const [data, options] of cases) {
    const { found, onDevice } = await values(data, { size: 4, key: key(3), ...options });
    assert(!onDevice && found.length === 1);
  }
});

/** Arranges some pictures by hand. */
function arrangement(): Arrangement {
  const data = pictures([5, 6, 7, 3], color);
  const size = 6 * 7 * 3;
  const given = Array.from({ length: 5 }, (_, i) => ({
    height: 6,
    width: 7,
    data: data.images.subarray(i * size, (i + 1) * size),
  }));
  const origins = given.map((_, row) => ({ epoch: 1, row }));
  const making = {
    key: key(8),
    augment: wide,
    augmentNormalized: inTurn(small, randomFlip(), wide),
  };
  return arrange(given, origins, data.statistics, making)!;
}

async function gathered(program: Program, what: Arrangement) {
  const { shape, bytes, places, table } = what;
  const inputs = [new Int32Array(bytes.buffer), places, table].map((values) => tensor(values));
  const [y] = await run(program, [[shape, "float32"]], inputs);
  release(inputs);
  return y!;
}

testWebgpu("a fault in the gather of pictures is found", async () => {
  const what = arrangement();
  assertEquals(what.places.length, 5 * PLACE);
  await setup({ backend: "cpu" });
  const host = arranged(what);
  const expected = await host.data();
  release([host]);
  await setup({ backend: "webgpu" });
  const { shape, from, table } = what;
  const right = async (program: Program) => assertEquals(await gathered(program, what), expected);
  await assertMutantsDie(arrangeProgram(shape, from, table.length / 256), [
    ["place = n * 11", "place = n * 11 + 1"],
    ["places[place + 2] * (t", "(t"],
    ["place + 3)", "place + 7)"],
    ["!within(i, j, place + 7)", "false"],
    ["i >= places[edges] ", "i > places[edges] "],
    ["j < places[edges + 3]", "j <= places[edges + 3]"],
    ["at % 4 * 8", "at % 4 * 4"],
    ["table[(c)", "table[(2 - c)"],
    ["(i * 7 + j)", "(i * 6 + j)"],
    ["n * 126 + first", "first"],
    ["t >= 405", "t >= 404"],
  ], right);
});

testWebgpu("the program that arranges pictures is what it was", async () => {
  await assertSnapshot("arrange", arrangeProgram([128, 32, 32, 3], [32, 32, 3], 3));
});
