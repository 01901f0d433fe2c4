/**
 * Products and convolutions with a bias and an activation, from their parts. tfjs's own add the bias
 * several times over when an operand of a product is transposed, share the cache error of
 * `BatchMatMul`, and make numbers of NaN.
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

/** `activation(linear(…) + bias)`. */
const fused = (linear: string, ...operands: string[]): Kernel => (pad, inputs, attributes) => {
  const { bias, preluActivationWeights: alpha } = inputs;
  const { activation = "linear", leakyreluAlpha } = attributes;
  const own = Object.fromEntries(operands.map((name) => [name, inputs[name]]));
  let y: TensorInfo = pad.run(linear, own, attributes);
  if (bias !== undefined) y = pad.run("Add", { a: y, b: bias });
  const kernel = ACTIVATIONS[activation];
  return kernel === undefined ? y : pad.run(kernel, { x: y, alpha }, { alpha: leakyreluAlpha });
};

/** `_FusedMatMul`. */
export const fusedMatMul: Kernel = fused("BatchMatMul", "a", "b");
/** `FusedConv2D`. */
export const fusedConv: Kernel = fused("Conv2D", "x", "filter");
/** `FusedDepthwiseConv2D`. */
export const fusedDepthwise: Kernel = fused("DepthwiseConv2dNative", "x", "filter");
