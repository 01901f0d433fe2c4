/**
 * Channels that weigh each other: what is squeezed out of the whole image decides how much each
 * channel counts.
 *
 * Hu et al., [Squeeze-and-excitation networks](https://arxiv.org/abs/1709.01507), 2017.
 *
 * @module
 */

import { type Layer, layer } from "../layer.ts";
import { relu, sigmoid } from "../layers/activation.ts";
import { checkInteger } from "../layers/check.ts";
import { conv, type ConvParams } from "../layers/conv.ts";
import { globalAveragePool } from "../layers/pool.ts";
import { reshape } from "../layers/shape.ts";
import { mul } from "../ops.ts";
import type { Empty } from "../tree.ts";
import { named } from "./sequential.ts";
import { withShape } from "./with_shape.ts";

/** Parameters of {@linkcode squeezeExcitation}. */
export type SqueezeExcitationParams = {
  /** Pools all pixels. */
  readonly squeeze: Empty;
  /** Makes one pixel of the vector. */
  readonly pixel: Empty;
  /** To a fraction of the channels. */
  readonly fc1: ConvParams;
  /** Between the two. */
  readonly relu: Empty;
  /** Back to all channels. */
  readonly fc2: ConvParams;
  /** To weights from 0 to 1. */
  readonly sigmoid: Empty;
};

/** State of {@linkcode squeezeExcitation}: there is none. */
export type SqueezeExcitationState = { readonly [K in keyof SqueezeExcitationParams]: Empty };

/**
 * Multiplies each channel by a weight between 0 and 1 that two 1 × 1 convolutions, the first to a
 * `reduction`-th of the channels (at least one), make of the mean of each channel. Parts are called
 * as in timm.
 *
 * @throws {ArgumentError} If `reduction` is not a positive integer.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example Two convolutions with biases
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe, squeezeExcitation } from "@fplusx/nn";
 *
 * const { parameters } = describe(squeezeExcitation(), [1, 7, 7, 64]);
 * assertEquals(parameters, 64 * 4 + 4 + 4 * 64 + 64);
 * ```
 */
export function squeezeExcitation(
  reduction = 16,
): Layer<SqueezeExcitationParams, SqueezeExcitationState> {
  checkInteger("squeezeExcitation", "reduction", reduction);
  return withShape((shape) => {
    const channels = shape.at(-1)!;
    const weights = named({
      squeeze: globalAveragePool,
      pixel: reshape([1, 1, channels]),
      fc1: conv(Math.max(1, Math.floor(channels / reduction)), 1),
      relu,
      fc2: conv(channels, 1),
      sigmoid,
    });
    return layer<SqueezeExcitationParams, SqueezeExcitationState>({
      ...weights,
      init: (key, shape) => ({ ...weights.init(key, shape), shape }),
      apply(variables, x, mode) {
        const [w, next] = weights.apply(variables, x, mode);
        return [mul(x, w), next];
      },
    });
  }, "squeezeExcitation");
}
