/** Mixing pictures: shares that add up, labels that tell the truth, and the loss that takes them. */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { ArgumentError, crossEntropy, fold, key, ops, release, tensor } from "@fplusx/nn";
import { cutmix, type Mixing, mixOneOf, mixup } from "@fplusx/nn/data";
import { beta } from "../../../lib/data/augment/beta.ts";
import { testEach } from "../../backends.ts";
import { assertClose } from "../../compare.ts";

for (const [alpha, n] of [[0.1, 20_000], [0.2, 20_000], [1, 20_000], [4, 1000]] as const) {
  Deno.test(`Shares have mean and variance of Beta(${alpha}, ${alpha})`, () => {
    const drawn = Array.from({ length: n }, (_, i) => beta(fold(key(3), i), alpha));
    assert(drawn.every((share) => share >= 0 && share <= 1));
    const variance = 1 / (4 * (2 * alpha + 1));
    const squares = drawn.map((share) => (share - 0.5) ** 2);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / n;
    assertAlmostEquals(mean(drawn), 0.5, 4 * Math.sqrt(variance / n));
    assertAlmostEquals(mean(squares), variance, 4 * 0.25 / Math.sqrt(12 * n));
  });
}

/** Pictures of one value each, so that what shows tells where it is from. */
const batchOf = (count: number) => ({
  x: tensor(
    Float32Array.from({ length: count * 36 }, (_, i) => Math.floor(i / 36)),
    [count, 6, 6, 1],
  ),
  y: tensor(Int32Array.from({ length: count }, (_, i) => i)),
});

testEach("mixup() blends pictures and labels in one share", async () => {
  const batch = batchOf(3);
  const mixed = mixup({ classes: 3, alpha: 1 })(batch, key(5));
  assertEquals([mixed.x.shape, mixed.y.shape, mixed.y.dtype], [[3, 6, 6, 1], [3, 3], "float32"]);
  const share = beta(key(5), 1);
  const expected = [
    [share, 0, 1 - share],
    [1 - share, share, 0],
    [0, 1 - share, share],
  ];
  assertClose(await mixed.y.data(), Float32Array.from(expected.flat()), {
    relative: 1e-6,
    absolute: 1e-6,
  });
  const values = [2 * (1 - share), share, 2 * share + (1 - share)];
  const pixels = Float32Array.from({ length: 108 }, (_, i) => values[Math.floor(i / 36)]!);
  assertClose(await mixed.x.data(), pixels, { relative: 1e-6, absolute: 1e-6 });
  release([batch, mixed]);
});

testEach("cutmix() exchanges a rectangle, and the labels tell how large it is", async () => {
  const batch = batchOf(3);
  const sizes = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    const mixed = cutmix({ classes: 3 })(batch, key(seed));
    const [pixels, shares] = [await mixed.x.data(), await mixed.y.data()];
    const exchanged: number[] = [];
    for (let i = 0; i < 36; i++) if (pixels[i] !== 0) exchanged.push(i);
    sizes.add(exchanged.length);
    for (let n = 0; n < 3; n++) {
      const before = (n + 2) % 3;
      const picture = pixels.subarray(n * 36, (n + 1) * 36);
      picture.forEach((value, i) => assertEquals(value, exchanged.includes(i) ? before : n));
      assertAlmostEquals(shares[n * 3 + before]!, exchanged.length / 36, 1e-6);
      assertAlmostEquals(shares[n * 3 + n]!, 1 - exchanged.length / 36, 1e-6);
    }
    const rows = exchanged.map((i) => Math.floor(i / 6));
    const columns = exchanged.map((i) => i % 6);
    const span = (values: number[]) => new Set(values).size;
    assertEquals(span(rows) * span(columns), exchanged.length, "a rectangle");
    release(mixed);
  }
  assert(sizes.size > 3);
  release(batch);
});

testEach("A batch of one is mixed with itself", async () => {
  for (const mix of [mixup({ classes: 2 }), cutmix({ classes: 2 })]) {
    const batch = batchOf(1);
    const mixed = mix(batch, key(1));
    assertClose(await mixed.x.data(), await batch.x.data(), { relative: 1e-6, absolute: 1e-6 });
    assertClose(await mixed.y.data(), Float32Array.of(1, 0), { relative: 1e-6, absolute: 1e-6 });
    release([batch, mixed]);
  }
});

testEach("The loss of mixed labels is the mix of the losses", async () => {
  const logits = tensor([1, 2, 0.5, -1, 0, 3], [2, 3]);
  const [a, b] = [tensor(Int32Array.of(0, 2)), tensor(Int32Array.of(2, 0))];
  const shares = tensor([0.25, 0, 0.75, 0.75, 0, 0.25], [2, 3]);
  for (const labelSmoothing of [0, 0.1]) {
    const read = async (labels: typeof a) => {
      using loss = crossEntropy(logits, labels, { labelSmoothing });
      return (await loss.data())[0]!;
    };
    assertAlmostEquals(await read(shares), 0.25 * await read(a) + 0.75 * await read(b), 1e-6);
  }
  release([logits, a, b, shares]);
});

testEach("One-hot shares give the loss of labels to the bit", async () => {
  const logits = tensor([1, 2, 0.5, -1, 0, 3], [2, 3]);
  const labels = tensor(Int32Array.of(1, 0));
  const shares = ops.oneHot(labels, 3);
  const [one, other] = [crossEntropy(logits, labels), crossEntropy(logits, shares)];
  assertEquals(await one.data(), await other.data());
  release([logits, labels, shares, one, other]);
});

Deno.test("mixOneOf() takes each way equally often", () => {
  const taken = [0, 0];
  const way = (i: number): Mixing => (batch) => {
    taken[i]!++;
    return batch;
  };
  const mix = mixOneOf(way(0), way(1));
  for (let i = 0; i < 1000; i++) mix({} as Parameters<Mixing>[0], fold(key(1), i));
  assertAlmostEquals(taken[0]! / 1000, 0.5, 4 * Math.sqrt(0.25 / 1000));
  assertEquals(taken[0]! + taken[1]!, 1000);
});

const WRONG: [f: () => unknown, message: string][] = [
  [() => mixup({ classes: 0 }), "Cannot mix labels of 0 classes: need an integer above 0"],
  [
    () => mixup({ classes: 2, alpha: 0 }),
    "Cannot mix with alpha 0: need a number above 0 and up to 4",
  ],
  [
    () => cutmix({ classes: 2, alpha: 5 }),
    "Cannot mix with alpha 5: need a number above 0 and up to 4",
  ],
  [() => mixOneOf(), "Cannot mix in one of 0 ways: need at least one"],
];

for (const [f, message] of WRONG) {
  Deno.test(`Mixing refuses: ${message}`, () => {
    assertEquals(assertThrows(f, ArgumentError).message, message);
  });
}
