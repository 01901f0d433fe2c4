import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import {
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  key,
  lecunNormal,
  lecunUniform,
  orthogonal,
  type Shape,
  truncatedNormal,
} from "../../mod.ts";
import { abstractKey } from "../../lib/key.ts";
import { testEach } from "../backends.ts";

async function draws(initializer: Initializer, shape: Shape, seed = 0): Promise<number[]> {
  using made = initializer(key(seed), shape);
  return [...await made.data()];
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]): number => mean(values.map((value) => value ** 2));

/** A kernel [3, 3, in, out] with 180 terms forwards and 360 backwards. */
const KERNEL = [3, 3, 20, 40];

const VARIANCES: readonly [name: string, initializer: Initializer, expected: number][] = [
  ["heNormal()", heNormal(), 2 / 180],
  ['heNormal({ fan: "out" })', heNormal({ fan: "out" }), 2 / 360],
  ["heNormal({ truncated: true })", heNormal({ truncated: true }), 2 / 180],
  ["heUniform()", heUniform(), 2 / 180],
  ['heUniform({ fan: "out" })', heUniform({ fan: "out" }), 2 / 360],
  ["glorotNormal()", glorotNormal(), 1 / 270],
  ["glorotNormal({ truncated: true })", glorotNormal({ truncated: true }), 1 / 270],
  ["glorotUniform()", glorotUniform(), 1 / 270],
  ["lecunNormal()", lecunNormal(), 1 / 180],
  ['lecunNormal({ fan: "out" })', lecunNormal({ fan: "out" }), 1 / 360],
  ["lecunUniform()", lecunUniform(), 1 / 180],
  ["truncatedNormal()", truncatedNormal(), 0.8796256610342398 ** 2],
];

for (const [name, initializer, expected] of VARIANCES) {
  testEach(`${name} has the variance it promises, and mean 0`, async () => {
    const values = await draws(initializer, KERNEL);
    const deviation = Math.sqrt(expected);
    // 7,200 values: six deviations of the mean, and of the variance of the widest distribution.
    assertAlmostEquals(mean(values), 0, 6 * deviation / Math.sqrt(7200));
    assertAlmostEquals(variance(values) / expected, 1, 6 * Math.sqrt(2 / 7200));
    assertNotEquals(await draws(initializer, KERNEL, 1), values);
    assertEquals(await draws(initializer, KERNEL), values);
  }, ["cpu"]);
}

testEach("Uniform initialisers stay within their limit and reach it", async () => {
  const values = await draws(heUniform(), KERNEL);
  const limit = Math.sqrt(6 / 180);
  assert(values.every((value) => Math.abs(value) <= limit));
  assert(Math.max(...values) > 0.99 * limit && Math.min(...values) < -0.99 * limit);
});

testEach("truncatedNormal() has the quantiles of the distribution that is cut off", async () => {
  const values = (await draws(truncatedNormal({ mean: 3, deviation: 2 }), [20_000])).sort(
    (a, b) => a - b,
  );
  assert(values[0]! >= -1 && values.at(-1)! <= 7);
  // Of the standard normal distribution between -2 and 2, from its distribution function.
  const quantiles = [[0.05, -1.4722], [0.25, -0.6392], [0.5, 0], [0.75, 0.6392], [0.95, 1.4722]];
  for (const [share, quantile] of quantiles) {
    assertAlmostEquals((values[Math.floor(share! * 20_000)]! - 3) / 2, quantile!, 0.05);
  }
});

testEach("orthogonal() gives orthonormal rows or columns, whichever are fewer", async () => {
  for (const shape of [[6, 6], [9, 4], [4, 9], [3, 3, 2, 5]]) {
    const values = await draws(orthogonal({ gain: 2 }), shape);
    const columns = shape.at(-1)!;
    const rows = values.length / columns;
    const at = (row: number, column: number) => values[row * columns + column]!;
    const wide = rows < columns;
    const [count, length] = wide ? [rows, columns] : [columns, rows];
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        let dot = 0;
        for (let i = 0; i < length; i++) dot += wide ? at(a, i) * at(b, i) : at(i, a) * at(i, b);
        assertAlmostEquals(dot, a === b ? 4 : 0, 1e-5);
      }
    }
  }
});

testEach("orthogonal() turns either way with equal chance", async () => {
  const signs = await Promise.all(
    Array.from(
      { length: 200 },
      async (_, seed) => Math.sign((await draws(orthogonal(), [1], seed))[0]!),
    ),
  );
  assertAlmostEquals(mean(signs), 0, 0.3);
});

testEach("constant() fills with its value", async () => {
  assertEquals(await draws(constant(-2.5), [2, 3]), Array(6).fill(-2.5));
});

Deno.test("With the abstract key initialisers give shapes without values", () => {
  const all = [constant(1), orthogonal(), ...VARIANCES.map(([, initializer]) => initializer)];
  for (const initializer of all) assertEquals(initializer(abstractKey, KERNEL).shape, KERNEL);
});
