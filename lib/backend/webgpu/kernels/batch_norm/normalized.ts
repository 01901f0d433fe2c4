/**
 * Normalisation with given moments, and what comes after it in the same pass: the sum with another
 * tensor, and relu.
 *
 * @module
 */

import type { Columns } from "../../columns.ts";
import { bindings, entry, generator, groupsFor, type Program } from "../../program.ts";

/** What becomes of the normalised values: nothing, relu, or relu of their sum with `addend`. */
export type Ending = "none" | "relu" | "sum";

/** Rows of a strip that one thread normalises, for which it makes the scale once. */
const ROWS = 4;

/** Gives `y` from `x`, its moments, weight and bias, and with the ending `"sum"` an addend like `x`. */
export const normalized: (columns: Columns, epsilon: number, ending: Ending) => Program = generator(
  ({ rows, strips, type }, epsilon, ending) => {
    const addend: Record<string, typeof type> = ending === "sum" ? { addend: type } : {};
    const sum = ending === "sum" ? " + addend[at]" : "";
    // Not max(), which may lose what is not a number.
    const rectify = ending === "none" ? "value" : `select(value, ${type}(), value <= ${type}())`;
    const threads = strips * Math.ceil(rows / ROWS);
    const body = `  let strip = t % ${strips};
  let first = t / ${strips} * ${ROWS};
  let center = mean[strip];
  let scale = weight[strip] * inverseSqrt(variance[strip] + ${epsilon}f);
  let shift = bias[strip];
  for (var row = first; row < min(first + ${ROWS}, ${rows}); row++) {
    let at = row * ${strips} + strip;
    let value = fma(x[at] - center, scale, shift)${sum};
    y[at] = ${rectify};
  }`;
    const inputs = { x: type, mean: type, variance: type, weight: type, bias: type, ...addend };
    return {
      name: { none: "normalized", relu: "normalizedRelu", sum: "normalizedSumRelu" }[ending],
      wgsl: bindings({ y: type }, inputs) + entry(threads, body),
      groups: groupsFor(threads),
    };
  },
);
