import { assertEquals } from "@std/assert";
import {
  elu,
  empty,
  evalMode,
  gelu,
  grad,
  type Layer,
  leakyRelu,
  ops,
  relu,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
  tensor,
} from "../../mod.ts";
import { release } from "../../lib/ownership.ts";
import type { Tensor } from "../../lib/tensor.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";

const variables = { params: empty, state: empty };

/** The outputs and the slopes at some values. */
async function at(layer: Layer, values: readonly number[]): Promise<[number[], number[]]> {
  using x = tensor(values);
  using y = layer.apply(variables, x, evalMode)[0];
  const slope = grad(([x]: readonly [Tensor]) => ops.sum(layer.apply(variables, x, evalMode)[0]))([
    x,
  ]);
  const read: [number[], number[]] = [[...await y.data()], [...await slope[0].data()]];
  release(slope);
  return read;
}

const SELU = 1.0507009873554805;

const FAR: readonly [layer: Layer, outputs: [number, number], slopes: [number, number]][] = [
  [relu, [0, 100], [0, 1]],
  [leakyRelu(), [-1, 100], [0.01, 1]],
  [elu, [-1, 100], [0, 1]],
  [selu, [-1.758099341, 100 * SELU], [0, SELU]],
  [silu, [0, 100], [0, 1]],
  [gelu(), [0, 100], [0, 1]],
  [gelu({ approximate: "tanh" }), [0, 100], [0, 1]],
  [sigmoid, [0, 1], [0, 0]],
  [tanh, [-1, 1], [0, 0]],
  [softplus, [0, 100], [0, 1]],
];

for (const [layer, outputs, slopes] of FAR) {
  testEach(`${layer.kind} and its slope are finite and right far from zero`, async () => {
    const [y, slope] = await at(layer, [-100, 100]);
    await assertClose(y, outputs, { absolute: 1e-6, relative: 1e-6 });
    await assertClose(slope, slopes, { absolute: 1e-6 });
  });
}

testEach("softmax does not overflow", async () => {
  const [y, slope] = await at(softmax, [1e4, -1e4]);
  assertEquals(y, [1, 0]);
  await assertClose(slope, [0, 0]);
});
