/**
 * Normalisation with given moments, and what comes after it in the same pass: the sum with another
 * tensor, and relu.
 *
 * @module
 */

import { type Columns, spanOfRows, threadsOfSpans } from "../../columns.ts";
import { access, bindings, entry, generator, groupsFor, type Program } from "../../program.ts";

/** What becomes of the normalised values: nothing, relu, or relu of their sum with `addend`. */
export type Ending = "none" | "relu" | "sum";

/** What `x` is multiplied with, from its distance to the mean on. */
export const scaleOf = (epsilon: number): string =>
  `weight[strip] * inverseSqrt(variance[strip] + ${epsilon}f)`;

/** Gives `y` from `x`, its moments, weight and bias, and with the ending `"sum"` an addend like `x`. */
export const normalized: (
  columns: Columns,
  epsilon: number,
  ending: Ending,
  halves?: readonly string[],
) => Program = generator(
  (columns, epsilon, ending, halves = []) => {
    const { type } = columns;
    const { read, write } = access(type, halves);
    const addend: Record<string, typeof type> = ending === "sum" ? { addend: type } : {};
    const sum = ending === "sum" ? ` + ${read("addend", "at")}` : "";
    // Not max(), which may lose what is not a number.
    const rectify = ending === "none" ? "value" : `select(value, ${type}(), value <= ${type}())`;
    const body = spanOfRows(
      columns,
      `  let center = mean[strip];
  let scale = ${scaleOf(epsilon)};
  let shift = bias[strip];`,
      `    let value = fma(${read("x", "at")} - center, scale, shift)${sum};
    ${write("y", "at", rectify)}`,
    );
    const inputs = { x: type, mean: type, variance: type, weight: type, bias: type, ...addend };
    const threads = threadsOfSpans(columns);
    return {
      name: { none: "normalized", relu: "normalizedRelu", sum: "normalizedSumRelu" }[ending],
      wgsl: bindings({ y: type }, inputs, halves) + entry(threads, body),
      groups: groupsFor(threads),
    };
  },
);
