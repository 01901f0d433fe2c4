/**
 * Initialisers: functions from a key and a shape to a tensor. Those that keep the variance of signals
 * from layer to layer are one formula: variance = gain / fan, where fan counts the terms of the sums
 * that the weight takes part in, forwards (`in`) or backwards (`out`).
 *
 * @module
 */

import { ShapeError, showShape } from "../errors.ts";
import type { Key } from "../key.ts";
import { draw, normal, uniform } from "../random.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { truncatedNormal } from "./truncated_normal.ts";

/**
 * Makes the first value of a parameter. The draws `normal` and `uniform` are initialisers too.
 *
 * @example An initialiser of your own
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, type Initializer, key, normal, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const small: Initializer = (key, shape) => normal(key, shape, { deviation: 0.02 });
 * const { params } = dense(4, { weightInit: small }).init(key(0), [1, 3]);
 * assertEquals(params.weight.shape, [3, 4]);
 * ```
 */
export type Initializer = (key: Key, shape: Shape) => Tensor;

/**
 * Gives an initialiser that fills with one value.
 *
 * @example Biases that start at one
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { constant, key, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * assertEquals([...await constant(1)(key(0), [2]).data()], [1, 1]);
 * ```
 */
export function constant(value: number): Initializer {
  return (key, shape) => draw(key, shape, (count) => new Float32Array(count).fill(value));
}

/** Which sums keep their variance: those of the outputs (`in`) or of the gradients (`out`). */
export type Fan = "in" | "out";

/** Options of the initialisers that draw uniformly. */
export interface UniformFanOptions {
  /** Which fan to divide by; `in` by default. */
  readonly fan?: Fan;
}

/** Options of the initialisers that draw normally. */
export interface NormalFanOptions extends UniformFanOptions {
  /** Cuts the tails off at two deviations, keeping the variance; off by default. */
  readonly truncated?: boolean;
}

/**
 * Gives a normal initialiser of variance 2 / fan, which suits relu.
 *
 * He et al., [Delving Deep into Rectifiers](https://arxiv.org/abs/1502.01852), 2015.
 *
 * @example The deviation for 8 inputs is a half
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { heNormal, key, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const values = Array.from(await heNormal()(key(0), [8, 5000]).data());
 * const square = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
 * assertAlmostEquals(Math.sqrt(square), 0.5, 0.01);
 * ```
 */
export function heNormal(options: NormalFanOptions = {}): Initializer {
  return normalFan(2, options.fan ?? "in", options.truncated);
}

/** Gives a uniform initialiser of variance 2 / fan, which suits relu; see {@linkcode heNormal}. */
export function heUniform({ fan = "in" }: UniformFanOptions = {}): Initializer {
  return uniformFan(2, fan);
}

/**
 * Gives a normal initialiser of variance 1 / mean of both fans, which suits tanh.
 *
 * Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural networks*, 2010.
 */
export function glorotNormal(options: { readonly truncated?: boolean } = {}): Initializer {
  return normalFan(1, "mean", options.truncated);
}

/** Gives a uniform initialiser of variance 1 / mean of both fans; see {@linkcode glorotNormal}. */
export function glorotUniform(): Initializer {
  return uniformFan(1, "mean");
}

/**
 * Gives a normal initialiser of variance 1 / fan, which suits linear layers and selu.
 *
 * LeCun et al., *Efficient BackProp*, 1998.
 */
export function lecunNormal(options: NormalFanOptions = {}): Initializer {
  return normalFan(1, options.fan ?? "in", options.truncated);
}

/** Gives a uniform initialiser of variance 1 / fan; see {@linkcode lecunNormal}. */
export function lecunUniform({ fan = "in" }: UniformFanOptions = {}): Initializer {
  return uniformFan(1, fan);
}

/** Share of the standard deviation that is left when the tails beyond two of them are cut off. */
const TRUNCATED = 0.8796256610342398;

function normalFan(gain: number, fan: Fan | "mean", truncated = false): Initializer {
  return (key, shape) => {
    const deviation = Math.sqrt(gain / fanOf(shape, fan));
    return truncated
      ? truncatedNormal({ deviation: deviation / TRUNCATED })(key, shape)
      : normal(key, shape, { deviation });
  };
}

function uniformFan(gain: number, fan: Fan | "mean"): Initializer {
  return (key, shape) => {
    const limit = Math.sqrt(3 * gain / fanOf(shape, fan));
    return uniform(key, shape, { low: -limit, high: limit });
  };
}

/** Terms per sum; of `[…window, in, out]`, as PyTorch counts them: groups are not considered. */
function fanOf(shape: Shape, fan: Fan | "mean"): number {
  const [inputs, outputs] = shape.slice(-2);
  if (inputs === undefined || outputs === undefined) {
    throw new ShapeError(
      `Cannot count the fan of shape ${showShape(shape)}: need at least [in,out]`,
    );
  }
  const window = sizeOf(shape.slice(0, -2));
  return window * (fan === "in" ? inputs : fan === "out" ? outputs : (inputs + outputs) / 2);
}
