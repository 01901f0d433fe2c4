/** jax-js: the whole step is one compiled function. */

// deno-lint-ignore no-import-prefix -- a peer of the benchmarks only, not a dependency of the library
import {
  blockUntilReady,
  defaultDevice,
  type Device,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  valueAndGrad,
} from "npm:@jax-js/jax@0.1.25";
import type { Block } from "../lines.ts";
import { type Arithmetic, forward } from "../network.ts";
import { EPSILON, parametersOf, RECIPE } from "../problem.ts";
import type { Start } from "./contender.ts";

type Arrays = Record<string, np.Array>;

// A function of jax-js uses its arguments up; `ref` is one more use. Images are channels first.
const arithmetic: Arithmetic<np.Array> = {
  conv(x, weight, stride) {
    const edge = (weight.shape[2]! - 1) / 2;
    return lax.conv(x, weight, [stride, stride], [[edge, edge], [edge, edge]]);
  },
  norm(x, weight, bias) {
    const wide = (channels: np.Array) => channels.reshape([1, -1, 1, 1]);
    const centred = x.ref.sub(x.mean([0, 2, 3], { keepdims: true }));
    const variance = np.square(centred.ref).mean([0, 2, 3], { keepdims: true });
    const scale = wide(weight).div(np.sqrt(variance.add(EPSILON)));
    return centred.mul(scale).add(wide(bias));
  },
  relu: (x) => nn.relu(x),
  maxPool(x) {
    const wide = np.pad(x, [[0, 0], [0, 0], [1, 1], [1, 1]]);
    return lax.reduceWindow(wide, (window) => np.max(window), [3, 3], [2, 2]);
  },
  add: (a, b) => a.add(b),
  mean: (x) => x.mean(x.ndim === 4 ? [2, 3] : [1]),
  dense: (x, weight, bias) => np.matmul(x, weight).add(bias),
  share: (x) => x.ref,
  sequences: {
    norm: (x, weight, bias) => nn.standardize(x, -1, { epsilon: EPSILON }).mul(weight).add(bias),
    attention(x, heads) {
      const [batch, time, width] = x.shape as [number, number, number];
      const all = x.reshape([batch, time, 3, heads, width / 3 / heads]);
      const [queries, keys, values] = [all.ref, all.ref, all].map((one, i) =>
        one.slice([], [], i)
      ) as [np.Array, np.Array, np.Array];
      return nn.dotProductAttention(queries, keys, values).reshape([batch, time, width / 3]);
    },
  },
};

/** `[height, width, in, out]` to `[out, in, height, width]`, and images to channels first. */
function toArray({ values, shape }: Block, order?: number[]): np.Array {
  const array = np.array(values as Float32Array<ArrayBuffer>).reshape([...shape]);
  return order === undefined ? array : np.transpose(array, order);
}

/** Makes ready to train with jax-js. */
export const start: Start = async (problem, backend) => {
  const { network, examples, labels, classes, learningRate } = problem;
  await init(backend as Device);
  defaultDevice(backend as Device);
  const { momentum, weightDecay } = RECIPE;
  let weights: Arrays = {};
  let velocities: Arrays = {};
  for (const [name, block] of Object.entries(parametersOf(problem))) {
    weights[name] = toArray(block, block.shape.length === 4 ? [3, 2, 0, 1] : undefined);
    velocities[name] = np.zeros(weights[name].shape);
  }
  const x = toArray(examples, examples.shape.length === 4 ? [0, 3, 1, 2] : undefined);
  const y = nn.oneHot(np.array(labels as Int32Array<ArrayBuffer>), classes);
  const differentiate = valueAndGrad((weights: Arrays, x: np.Array, y: np.Array) => {
    const scores = forward(arithmetic, network, weights, x);
    return nn.logSoftmax(scores).mul(y).sum(-1).mean().neg();
  });
  const take = jit((weights: Arrays, velocities: Arrays, x: np.Array, y: np.Array) => {
    const shared = Object.fromEntries(Object.entries(weights).map(([name, w]) => [name, w.ref]));
    const [loss, gradient] = differentiate(shared, x, y);
    const [moved, faster]: [Arrays, Arrays] = [{}, {}];
    for (const [name, w] of Object.entries(weights)) {
      faster[name] = velocities[name]!.mul(momentum).add(gradient[name]!).add(
        w.ref.mul(weightDecay),
      );
      moved[name] = w.sub(faster[name].ref.mul(learningRate));
    }
    return [loss, moved, faster] as [np.Array, Arrays, Arrays];
  });
  return {
    adapter: backend,
    async step() {
      const [loss, moved, faster] = take(weights, velocities, x.ref, y.ref);
      await blockUntilReady([moved, faster]); // what is not waited for is not computed
      [weights, velocities] = [moved, faster];
      return [(await loss.data())[0]!];
    },
  };
};
