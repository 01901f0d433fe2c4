/**
 * Activations: layers that work on each value by itself (softmax: on each vector). Without options
 * they are constants, with options functions.
 *
 * @module
 */

import { fold } from "../key.ts";
import { elementwise, type Layer, stateless } from "../layer.ts";
import * as ops from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import type { Empty } from "../tree.ts";
import { CHANNELS, checkAxes, checkFinite, checkType, failOption } from "./check.ts";
import { constant } from "./initializers.ts";

function activation(kind: string, f: (x: Tensor) => Tensor): Layer<Empty, Empty> {
  return elementwise(kind, (x) => {
    checkType(kind, x, "float32");
    return f(x);
  });
}

/**
 * `max(x, 0)`.
 *
 * @example Negative values become zero
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { evalMode, relu, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const [y] = relu.apply({ params: [], state: [] }, tensor([-1, 2]), evalMode);
 * assertEquals([...await y.data()], [0, 2]);
 * ```
 */
export const relu: Layer<Empty, Empty> = activation("relu", ops.relu);

/** `x` where positive, else `eˣ - 1` (Clevert et al., [2015](https://arxiv.org/abs/1511.07289)). */
export const elu: Layer<Empty, Empty> = activation("elu", ops.elu);

/** The scaled `elu` that keeps mean and variance (Klambauer et al., [2017](https://arxiv.org/abs/1706.02515)). */
export const selu: Layer<Empty, Empty> = activation("selu", ops.selu);

/** `x · sigmoid(x)`, also called swish. */
export const silu: Layer<Empty, Empty> = activation("silu", (x) => ops.mul(x, ops.sigmoid(x)));

/** `1 / (1 + e⁻ˣ)`. */
export const sigmoid: Layer<Empty, Empty> = activation("sigmoid", ops.sigmoid);

/** The hyperbolic tangent. */
export const tanh: Layer<Empty, Empty> = activation("tanh", ops.tanh);

/** `log(1 + eˣ)`. */
export const softplus: Layer<Empty, Empty> = activation("softplus", ops.softplus);

/** Positive values that sum to one over the last axis, in the proportions of `eˣ`. */
export const softmax: Layer<Empty, Empty> = activation("softmax", ops.softmax);

/** Options of {@linkcode leakyRelu}. */
export interface LeakyReluOptions {
  /** Slope below zero; 0.01 by default, as in PyTorch. */
  readonly slope?: number;
}

/**
 * `x` where positive, else `slope · x`.
 *
 * @throws {ArgumentError} If the slope is not finite.
 *
 * @example A hundredth is let through
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { evalMode, leakyRelu, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const [y] = leakyRelu().apply({ params: [], state: [] }, tensor([-1]), evalMode);
 * assertAlmostEquals((await y.data())[0]!, -0.01);
 * ```
 */
export function leakyRelu({ slope = 0.01 }: LeakyReluOptions = {}): Layer<Empty, Empty> {
  checkFinite("leakyRelu", "slope", slope);
  return activation("leakyRelu", (x) => leaky(x, slope));
}

function leaky(x: Tensor, slope: ops.Operand): Tensor {
  return ops.sub(ops.relu(x), ops.mul(ops.relu(ops.neg(x)), slope));
}

/** Parameters of {@linkcode prelu}. */
export type PreluParams = {
  /** `[channels]`, the slopes below zero. */
  readonly weight: Tensor;
};

/** Options of {@linkcode prelu}. */
export interface PreluOptions {
  /** First value of the slopes; 0.25 by default, as in the paper. */
  readonly slope?: number;
}

/**
 * `x` where positive, else `slope · x` with a learned slope for each channel.
 *
 * He et al., [Delving Deep into Rectifiers](https://arxiv.org/abs/1502.01852), 2015.
 *
 * @throws {ArgumentError} If the slope is not finite.
 * @throws {ShapeError} From `init`, if the input has fewer than two axes.
 *
 * @example One slope for each channel
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe, prelu } from "@fplusx/nn";
 *
 * assertEquals(describe(prelu(), [1, 8, 8, 16]).parameters, 16);
 * ```
 */
export function prelu({ slope = 0.25 }: PreluOptions = {}): Layer<PreluParams, Empty> {
  checkFinite("prelu", "slope", slope);
  return stateless<PreluParams>({
    kind: "prelu",
    init(key, shape) {
      checkAxes("prelu", shape, CHANNELS);
      return { params: { weight: constant(slope)(fold(key, "weight"), [shape.at(-1)!]) }, shape };
    },
    apply({ weight }, x) {
      checkType("prelu", x, "float32");
      return leaky(x, weight);
    },
  });
}

/** Options of {@linkcode gelu}. */
export interface GeluOptions {
  /** `"tanh"` for the cheaper approximation of GPT-2; exact by default, as in PyTorch. */
  readonly approximate?: "none" | "tanh";
}

/**
 * `x · Φ(x)` with the normal distribution function Φ.
 *
 * Hendrycks and Gimpel, [Gaussian Error Linear Units](https://arxiv.org/abs/1606.08415), 2016.
 *
 * @throws {ArgumentError} If `approximate` is another word.
 *
 * @example Close to relu far from zero
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { evalMode, gelu, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const [y] = gelu().apply({ params: [], state: [] }, tensor([1]), evalMode);
 * assertAlmostEquals((await y.data())[0]!, 0.841345, 1e-5);
 * ```
 */
export function gelu({ approximate = "none" }: GeluOptions = {}): Layer<Empty, Empty> {
  if (approximate === "none") {
    return activation("gelu", (x) => halfOf(x, ops.erf(ops.mul(x, Math.SQRT1_2))));
  }
  if (approximate !== "tanh") {
    failOption("gelu", "approximate", `"${approximate}"`, '"none" or "tanh"');
  }
  const cubic = (x: Tensor) => ops.add(ops.mul(ops.square(x), 0.044715), 1);
  return activation("gelu", (x) => {
    const inner = ops.mul(ops.mul(x, Math.sqrt(2 / Math.PI)), cubic(x));
    return halfOf(x, ops.tanh(inner));
  });
}

/** `x · (1 + odd) / 2`. */
function halfOf(x: Tensor, odd: Tensor): Tensor {
  return ops.mul(x, ops.mul(ops.add(odd, 1), 0.5));
}
