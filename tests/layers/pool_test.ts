import { assertEquals } from "@std/assert";
import {
  avgPool,
  describe,
  empty,
  evalMode,
  globalMaxPool,
  type Layer,
  maxPool,
  tensor,
} from "../../mod.ts";
import type { Shape } from "../../lib/tensor.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";

const variables = { params: empty, state: empty };

async function pool(layer: Layer, values: readonly number[], shape: Shape): Promise<number[]> {
  using x = tensor(values, shape);
  using y = layer.apply(variables, x, evalMode)[0];
  return [...await y.data()];
}

const image = Array.from({ length: 16 }, (_, i) => i % 5 === 2 ? NaN : -i);

testEach("A NaN in a window gives NaN, and only there", async () => {
  const nan = (values: readonly number[]) => values.map(Number.isNaN);
  // NaN is at pixels 2, 7 and 12 of 4 x 4.
  const quarters = [false, true, true, false];
  assertEquals(nan(await pool(maxPool(2), image, [1, 4, 4, 1])), quarters);
  assertEquals(nan(await pool(avgPool(2), image, [1, 4, 4, 1])), quarters);
  assertEquals(nan(await pool(globalMaxPool, image, [1, 4, 4, 1])), [true]);
  const overlapping = await pool(maxPool(3, { stride: 2, padding: 1 }), image, [1, 4, 4, 1]);
  assertEquals(nan(overlapping), [false, true, true, true]);
});

testEach("The border is never the maximum, and not counted by the mean", async () => {
  const overlap = { stride: 2, padding: 1 };
  const below = [-4, -3, -2, -1];
  assertEquals(await pool(maxPool(3, overlap), below, [1, 2, 2, 1]), [-1]);
  assertEquals(await pool(avgPool(3, overlap), below, [1, 2, 2, 1]), [-2.5]);
});

testEach('Padding "same" takes other windows than padding on both sides', async () => {
  const values = Array.from({ length: 16 }, (_, i) => i);
  const pooled = (padding: "same" | number) =>
    pool(maxPool(3, { stride: 2, padding }), values, [1, 4, 4, 1]);
  assertEquals(await pooled("same"), [10, 11, 14, 15]);
  assertEquals(await pooled(1), [5, 7, 13, 15]);
});

testEach('avgPool() with padding "same" is a mean over the pixels inside', async () => {
  const y = await pool(avgPool(2, { padding: "same", stride: 1 }), [1, 2, 3, 4], [1, 2, 2, 1]);
  await assertClose(y, [2.5, 3, 3.5, 4]);
});

Deno.test("The pool of a ResNet halves the image", () => {
  const { output } = describe(maxPool(3, { stride: 2, padding: 1 }), [1, 112, 112, 64]);
  assertEquals(output, [1, 56, 56, 64]);
});
