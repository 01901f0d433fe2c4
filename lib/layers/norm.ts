/**
 * Normalisation of each example by itself, so that train and eval mode are the same and nothing is
 * remembered: over the features, over groups of channels, or by the root mean square alone.
 *
 * @module
 */

import { fused } from "../fused.ts";
import { gradientDepth } from "../grad.ts";
import type { Key } from "../key.ts";
import { type Layer, stateless } from "../layer.ts";
import { add, mean, mul, reshape, rsqrt, square, sub } from "../ops.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import type { Empty } from "../tree.ts";
import { CHANNELS, checkAxes, checkInteger, checkPositive, checkType, failShape } from "./check.ts";
import { constant } from "./initializers.ts";

/** Parameters of {@linkcode layerNorm} and {@linkcode groupNorm}. */
export type NormParams = {
  /** `[channels]`, the deviation after normalisation. */
  readonly weight: Tensor;
  /** `[channels]`, the mean after normalisation. */
  readonly bias: Tensor;
};

/** Options of {@linkcode layerNorm} and {@linkcode groupNorm}. */
export interface NormOptions {
  /** Is added to the variance; 1e-5 by default, as in PyTorch. */
  readonly epsilon?: number;
}

/**
 * Normalises each vector over its features: `[batch, …, features]` to the same shape.
 *
 * Ba et al., [Layer Normalization](https://arxiv.org/abs/1607.06450), 2016.
 *
 * @throws {ArgumentError} If `epsilon` is not positive.
 * @throws {ShapeError} From `init`, if the input has fewer than two axes.
 *
 * @example Mean 0 and deviation 1 in each row
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { evalMode, key, layerNorm, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const layer = layerNorm();
 * const [y] = layer.apply(layer.init(key(0), [1, 2]), tensor([10, 30], [1, 2]), evalMode);
 * assertAlmostEquals((await y.data())[0]!, -1, 1e-5);
 * ```
 */
export function layerNorm({ epsilon = 1e-5 }: NormOptions = {}): Layer<NormParams, Empty> {
  checkPositive("layerNorm", "epsilon", epsilon);
  return stateless<NormParams>({
    kind: "layerNorm",
    init: (key, shape) => ({ params: initNorm("layerNorm", key, shape), shape }),
    apply({ weight, bias }, x) {
      checkType("layerNorm", x, "float32");
      const definition = () => add(mul(standardize(x, [-1], epsilon), weight), bias);
      // What is done in one go cannot be differentiated twice.
      return gradientDepth() > 1
        ? definition()
        : fused("FplusxLayerNorm", { x, weight, bias }, { epsilon }, definition);
    },
  });
}

/**
 * Normalises the channels of each example in groups: `[batch, …, channels]` to the same shape.
 *
 * Wu and He, [Group Normalization](https://arxiv.org/abs/1803.08494), 2018.
 *
 * @throws {ArgumentError} If `groups` is not a positive integer or `epsilon` not positive.
 * @throws {ShapeError} From `init`, if the groups do not divide the channels.
 *
 * @example As many parameters as batchNorm
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe, groupNorm } from "@fplusx/nn";
 *
 * assertEquals(describe(groupNorm(4), [1, 8, 8, 16]).parameters, 32);
 * ```
 */
export function groupNorm(
  groups: number,
  { epsilon = 1e-5 }: NormOptions = {},
): Layer<NormParams, Empty> {
  checkInteger("groupNorm", "groups", groups);
  checkPositive("groupNorm", "epsilon", epsilon);
  return stateless<NormParams>({
    kind: "groupNorm",
    init(key, shape) {
      checkAxes("groupNorm", shape, CHANNELS);
      if (shape.at(-1)! % groups !== 0) {
        failShape("groupNorm", shape, `channels in ${groups} equal groups`);
      }
      return { params: initNorm("groupNorm", key, shape), shape };
    },
    apply({ weight, bias }, x) {
      checkType("groupNorm", x, "float32");
      const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
      const positions = sizeOf(x.shape.slice(1, -1));
      const grouped = reshape(x, [batch, positions, groups, channels / groups]);
      const y = reshape(standardize(grouped, [1, 3], epsilon), x.shape);
      return add(mul(y, weight), bias);
    },
  });
}

/** Parameters of {@linkcode rmsNorm}. */
export type RmsNormParams = {
  /** `[features]`, the root mean square after normalisation. */
  readonly weight: Tensor;
};

/** Options of {@linkcode rmsNorm}. */
export interface RmsNormOptions {
  /** Is added to the mean square; 1e-6 by default, as in Llama. */
  readonly epsilon?: number;
}

/**
 * Divides each vector by its root mean square: `[batch, …, features]` to the same shape.
 *
 * Zhang and Sennrich, [Root Mean Square Layer Normalization](https://arxiv.org/abs/1910.07467), 2019.
 *
 * @throws {ArgumentError} If `epsilon` is not positive.
 * @throws {ShapeError} From `init`, if the input has fewer than two axes.
 *
 * @example The mean is not taken away
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { evalMode, key, rmsNorm, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const layer = rmsNorm();
 * const [y] = layer.apply(layer.init(key(0), [1, 2]), tensor([7, 7], [1, 2]), evalMode);
 * assertAlmostEquals((await y.data())[0]!, 1, 1e-6);
 * ```
 */
export function rmsNorm({ epsilon = 1e-6 }: RmsNormOptions = {}): Layer<RmsNormParams, Empty> {
  checkPositive("rmsNorm", "epsilon", epsilon);
  return stateless<RmsNormParams>({
    kind: "rmsNorm",
    init(key, shape) {
      const { weight } = initNorm("rmsNorm", key, shape);
      return { params: { weight }, shape };
    },
    apply({ weight }, x) {
      checkType("rmsNorm", x, "float32");
      const inverse = rsqrt(add(mean(square(x), -1, true), epsilon));
      return mul(mul(x, inverse), weight);
    },
  });
}

function initNorm(kind: string, key: Key, shape: Shape): NormParams {
  checkAxes(kind, shape, CHANNELS);
  const channels = [shape.at(-1)!];
  return { weight: constant(1)(key, channels), bias: constant(0)(key, channels) };
}

/** Gives mean 0 and deviation 1 over some axes. */
function standardize(x: Tensor, axes: readonly number[], epsilon: number): Tensor {
  const centered = sub(x, mean(x, axes, true));
  return mul(centered, rsqrt(add(mean(square(centered), axes, true), epsilon)));
}
