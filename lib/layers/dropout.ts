/**
 * Dropout: in train mode each value is zero with some probability, and the others are scaled up so
 * that the mean stays. In eval mode nothing happens.
 *
 * Srivastava et al., [Dropout](https://jmlr.org/papers/v15/srivastava14a.html), 2014.
 *
 * @module
 */

import { elementwise, type Layer, type Mode } from "../layer.ts";
import { clone, mul } from "../ops.ts";
import { gates } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import type { Empty } from "../tree.ts";
import { checkFraction, checkType } from "./check.ts";

/**
 * Drops each value with probability `rate` in train mode: any shape to the same shape.
 *
 * @throws {ArgumentError} If `rate` is not in [0, 1).
 *
 * @example Half of the values are zero, the others twice as large
 * ```ts
 * import { assert } from "@std/assert";
 * import { dropout, key, ones, setup, trainMode } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const [y] = dropout(0.5).apply({ params: [], state: [] }, ones([100]), trainMode(key(0)));
 * assert((await y.data()).every((value) => value === 0 || value === 2));
 * ```
 */
export function dropout(rate: number): Layer<Empty, Empty> {
  checkFraction("dropout", "rate", rate);
  return elementwise("dropout", (x, mode) => {
    checkType("dropout", x, "float32");
    return drop(x, rate, mode);
  });
}

/** Drops values of `x` with the key of `mode`, when it is train mode. */
export function drop(x: Tensor, rate: number, mode: Mode): Tensor {
  if (mode.kind === "eval" || rate === 0) return clone(x);
  return mul(x, gates(mode.key, 1 - rate, x.shape, 1 / (1 - rate)));
}
