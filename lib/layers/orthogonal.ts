/**
 * Matrices that keep lengths and angles.
 *
 * @module
 */

import type { Key } from "../key.ts";
import { draw, normalValues } from "../random.ts";
import { checkPositive } from "./check.ts";
import type { Initializer } from "./initializers.ts";

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
