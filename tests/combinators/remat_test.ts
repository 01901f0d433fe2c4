import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { basicBlock } from "../../lib/combinators/blocks.ts";
import { remat } from "../../lib/combinators/remat.ts";
import { repeat, sequential } from "../../lib/combinators/sequential.ts";
import { valueAndGrad } from "../../lib/grad.ts";
import { key } from "../../lib/key.ts";
import { evalMode, type Layer, type Mode, trainMode } from "../../lib/layer.ts";
import { relu, tanh } from "../../lib/layers/activation.ts";
import { batchNorm } from "../../lib/layers/batch_norm.ts";
import { dense } from "../../lib/layers/dense.ts";
import { dropout } from "../../lib/layers/dropout.ts";
import { mul, ones, sum } from "../../lib/ops.ts";
import { liveTensors, release } from "../../lib/ownership.ts";
import { normal } from "../../lib/random.ts";
import type { Shape, Tensor } from "../../lib/tensor.ts";
import { entries, type Tree } from "../../lib/tree.ts";
import { testEach } from "../backends.ts";
import { layerLaws } from "../laws.ts";

/** Output, next state and gradients, and how many tensors there were before the way back. */
async function observe(
  layer: Layer,
  shape: Shape,
  mode: Mode,
): Promise<[Tree, Map<string, unknown>, number]> {
  const { params, state } = layer.init(key(0), shape);
  const at = { params, x: normal(key(1), shape) };
  const before = liveTensors();
  let held = 0;
  const f = ({ params, x }: { params: Tree; x: Tensor }) => {
    const [y, next] = layer.apply({ params, state }, x, mode);
    const value = sum(mul(y, y));
    held = liveTensors() - before;
    return [value, { next, y }] as const;
  };
  const [[value, aux], gradient] = valueAndGrad(f, { aux: true })(at);
  const read = new Map<string, unknown>();
  for (const [path, leaf] of entries({ value, aux, gradient })) read.set(path, await leaf.data());
  release([at, state, value, aux, gradient]);
  return [aux, read, held];
}

const MODES: Mode[] = [evalMode, trainMode(key(5))];

testEach("remat() gives the output, the next state and the gradients of its body", async () => {
  const bodies: [Layer, number[]][] = [
    [sequential(dense(8), batchNorm(), relu, dropout(0.5), dense(3)), [4, 5]],
    [basicBlock(4, { stride: 2 }), [2, 6, 6, 3]],
    [repeat(2, () => remat(sequential(dense(4), tanh))), [2, 4]],
  ];
  for (const [body, shape] of bodies) {
    for (const mode of MODES) {
      const [, plain] = await observe(body, shape, mode);
      const [, again] = await observe(remat(body), shape, mode);
      assertEquals([...again.keys()], [...plain.keys()]);
      for (const [path, values] of plain) assertEquals(again.get(path), values, path);
    }
  }
});

testEach("remat() holds less until the gradient is taken", async () => {
  const deep = repeat(6, () => sequential(dense(4), tanh, dense(4), tanh));
  const light = repeat(6, () => remat(sequential(dense(4), tanh, dense(4), tanh)));
  const [[, , many], [, , few]] = [
    await observe(deep, [2, 4], trainMode(key(0))),
    await observe(light, [2, 4], trainMode(key(0))),
  ];
  // Input and four parameters for each, against those and three maps.
  assert(few < many, `${few} tensors against ${many}`);
});

testEach("remat() outside of a gradient is its body", async () => {
  const layer = remat(sequential(batchNorm(), tanh));
  const variables = layer.init(key(0), [2, 3]);
  const x = ones([2, 3]);
  const [y, next] = layer.apply(variables, x, evalMode);
  assertStrictEquals(next, variables.state);
  assertEquals(y.shape, [2, 3]);
  for (const value of await y.data()) assert(Number.isFinite(value));
  release([variables, x, y]);
});

testEach("A tap sees what is inside remat() once", async () => {
  const layer = remat(sequential(tanh, tanh));
  const { params, state } = layer.init(key(0), [1, 2]);
  const seen: string[] = [];
  const tap = { path: "", visit: (path: string) => void seen.push(path) };
  const x = ones([1, 2]);
  const f = (x: Tensor) => sum(layer.apply({ params, state }, x, { ...evalMode, tap })[0]);
  const [value, gradient] = valueAndGrad(f)(x);
  assertEquals(seen, ["0", "1"]);
  assertEquals((await gradient.data()).length, 2);
  release([x, value, gradient]);
});

layerLaws("remat", remat(sequential(dense(4), batchNorm(), tanh, dense(2))), [4, 3]);
