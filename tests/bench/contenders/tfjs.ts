/** Stock tfjs, with the gradients that it brings along. */

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers";
import type { Block } from "../lines.ts";
import { type Arithmetic, forward } from "../network.ts";
import { CLASSES, EPSILON, RECIPE } from "../problem.ts";
import type { Start } from "./contender.ts";
import { gpuMB } from "./gpu_memory.ts";

type Pairs = tf.backend_util.ExplicitPadding;

const arithmetic: Arithmetic<tf.Tensor> = {
  conv(x, weight, stride) {
    const edge: [number, number] = weight.shape[0] === 3 ? [1, 1] : [0, 0];
    const pad: Pairs = [[0, 0], edge, edge, [0, 0]];
    return tf.conv2d(x as tf.Tensor4D, weight as tf.Tensor4D, stride, pad);
  },
  norm(x, weight, bias) {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    const scale = tf.mul(tf.rsqrt(tf.add(variance, EPSILON)), weight);
    return tf.add(tf.mul(tf.sub(x, mean), scale), bias);
  },
  relu: tf.relu,
  add: tf.add,
  head: (x, weight, bias) => tf.add(tf.matMul(tf.mean(x, [1, 2]), weight), bias),
  share: (x) => x,
};

/** Makes ready to train with tfjs. */
export const start: Start = async ({ network, params, images, labels }, backend) => {
  tf.enableProdMode();
  if (backend === "cpu") await import("@tensorflow/tfjs-backend-cpu");
  else await import("@tensorflow/tfjs-backend-webgpu");
  await tf.setBackend(backend);
  const { learningRate, momentum, weightDecay } = RECIPE;
  const toTensor = ({ values, shape }: Block) => tf.tensor(values, [...shape]);
  const names = Object.keys(params);
  let weights = names.map((name) => toTensor(params[name]!));
  let velocities = weights.map((weight) => tf.zerosLike(weight));
  const x = toTensor(images);
  const y = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(labels), CLASSES), "float32"));
  const differentiate = tf.valueAndGrads((...weights: tf.Tensor[]): tf.Scalar => {
    const byName = Object.fromEntries(names.map((name, i) => [name, weights[i]!]));
    const scores = forward(arithmetic, network, byName, x);
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(scores), y), -1)));
  });
  return {
    adapter: backend,
    ...backend === "webgpu" && { gpuMB },
    async step() {
      const [loss, moved, faster] = tf.tidy(() => {
        const { value, grads } = differentiate(weights);
        const faster = grads.map((gradient, i) =>
          tf.add(
            tf.mul(velocities[i]!, momentum),
            tf.add(gradient, tf.mul(weights[i]!, weightDecay)),
          )
        );
        const moved = faster.map((v, i) => tf.sub(weights[i]!, tf.mul(v, learningRate)));
        return [value, moved, faster] as const satisfies tf.TensorContainer;
      });
      const [value] = await loss.data();
      tf.dispose([weights, velocities, loss]);
      [weights, velocities] = [moved, faster];
      return [value!];
    },
  };
};
