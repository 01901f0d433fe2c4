/**
 * Initialisers: functions from a key and a shape to a tensor. Those that keep the variance of signals
 * from layer to layer are one formula: variance = gain / fan, where fan counts the terms of the sums
 * that the weight takes part in, forwards (`in`) or backwards (`out`).
 *
 * @module
 */

import { ShapeError, showShape } from "../errors.ts";
import { type Key, randomBits } from "../key.ts";
import { draw, normal, normalValues, uniform } from "../random.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { checkPositive } from "./check.ts";

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

/** Options of {@linkcode truncatedNormal}. */
export interface TruncatedNormalOptions {
  /** Mean; 0 by default. */
  readonly mean?: number;
  /** Standard deviation before the tails are cut off at two of them; 1 by default. */
  readonly deviation?: number;
}

/**
 * Gives a normal initialiser whose values are within two deviations of the mean. It inverts the
 * distribution function, so each value takes exactly one word of the key.
 *
 * @throws {ArgumentError} If the deviation is not positive.
 *
 * @example No value is far out
 * ```ts
 * import { assert } from "@std/assert";
 * import { key, setup, truncatedNormal } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const values = await truncatedNormal()(key(0), [1000]).data();
 * assert(values.every((value) => Math.abs(value) <= 2));
 * ```
 */
export function truncatedNormal(options: TruncatedNormalOptions = {}): Initializer {
  const { mean = 0, deviation = 1 } = options;
  checkPositive("truncatedNormal", "deviation", deviation);
  const within = 0.9544997361036416; // The probability of being within two deviations.
  return (key, shape) =>
    draw(key, shape, (count) =>
      Float32Array.from(
        randomBits(key, count),
        (word) => mean + deviation * Math.SQRT2 * erfInverse(within * ((word + 0.5) / 2 ** 31 - 1)),
      ));
}

/** The inverse error function for |x| < 0.99, to seven digits: Giles, *Approximating erfinv*, 2010. */
function erfInverse(x: number): number {
  const w = -Math.log(1 - x * x) - 2.5;
  return x * CENTRAL.reduce((sum, coefficient) => sum * w + coefficient);
}

const CENTRAL = [
  2.81022636e-08,
  3.43273939e-07,
  -3.5233877e-06,
  -4.39150654e-06,
  0.00021858087,
  -0.00125372503,
  -0.00417768164,
  0.246640727,
  1.50140941,
];

/** Options of {@linkcode orthogonal}. */
export interface OrthogonalOptions {
  /** Factor on the matrix; 1 by default. */
  readonly gain?: number;
}

/**
 * Gives an initialiser of matrices whose rows or columns, whichever are fewer, are orthonormal. The
 * matrix of a kernel `[…window, in, out]` is `[window · in, out]`.
 *
 * Saxe et al., [Exact solutions to the nonlinear dynamics of learning in deep linear neural
 * networks](https://arxiv.org/abs/1312.6120), 2013.
 *
 * @throws {ArgumentError} If the gain is not positive.
 *
 * @example An orthogonal matrix keeps lengths
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { key, orthogonal, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const [a, b, c, d] = await orthogonal()(key(0), [2, 2]).data() as Float32Array;
 * assertAlmostEquals(a! * c! + b! * d!, 0, 1e-6);
 * ```
 */
export function orthogonal({ gain = 1 }: OrthogonalOptions = {}): Initializer {
  checkPositive("orthogonal", "gain", gain);
  return (key, shape) =>
    draw(key, shape, (count) => {
      const columns = shape.at(-1) ?? 1;
      const rows = count / columns;
      const vectors = orthonormal(key, Math.min(rows, columns), Math.max(rows, columns));
      const at = (row: number, column: number) =>
        rows < columns ? vectors[row]![column]! : vectors[column]![row]!;
      return Float32Array.from(
        { length: count },
        (_, i) => gain * at(Math.floor(i / columns), i % columns),
      );
    });
}

/** Gram and Schmidt on normal vectors, which gives every orthonormal system with equal chance. */
function orthonormal(key: Key, count: number, length: number): Float64Array[] {
  const drawn = normalValues(key, count * length);
  const done: Float64Array[] = [];
  for (let k = 0; k < count; k++) {
    const vector = Float64Array.from(drawn.subarray(k * length, (k + 1) * length));
    // Twice is enough to take out what rounding leaves after the first time.
    for (const other of [...done, ...done]) subtract(vector, other, dot(vector, other));
    const norm = Math.sqrt(dot(vector, vector));
    done.push(vector.map((value) => value / norm));
  }
  return done;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function subtract(from: Float64Array, other: Float64Array, times: number): void {
  for (let i = 0; i < from.length; i++) from[i]! -= times * other[i]!;
}
