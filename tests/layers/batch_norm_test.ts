import { assert, assertEquals } from "@std/assert";
import {
  batchNorm,
  empty,
  evalMode,
  key,
  layer,
  ops,
  sequential,
  tensor,
  trainMode,
  valueAndGrad,
} from "../../mod.ts";
import { release, scoped } from "../../lib/ownership.ts";
import { normal } from "../../lib/random.ts";
import type { Tensor } from "../../lib/tensor.ts";
import { tf } from "../../lib/tfjs.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";

const train = trainMode(key(0));

testEach(
  "batchNorm() normalises with the biased variance and remembers the unbiased one",
  async () => {
    const norm = batchNorm({ epsilon: 1e-12 });
    using variables = scoped(norm.init(key(0), [4, 1]));
    using x = tensor([1, 2, 3, 6], [4, 1]); // mean 3, variance 14/4 biased and 14/3 unbiased
    using result = scoped(norm.apply(variables, x, train));
    const [y, next] = result;
    const deviation = Math.sqrt(3.5);
    await assertClose(y, { shape: [4, 1], values: [-2, -1, 0, 3].map((v) => v / deviation) });
    await assertClose(next.mean, [0.3]);
    await assertClose(next.variance, [0.9 + 0.1 * 14 / 3]);
  },
);

testEach("batchNorm() uses what it remembers in eval mode, and only that", async () => {
  const norm = batchNorm();
  using params = scoped({ weight: tensor([2]), bias: tensor([-1]) });
  using state = scoped({ mean: tensor([3]), variance: tensor([4]) });
  using x = tensor([3, 5, 100], [3, 1]);
  using result = scoped(norm.apply({ params, state }, x, evalMode));
  await assertClose(result[0], [-1, 1, 96], { absolute: 1e-3 });
});

testEach("batchNorm() of one value per channel, or of equal values, is finite", async () => {
  const norm = batchNorm();
  for (const batch of [1, 4]) {
    using variables = scoped(norm.init(key(0), [batch, 2]));
    using x = ops.fill([batch, 2], 1e4);
    const loss = (at: { params: typeof variables.params; x: Tensor }) => {
      const [y, next] = norm.apply({ ...variables, params: at.params }, at.x, train);
      return [ops.sum(ops.mul(y, y)), { y, next }] as const;
    };
    const at = { params: variables.params, x };
    const [[value, { y, next }], gradient] = valueAndGrad(loss, { aux: true })(at);
    await assertClose(y, Array(2 * batch).fill(0));
    await assertClose(next.mean, [1e3, 1e3], { absolute: 1e-3 });
    await assertClose(next.variance, [0.9, 0.9]);
    for (const leaf of [gradient.x, gradient.params.weight, gradient.params.bias]) {
      assert([...await leaf.data()].every(Number.isFinite));
    }
    release([value, y, next, gradient]);
  }
});

testEach("batchNorm() keeps its digits when the mean is far from zero", async () => {
  const norm = batchNorm();
  using variables = scoped(norm.init(key(0), [4, 1]));
  using x = tensor([1000, 1001, 1002, 1003], [4, 1]);
  using result = scoped(norm.apply(variables, x, train));
  const deviation = Math.sqrt(1.25);
  await assertClose(result[0], [-1.5, -0.5, 0.5, 1.5].map((v) => v / deviation), {
    absolute: 1e-4,
  });
});

testEach("batchNorm({ scale: 0 }) gives zero, and its weight still learns", async () => {
  const norm = batchNorm({ scale: 0 });
  using variables = scoped(norm.init(key(0), [4, 1]));
  using x = tensor([1, 2, 3, 6], [4, 1]);
  const loss = (params: typeof variables.params) => {
    const [y, next] = norm.apply({ ...variables, params }, x, train);
    return [ops.sum(ops.mul(y, x)), { y, next }] as const;
  };
  const [[value, { y, next }], gradient] = valueAndGrad(loss, { aux: true })(variables.params);
  await assertClose(y, [0, 0, 0, 0]);
  await assertClose(gradient.weight, [14 / Math.sqrt(3.5)], { absolute: 1e-4 });
  release([value, y, next, gradient]);
});

testEach("The gradient of batchNorm() holds one tensor of the size of its input, not four", () => {
  const shape = [64, 4, 4, 4];
  const norm = batchNorm();
  using variables = scoped(norm.init(key(0), shape));
  using x = normal(key(1), shape);
  const held: number[] = [];
  const watch = layer({
    kind: "watch",
    init: (_key, shape) => ({ params: empty, state: empty, shape }),
    apply: (_variables, x) => {
      held.push(tf.memory().numBytes);
      return [ops.clone(x), empty];
    },
  });
  const model = sequential(watch, norm, watch);
  const at = { params: [empty, variables.params, empty] as const, x };
  const state = [empty, variables.state, empty] as const;
  const [value, gradient] = valueAndGrad((point: typeof at) => {
    const [y, next] = model.apply({ params: point.params, state }, point.x, train);
    release(next);
    return ops.sum(y);
  })(at);
  const [before, after] = held as [number, number];
  // In tensors of the size of the input: the output and the centred input, and a few of one channel.
  assertEquals(Math.floor((after - before) / (4 * x.size)), 2);
  release([value, gradient]);
});
