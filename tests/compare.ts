/**
 * The comparator that all numeric tests rest on. It is strict where others are known to be blind:
 * NaN equals only NaN and only when asked to, an infinity equals only itself, and shapes and element
 * types of tensors must be the same.
 *
 * @module
 */

import { AssertionError } from "@std/assert";
import { showShape } from "../lib/errors.ts";
import { isTensor, type Shape, sizeOf, type Tensor } from "../lib/tensor.ts";

/** What can be compared: a tensor, values with a shape (as in a fixture), or bare values. */
export type Comparable =
  | Tensor
  | { readonly shape: Shape; readonly values: ArrayLike<number> }
  | ArrayLike<number>;

/** How far apart two values may be: `|actual - expected| ≤ absolute + relative · |expected|`. */
export interface Tolerance {
  /** Allowed whatever the size of the value; 1e-6 by default. */
  readonly absolute?: number;
  /** Allowed for each unit of the expected value; 0 by default. */
  readonly relative?: number;
  /** Whether NaN equals NaN; it does not by default. */
  readonly equalNaN?: boolean;
}

type Known = {
  readonly shape?: Shape;
  readonly dtype?: string;
  readonly values: ArrayLike<number>;
};

async function known(x: Comparable): Promise<Known> {
  if (isTensor(x)) return { shape: x.shape, dtype: x.dtype, values: await x.data() };
  return "shape" in x ? x : { values: x };
}

/** Asserts that two tensors or lists of values have one shape and close values. */
export async function assertClose(
  actual: Comparable,
  expected: Comparable,
  tolerance: Tolerance = {},
): Promise<void> {
  const [a, e] = await Promise.all([known(actual), known(expected)]);
  const agree = (what: string, have?: string, want?: string) => {
    if (have === undefined || want === undefined || have === want) return;
    throw new AssertionError(`Expected ${what} ${want}, got ${have}`);
  };
  agree("shape", a.shape && showShape(a.shape), e.shape && showShape(e.shape));
  agree("type", a.dtype, e.dtype);
  agree("a number of values of", `${a.values.length}`, `${e.values.length}`);
  for (const { shape, values } of [a, e]) {
    if (shape) agree(`for ${showShape(shape)} a size of`, `${values.length}`, `${sizeOf(shape)}`);
  }
  const wrong = differing(a.values, e.values, tolerance);
  if (wrong.length === 0) return;
  const at = wrong[0]!;
  throw new AssertionError(
    `Expected ${e.values[at]} at ${showShape(indexOf(at, a.shape ?? e.shape))}, ` +
      `got ${a.values[at]}; ${wrong.length} of ${a.values.length} values differ`,
  );
}

function differing(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute = 1e-6, relative = 0, equalNaN = false }: Tolerance,
): number[] {
  const close = (a: number, e: number) => {
    if (Number.isNaN(a) || Number.isNaN(e)) return equalNaN && Number.isNaN(a) && Number.isNaN(e);
    if (!Number.isFinite(a) || !Number.isFinite(e)) return a === e;
    return Math.abs(a - e) <= absolute + relative * Math.abs(e);
  };
  return Array.from(actual, (_, i) => i).filter((i) => !close(actual[i]!, expected[i]!));
}

function indexOf(position: number, shape: Shape = []): number[] {
  if (shape.length === 0) return [position];
  return shape.map((size, axis) => Math.floor(position / sizeOf(shape.slice(axis + 1))) % size);
}

/**
 * The tolerance for `float32` values that are sums of `terms` products: rounding grows with the
 * root of the number of terms, and measured errors are a third of this.
 */
export function sumTolerance(terms: number, expected: ArrayLike<number>): Tolerance {
  const largest = Array.from(expected).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return { absolute: 1e-7 * Math.sqrt(terms) * largest + 1e-6 };
}
