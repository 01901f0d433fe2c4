/**
 * The gradient of a batch normalisation by its input.
 *
 * @module
 */

import { type Columns, spanOfRows, threadsOfSpans } from "../../columns.ts";
import {
  access,
  bindings,
  type Element,
  entry,
  generator,
  groupsFor,
  type Program,
} from "../../program.ts";

/**
 * Gives `dx` from `dy`, `x` and the coefficients of {@linkcode gradientCoefficients}. If it is
 * `rectified`, `dy` counts where the output was positive, which is found with `bias`.
 */
export const inputGradient: (
  columns: Columns,
  rectified: boolean,
  halves?: readonly string[],
) => Program = generator(
  (columns, rectified, halves = []) => {
    const { type } = columns;
    const { read, write } = access(type, halves);
    const dy = read("dy", "at");
    const bias: Record<string, Element> = rectified ? { bias: type } : {};
    const own = rectified
      ? `select(${dy}, ${type}(), fma(distance, scale, shift) <= ${type}())`
      : dy;
    const body = spanOfRows(
      columns,
      `  let scale = coefficients[4 * strip];
  let along = coefficients[4 * strip + 1];
  let aside = coefficients[4 * strip + 2];
  let center = coefficients[4 * strip + 3];${rectified ? "\n  let shift = bias[strip];" : ""}`,
      `    let distance = ${read("x", "at")} - center;
    ${write("dx", "at", `fma(${own}, scale, fma(distance, along, aside))`)}`,
    );
    const threads = threadsOfSpans(columns);
    return {
      name: "inputGradient",
      wgsl: bindings({ dx: type }, { dy: type, x: type, coefficients: type, ...bias }, halves) +
        entry(threads, body),
      groups: groupsFor(threads),
    };
  },
);
