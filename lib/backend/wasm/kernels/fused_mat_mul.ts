/**
 * `_FusedMatMul` from its parts. The stock kernel adds the bias several times over when an operand is
 * transposed, and shares the cache error of `BatchMatMul`.
 *
 * @module
 */

import type { Kernel, TensorInfo } from "../scratch.ts";

const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: "Relu",
  relu6: "Relu6",
  sigmoid: "Sigmoid",
  elu: "Elu",
  leakyrelu: "LeakyRelu",
  prelu: "Prelu",
};

/** `activation(a b + bias)`. */
export const fusedMatMul: Kernel = (pad, inputs, attributes) => {
  const { a, b, bias, preluActivationWeights: alpha } = inputs;
  const { activation = "linear", leakyreluAlpha } = attributes;
  let y: TensorInfo = pad.run("BatchMatMul", { a, b }, attributes);
  if (bias !== undefined) y = pad.run("Add", { a: y, b: bias });
  const kernel = ACTIVATIONS[activation];
  return kernel === undefined ? y : pad.run(kernel, { x: y, alpha }, { alpha: leakyreluAlpha });
};
