/** Layers of tfjs, trained by `trainOnBatch` on the kernels that tfjs brings along. */

import * as tf from "@tensorflow/tfjs-core";
import { input, layers, model, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import type { Block } from "../lines.ts";
import { type Arithmetic, forward } from "../network.ts";
import { EPSILON, parametersOf, RECIPE } from "../problem.ts";
import type { Start } from "./contender.ts";
import { gpuMB } from "./gpu_memory.ts";
import { apply, padded } from "./symbolic.ts";

const toTensor = ({ values, shape }: Block) => tf.tensor(values, [...shape]);

const arithmetic: Arithmetic<Block | SymbolicTensor> = {
  conv(x, weight, strides) {
    const { shape } = weight as Block;
    const [kernelSize, , , filters] = shape as [number, number, number, number];
    const framed = padded(x as SymbolicTensor, (kernelSize - 1) / 2);
    const weights = [toTensor(weight as Block)];
    return apply(layers.conv2d({ filters, kernelSize, strides, weights, useBias: false }), framed);
  },
  norm(x, weight, bias) {
    const { shape } = weight as Block;
    const weights = [
      toTensor(weight as Block),
      toTensor(bias as Block),
      tf.zeros([...shape]),
      tf.ones([...shape]),
    ];
    const options = { epsilon: EPSILON, momentum: 0.9, weights };
    return apply(layers.batchNormalization(options), x as SymbolicTensor);
  },
  relu: (x) => apply(layers.reLU(), x as SymbolicTensor),
  maxPool: (x) =>
    apply(layers.maxPooling2d({ poolSize: 3, strides: 2 }), padded(x as SymbolicTensor, 1)),
  add: (a, b) => apply(layers.add(), [a as SymbolicTensor, b as SymbolicTensor]),
  mean: (x) => apply(layers.globalAveragePooling2d({}), x as SymbolicTensor),
  dense(x, weight, bias) {
    const weights = [toTensor(weight as Block), toTensor(bias as Block)];
    const [units] = (bias as Block).shape as [number];
    return apply(layers.dense({ units, weights }), x as SymbolicTensor);
  },
  share: (x) => x,
};

/** Momentum whose gradients have the decay of the weights in them, as the recipe has it. */
class Momentum extends tf.MomentumOptimizer {
  // Layers call it with a list; its type is not exported.
  override applyGradients(gradients: Parameters<tf.MomentumOptimizer["applyGradients"]>[0]): void {
    const list = gradients as { name: string; tensor: tf.Tensor }[];
    const decayed = list.map(({ name, tensor }) => {
      const weight = tf.engine().registeredVariables[name]!;
      return { name, tensor: tf.tidy(() => tf.add(tensor, tf.mul(weight, RECIPE.weightDecay))) };
    });
    super.applyGradients(decayed);
    tf.dispose(decayed.map(({ tensor }) => tensor));
  }
}

/** Makes ready to train with layers of tfjs. */
export const start: Start = async (problem, backend) => {
  const { network, examples, labels, classes, learningRate } = problem;
  tf.enableProdMode();
  if (backend === "cpu") await import("@tensorflow/tfjs-backend-cpu");
  else await import("@tensorflow/tfjs-backend-webgpu");
  await tf.setBackend(backend);
  const x = input({ shape: examples.shape.slice(1) });
  const outputs = forward(arithmetic, network, parametersOf(problem), x) as SymbolicTensor;
  const net = model({ inputs: x, outputs });
  const loss = (y: tf.Tensor, scores: tf.Tensor): tf.Tensor =>
    tf.neg(tf.sum(tf.mul(tf.logSoftmax(scores), y), -1));
  net.compile({ optimizer: new Momentum(learningRate, RECIPE.momentum), loss });
  const batch = toTensor(examples);
  const y = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(labels), classes), "float32"));
  return {
    adapter: `tfjs ${backend}`,
    ...backend === "webgpu" && { gpuMB },
    async step() {
      return [await net.trainOnBatch(batch, y) as number];
    },
  };
};
