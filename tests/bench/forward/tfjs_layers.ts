/** Layers of tfjs on the kernels that tfjs brings along. */

import * as tf from "@tensorflow/tfjs-core";
import { input, layers, model, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import type { Start } from "../contenders/contender.ts";
import { apply, padded } from "../contenders/symbolic.ts";
import { type Arithmetic, forward } from "./network.ts";
import { COLOURS, type ForwardProblem, type Linear, makeBatches, SIZE } from "./problem.ts";

/** `[out, in, …]` to `[…, in, out]`. */
function weightsOf({ shape, weight, bias }: Linear): tf.Tensor[] {
  const order = [...shape.keys().drop(2), 1, 0];
  const turned = tf.tidy(() => tf.transpose(tf.tensor(weight, [...shape]), order));
  return [turned, tf.tensor1d(bias)];
}

const arithmetic: Arithmetic<SymbolicTensor> = {
  conv(x, linear, strides) {
    const [filters, , kernelSize] = linear.shape as [number, number, number];
    const weights = weightsOf(linear);
    const layer = layers.conv2d({ filters, kernelSize, strides, weights });
    return apply(layer, padded(x, (kernelSize - 1) / 2));
  },
  relu: (x) => apply(layers.reLU(), x),
  maxPool: (x) => apply(layers.maxPooling2d({ poolSize: 3, strides: 2 }), padded(x, 1)),
  add: (a, b) => apply(layers.add(), [a, b]),
  mean: (x) => apply(layers.globalAveragePooling2d({}), x),
  dense(x, linear) {
    return apply(layers.dense({ units: linear.shape[0]!, weights: weightsOf(linear) }), x);
  },
  share: (x) => x,
};

/** Makes ready with layers of tfjs. */
export const start: Start<ForwardProblem> = async ({ network, batch }, backend) => {
  tf.enableProdMode();
  if (backend === "wasm") {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    const binary = import.meta.resolve(
      "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
    );
    setWasmPaths(decodeURIComponent(new URL(".", binary).pathname));
  } else await import("@tensorflow/tfjs-backend-webgpu");
  await tf.setBackend(backend);
  const x = input({ shape: [SIZE, SIZE, COLOURS] });
  const net = model({ inputs: x, outputs: forward(arithmetic, network, x) });
  const images = makeBatches(batch);
  return {
    adapter: `tfjs ${backend}`,
    async step() {
      const y = tf.tidy(() =>
        net.predictOnBatch(tf.tensor(images(), [batch, SIZE, SIZE, COLOURS])) as tf.Tensor
      );
      const scores = await y.data();
      y.dispose();
      return [...scores];
    },
  };
};
