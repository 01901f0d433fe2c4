/**
 * Normal values without tails. Each is the inverse of the distribution function at one uniform draw,
 * so nothing is drawn again and every value depends on its own word of the key only.
 *
 * @module
 */

import { randomBits } from "../key.ts";
import { draw } from "../random.ts";
import { checkPositive } from "./check.ts";
import type { Initializer } from "./initializers.ts";

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
