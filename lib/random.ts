/**
 * Random tensors from keys. The words of a key become numbers by fixed arithmetic, so a draw is the
 * same on every backend; with the abstract key only the shape is given. Where the seed is a tensor, as
 * in a step, and the backend has kernels for it, the numbers are drawn on the device, and a recorded
 * step draws others each time. Of those, uniform ones in [0, 1) and gates are the same bit for bit;
 * normal ones, in 32 bits, differ by a relative 1e-6 at most.
 *
 * @module
 */

import { type Key, randomBits } from "./key.ts";
import { fused, type FusedKernel } from "./fused.ts";
import { cast, tensor, tidy } from "./ops.ts";
import { abstractTensor, isTensor, type Shape, sizeOf, type Tensor } from "./tensor.ts";

/** Gives a tensor of host values drawn from a key, or an abstract one from the abstract key. */
export function draw(of: Key, shape: Shape, values: (count: number) => Float32Array): Tensor {
  return of.seed === null ? abstractTensor(shape) : tensor(values(sizeOf(shape)), shape);
}

/** As {@linkcode draw}, but on the device where it can be. */
function drawThere(
  kernel: FusedKernel,
  { seed, path }: Key,
  shape: Shape,
  attributes: Readonly<Record<string, number>>,
  here: () => Tensor,
): Tensor {
  return isTensor(seed) && seed.dtype === "int32" && sizeOf(shape) > 0
    ? fused(kernel, { seed }, { path, shape, ...attributes }, here)
    : here();
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
  return drawThere(
    "FplusxUniform",
    of,
    shape,
    { low, high },
    () => draw(of, shape, (n) => uniformValues(of, n).map((u) => low + (high - low) * u)),
  );
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
  return drawThere(
    "FplusxNormal",
    of,
    shape,
    { mean, deviation },
    () => draw(of, shape, (n) => normalValues(of, n).map((z) => mean + deviation * z)),
  );
}

/** Draws booleans that hold with probability `p`. */
export function bernoulli(of: Key, p: number, shape: Shape): Tensor {
  return tidy(() => cast(gates(of, p, shape), "bool"));
}

/** Draws numbers that are `value`, 1 by default, with probability `p`, and else zero. */
export function gates(of: Key, p: number, shape: Shape, value = 1): Tensor {
  return drawThere(
    "FplusxGates",
    of,
    shape,
    { p, value },
    () => draw(of, shape, (n) => uniformValues(of, n).map((u) => u < p ? value : 0)),
  );
}
