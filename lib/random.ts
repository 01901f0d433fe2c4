/**
 * Random tensors from keys. The words of a key become numbers by fixed arithmetic on the host, so a
 * draw is the same on every backend; with the abstract key only the shape is given.
 *
 * @module
 */

import { type Key, randomBits } from "./key.ts";
import { cast, tensor, tidy } from "./ops.ts";
import { abstractTensor, type Shape, sizeOf, type Tensor } from "./tensor.ts";

/** Gives a tensor of host values drawn from a key, or an abstract one from the abstract key. */
export function draw(of: Key, shape: Shape, values: (count: number) => Float32Array): Tensor {
  return of.seed === null ? abstractTensor(shape) : tensor(values(sizeOf(shape)), shape);
}

/** Numbers in [0, 1) with 24 random bits each: exact in `float32`, so exact everywhere. */
export function uniformValues(of: Key, count: number): Float32Array {
  return Float32Array.from(randomBits(of, count), (word) => (word >>> 8) / 2 ** 24);
}

/** Numbers of the standard normal distribution, by the method of Box and Muller. */
export function normalValues(of: Key, count: number): Float32Array {
  const bits = randomBits(of, count + (count & 1));
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log((bits[i]! + 1) / 2 ** 32));
    const angle = 2 * Math.PI * bits[i + 1]! / 2 ** 32;
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** Limits of a uniform draw. */
export interface UniformOptions {
  /** Least value; 0 by default. */
  readonly low?: number;
  /** Least value that is too large; 1 by default. */
  readonly high?: number;
}

/**
 * Draws numbers uniform in `[low, high)`.
 *
 * @example The same key, the same numbers
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, setup, uniform } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * using a = uniform(key(1), [3]);
 * using b = uniform(key(1), [3]);
 * assertEquals(await a.data(), await b.data());
 * ```
 */
export function uniform(of: Key, shape: Shape, options: UniformOptions = {}): Tensor {
  const { low = 0, high = 1 } = options;
  return draw(of, shape, (n) => uniformValues(of, n).map((u) => low + (high - low) * u));
}

/** Mean and spread of a normal draw. */
export interface NormalOptions {
  /** Mean; 0 by default. */
  readonly mean?: number;
  /** Standard deviation; 1 by default. */
  readonly deviation?: number;
}

/** Draws numbers of a normal distribution. */
export function normal(of: Key, shape: Shape, options: NormalOptions = {}): Tensor {
  const { mean = 0, deviation = 1 } = options;
  return draw(of, shape, (n) => normalValues(of, n).map((z) => mean + deviation * z));
}

/** Draws booleans that hold with probability `p`. */
export function bernoulli(of: Key, p: number, shape: Shape): Tensor {
  return tidy(() =>
    cast(draw(of, shape, (n) => uniformValues(of, n).map((u) => +(u < p))), "bool")
  );
}
