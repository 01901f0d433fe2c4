/**
 * Operations that a backend may do in one go. Each has a definition in terms of other operations and
 * the name of a kernel; where the backend has registered a kernel under that name, it is run instead.
 * No gradient flows through one, unless it is registered.
 *
 * @module
 */

import { alive, type Tensor } from "./tensor.ts";
import { tf } from "./tfjs.ts";

/**
 * The kernels by name, with what they take and give, all of it `float32` but for seeds, `int32`:
 *
 * - `FplusxAdam`, `FplusxSgd`: a whole step of the optimizer, for all parameters; see `optim/at_once.ts`
 * - `FplusxAddScaled`: `x`, `y` of the same shape, `factor`, a scalar; gives `x + factor · y`
 * - `FplusxArrange`: `bytes` and `places`, `int32`, and the attributes `shape`, `from` and `table`; see
 *   `data/arrange.ts`
 * - `FplusxCrossEntropy`: `logits`, `labels`, classes (`int32`) or shares of all classes, and the
 *   attribute `smoothing`; gives the losses one by one and their slope by the logits
 * - `FplusxGates`, `FplusxNormal`, `FplusxUniform`: `seed`, a scalar, and the attributes `path` and
 *   `shape`, with `p` and `value`, `mean` and `deviation`, or `low` and `high`; see `random.ts`
 * - `FplusxGroupedConv`: images `x`, `filter` and the attributes of a convolution with `groups`; gives the
 *   convolution in groups of channels
 * - `FplusxGroupedConvBackpropFilter`: `x`, `dy`, the same attributes and `filterShape`; gives its gradient
 *   by `filter`
 * - `FplusxGroupedConvBackpropInput`: `dy`, `filter`, the same attributes and `inputShape`; gives its
 *   gradient by `x`
 * - `FplusxLayerNorm`: `x`, `weight`, `bias` and the attribute `epsilon`; gives `x` with mean 0 and
 *   deviation 1 along the last axis, times `weight` plus `bias`
 * - `FplusxLayerNormGradient`: `dy`, `x`, `weight` and `epsilon`; gives the gradients by `x`, `weight`
 *   and `bias`
 * - `FplusxMoments`: `x`; gives the mean and the biased variance over all axes but the last
 * - `FplusxNormalize`: `x`, `mean`, `variance`, `weight`, `bias` and the attribute `epsilon`; gives
 *   `(x - mean) / √(variance + epsilon) · weight + bias`
 * - `FplusxNormalizeGradient`: `dy`, `x`, `mean`, `variance`, `weight` and `epsilon`; gives the gradients
 *   by `x`, on which mean and variance depend, by `weight` and by `bias`
 * - `FplusxNormalizeRelu`: as `FplusxNormalize`, and perhaps an `addend` like `x`; gives `relu` of the sum
 * - `FplusxNormalizeReluGradient`: as `FplusxNormalizeGradient`, and `bias`; if there was an addend also
 *   `y`, what the former gave, and then it gives the gradient by the addend too
 * - `FplusxReluGradient`: `dy`, `x`; gives `dy`, but zero where `x` is at most zero
 * - `FplusxRepeat`: `x` and the attributes `shape`, `axes` and `divisor`; gives `x / divisor` in that
 *   shape, repeated along the axes, which `x` has in size 1 or not at all
 * - `FplusxSoftmaxGradient`: `dy`, `y`, what softmax gave; gives the gradient by what it took
 * - `FplusxSpread`: `x` and the attributes `shape`, `begin` and `strides`; gives zeros of that shape with
 *   the elements of `x` put in their places along each axis: the gradient of a slice
 * - `FplusxRunningMoments`: `x`, the running averages `mean` and `variance` and the attributes `decay`
 *   and `shape`, that of `x`; gives what `FplusxMoments` gives and the next averages, that of the
 *   variance of the unbiased one
 */
export type FusedKernel =
  | "FplusxAdam"
  | "FplusxAddScaled"
  | "FplusxArrange"
  | "FplusxCrossEntropy"
  | "FplusxGates"
  | "FplusxGroupedConv"
  | "FplusxGroupedConvBackpropFilter"
  | "FplusxGroupedConvBackpropInput"
  | "FplusxLayerNorm"
  | "FplusxLayerNormGradient"
  | "FplusxMoments"
  | "FplusxNormal"
  | "FplusxNormalize"
  | "FplusxNormalizeGradient"
  | "FplusxNormalizeRelu"
  | "FplusxNormalizeReluGradient"
  | "FplusxReluGradient"
  | "FplusxRepeat"
  | "FplusxRunningMoments"
  | "FplusxSgd"
  | "FplusxSoftmaxGradient"
  | "FplusxSpread"
  | "FplusxUniform";

/** Tells whether the backend has a kernel of that name. */
export function hasKernel(kernel: FusedKernel): boolean {
  return tf.getKernel(kernel, tf.getBackend()) !== undefined;
}

/** Runs the backend's kernel of that name; where it has none, or nothing to compute, the definition. */
export function fused<T extends Tensor | readonly Tensor[]>(
  kernel: FusedKernel,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: Readonly<Record<string, number | readonly number[] | Float32Array>>,
  definition: () => T,
): T {
  const values = Object.values(inputs).map(alive);
  const none = !hasKernel(kernel) || values.some(({ size }) => size === 0);
  return none ? definition() : inOneGo<T>(kernel, inputs, attributes);
}

/** Runs the backend's kernel of that name, which it has to have. */
export function inOneGo<T extends Tensor | readonly Tensor[]>(
  kernel: FusedKernel,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: Readonly<Record<string, number | readonly number[] | Float32Array>>,
): T {
  // Our tensors are tfjs's with a narrower type.
  const result: unknown = tf.engine().runKernel(
    kernel,
    inputs as unknown as tf.NamedTensorMap,
    attributes as unknown as tf.NamedAttrMap,
  );
  return result as T;
}
