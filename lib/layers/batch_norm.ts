/**
 * Batch normalisation over all axes but the last. In train mode it normalises with the statistics of
 * the batch and keeps a running average of them for eval mode.
 *
 * Ioffe and Szegedy, [Batch Normalization](https://arxiv.org/abs/1502.03167), 2015.
 *
 * @module
 */

import { type Layer, layer } from "../layer.ts";
import { add, mul, ones, relu, rsqrt, sub, zeros } from "../ops.ts";
import { sameShape, type Tensor } from "../tensor.ts";
import { type Empty, empty } from "../tree.ts";
import {
  CHANNELS,
  checkAxes,
  checkFinite,
  checkFraction,
  checkPositive,
  checkType,
} from "./check.ts";
import { constant } from "./initializers.ts";
import { batchMoments, normalize, normalizeRelu } from "./normalize.ts";
import { withRectified } from "./rectified.ts";
import { withRole } from "./role.ts";

/** Parameters of {@linkcode batchNorm}. */
export type BatchNormParams = {
  /** `[channels]`, the deviation after normalisation. */
  readonly weight: Tensor;
  /** `[channels]`, the mean after normalisation. */
  readonly bias: Tensor;
};

/** State of {@linkcode batchNorm}. */
export type BatchNormState = {
  /** `[channels]`, running average of the batch means. */
  readonly mean: Tensor;
  /** `[channels]`, running average of the unbiased batch variances. */
  readonly variance: Tensor;
};

/** Options of {@linkcode batchNorm}. */
export interface BatchNormOptions {
  /** Is added to the variance; 1e-5 by default, as in PyTorch. */
  readonly epsilon?: number;
  /** Share of the old running average in the new one; 0.9 by default: PyTorch's momentum is 0.1. */
  readonly decay?: number;
  /**
   * First value of the weight; 1 by default. With 0 in the last normalisation of a residual branch,
   * the block starts as the identity (Goyal et al., [Accurate, Large Minibatch
   * SGD](https://arxiv.org/abs/1706.02677), 2017).
   */
  readonly scale?: number;
  /** Learns a weight and a bias for each channel; on by default. */
  readonly affine?: boolean;
}

/**
 * Normalises each channel over the batch (and the pixels): `[batch, …, channels]` to the same shape.
 * The batch is normalised with its biased variance; what is remembered is the unbiased one, so state
 * is that of PyTorch. A batch with one value per channel gives the bias, and is finite.
 *
 * @throws {ArgumentError} If `epsilon` is not positive or `decay` not in [0, 1).
 * @throws {ShapeError} From `init`, if the input has fewer than two axes.
 *
 * @example Mean 0 and deviation 1 in train mode
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { batchNorm, key, setup, tensor, trainMode } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const layer = batchNorm();
 * const variables = layer.init(key(0), [2, 1]);
 * const [y, next] = layer.apply(variables, tensor([1, 5], [2, 1]), trainMode(key(0)));
 * const [low, high] = await y.data();
 * assertAlmostEquals(low!, -1, 1e-5);
 * assertAlmostEquals(high!, 1, 1e-5);
 * assertAlmostEquals((await next.mean.data())[0]!, 0.3, 1e-6); // 0.9 · 0 + 0.1 · 3
 * ```
 */
export function batchNorm(
  options: BatchNormOptions & { readonly affine: false },
): Layer<Empty, BatchNormState>;
/** Normalises each channel over the batch, and learns its deviation and mean. */
export function batchNorm(options?: BatchNormOptions): Layer<BatchNormParams, BatchNormState>;
export function batchNorm(
  options: BatchNormOptions = {},
): Layer<BatchNormParams | Empty, BatchNormState> {
  const { epsilon = 1e-5, decay = 0.9, scale = 1, affine = true } = options;
  checkPositive("batchNorm", "epsilon", epsilon);
  checkFraction("batchNorm", "decay", decay);
  checkFinite("batchNorm", "scale", scale);
  const made = layer<BatchNormParams | Empty, BatchNormState>({
    kind: "batchNorm",
    init(key, shape) {
      checkAxes("batchNorm", shape, CHANNELS);
      const channels = [shape.at(-1)!];
      const [zero, one] = [constant(0), constant(1)];
      return {
        params: affine
          ? { weight: constant(scale)(key, channels), bias: zero(key, channels) }
          : empty,
        state: { mean: zero(key, channels), variance: one(key, channels) },
        shape,
      };
    },
    apply({ params, state }, x, mode) {
      checkType("batchNorm", x, "float32");
      const { weight, bias } = affineOf(params, x);
      if (mode.kind === "eval") {
        const scale = mul(weight, rsqrt(add(state.variance, epsilon)));
        return [add(mul(x, scale), sub(bias, mul(state.mean, scale))), state];
      }
      const [batch, next] = batchMoments(x, state, decay);
      return [normalize(x, batch, { weight, bias }, epsilon), mode.moments ? batch : next];
    },
  });
  withRectified(made, ({ params, state }, x, mode, addend) => {
    checkType("batchNorm", x, "float32");
    const affine = affineOf(params, x);
    const [batch, averages] = batchMoments(x, state, decay);
    const next = mode.kind === "train" && mode.moments ? batch : averages;
    if (addend === undefined || sameShape(addend.shape, x.shape)) {
      return [normalizeRelu(x, batch, affine, epsilon, addend), next];
    }
    return [relu(add(normalize(x, batch, affine, epsilon), addend)), next];
  });
  return withRole(made, "normalization");
}

function affineOf(params: BatchNormParams | Empty, x: Tensor): BatchNormParams {
  if ("weight" in params) return params;
  const channels = [x.shape.at(-1)!];
  return { weight: ones(channels), bias: zeros(channels) };
}
