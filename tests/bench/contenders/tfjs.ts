/** Stock tfjs, with the gradients that it brings along. */

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers";
import type { Block } from "../lines.ts";
import { type Arithmetic, forward } from "../network.ts";
import { EPSILON, parametersOf, RECIPE } from "../problem.ts";
import type { Start } from "./contender.ts";
import { gpuMB } from "./gpu_memory.ts";

type Pairs = tf.backend_util.ExplicitPadding;

function normalized(x: tf.Tensor, axes: number[], weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, axes, true);
  const scale = tf.mul(tf.rsqrt(tf.add(variance, EPSILON)), weight);
  return tf.add(tf.mul(tf.sub(x, mean), scale), bias);
}

const arithmetic: Arithmetic<tf.Tensor> = {
  conv(x, weight, stride) {
    const edge = (weight.shape[0]! - 1) / 2;
    const pad: Pairs = [[0, 0], [edge, edge], [edge, edge], [0, 0]];
    return tf.conv2d(x as tf.Tensor4D, weight as tf.Tensor4D, stride, pad);
  },
  norm: (x, weight, bias) => normalized(x, [0, 1, 2], weight, bias),
  relu: tf.relu,
  maxPool(x) {
    const wide = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]);
    return tf.maxPool(wide as tf.Tensor4D, 3, 2, "valid");
  },
  add: tf.add,
  mean: (x) => tf.mean(x, x.rank === 4 ? [1, 2] : 1),
  dense(x, weight, bias) {
    const y = tf.add(tf.matMul(tf.reshape(x, [-1, weight.shape[0]!]), weight), bias);
    return tf.reshape(y, [...x.shape.slice(0, -1), -1]);
  },
  share: (x) => x,
  sequences: {
    norm: (x, weight, bias) => normalized(x, [-1], weight, bias),
    attention(x, heads) {
      const [batch, time, width] = x.shape as [number, number, number];
      const size = width / 3 / heads;
      const all = tf.transpose(tf.reshape(x, [batch, time, 3, heads, size]), [2, 0, 3, 1, 4]);
      const [queries, keys, values] = tf.unstack(all) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const fit = tf.matMul(tf.mul(queries, size ** -0.5), keys, false, true);
      const seen = tf.matMul(tf.softmax(fit), values);
      return tf.reshape(tf.transpose(seen, [0, 2, 1, 3]), [batch, time, width / 3]);
    },
  },
};

/** Makes ready to train with tfjs. */
export const start: Start = async (problem, backend) => {
  const { network, examples, labels, classes, learningRate } = problem;
  tf.enableProdMode();
  if (backend === "cpu") await import("@tensorflow/tfjs-backend-cpu");
  else await import("@tensorflow/tfjs-backend-webgpu");
  await tf.setBackend(backend);
  const { momentum, weightDecay } = RECIPE;
  const toTensor = ({ values, shape }: Block) => tf.tensor(values, [...shape]);
  const params = parametersOf(problem);
  const names = Object.keys(params);
  let weights = names.map((name) => toTensor(params[name]!));
  let velocities = weights.map((weight) => tf.zerosLike(weight));
  const x = toTensor(examples);
  const y = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(labels), classes), "float32"));
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
