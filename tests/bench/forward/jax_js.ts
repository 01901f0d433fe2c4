/** jax-js: the whole pass is one compiled function. */

// deno-lint-ignore no-import-prefix -- a peer of the benchmarks only, not a dependency of the library
import {
  defaultDevice,
  type Device,
  init,
  jit,
  lax,
  nn,
  numpy as np,
} from "npm:@jax-js/jax@0.1.25";
import type { Start } from "../contenders/contender.ts";
import { type Arithmetic, forward } from "./network.ts";
import {
  COLOURS,
  type ForwardProblem,
  type Linear,
  makeBatchesChannelsFirst,
  SIZE,
} from "./problem.ts";

const toArray = (values: Float32Array, shape: readonly number[]) =>
  np.array(values as Float32Array<ArrayBuffer>).reshape([...shape]);

const biased = (y: np.Array, { bias }: Linear, shape: number[]) => y.add(toArray(bias, shape));

// A function of jax-js uses its arguments up; `ref` is one more use. Images are channels first.
const arithmetic: Arithmetic<np.Array> = {
  conv(x, linear, stride) {
    const edge = (linear.shape[2]! - 1) / 2;
    const padding: [number, number][] = [[edge, edge], [edge, edge]];
    const kernel = toArray(linear.weight, linear.shape);
    return biased(lax.conv(x, kernel, [stride, stride], padding), linear, [1, -1, 1, 1]);
  },
  relu: (x) => nn.relu(x),
  maxPool(x) {
    const wide = np.pad(x, [[0, 0], [0, 0], [1, 1], [1, 1]]);
    return lax.reduceWindow(wide, (window) => np.max(window), [3, 3], [2, 2]);
  },
  add: (a, b) => a.add(b),
  mean: (x) => x.mean([2, 3]),
  dense(x, linear) {
    return biased(np.matmul(x, np.transpose(toArray(linear.weight, linear.shape))), linear, [
      1,
      -1,
    ]);
  },
  share: (x) => x.ref,
};

/** Makes ready with jax-js. */
export const start: Start<ForwardProblem> = async ({ network, batch }, backend) => {
  await init(backend as Device);
  defaultDevice(backend as Device);
  const pass = jit((x: np.Array) => forward(arithmetic, network, x));
  const images = makeBatchesChannelsFirst(batch);
  return {
    adapter: `jax-js ${backend}`,
    async step() {
      const y = pass(toArray(images(), [batch, COLOURS, SIZE, SIZE]));
      return [...await y.data()];
    },
  };
};
