/**
 * Values of channels that differ, and sums over all that belong to a channel.
 *
 * @module
 */

import { type Shape, sizeOf } from "../../../lib/tensor.ts";
import { uniform } from "../../formula.ts";

/** Floats around a mean of each channel, which is far from zero in some. */
export function numbers(name: string, shape: Shape, mean = 0): number[] {
  const [u, channels] = [uniform(name), shape.at(-1)!];
  return Array.from(
    { length: sizeOf(shape) },
    (_, i) => Math.fround(mean * (i % channels % 3 - 1) + (1 + i % channels % 2) * u(i)),
  );
}

/** The sums of `f` over the numbers up to `size` that belong to each channel. */
export function sums(channels: number, size: number, f: (i: number) => number): number[] {
  const sums = Array<number>(channels).fill(0);
  for (let i = 0; i < size; i++) sums[i % channels]! += f(i);
  return sums;
}
