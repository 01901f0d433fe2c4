/**
 * The gradient of a batch normalisation by its input.
 *
 * @module
 */

import type { Columns } from "../../columns.ts";
import { bindings, entry, generator, groupsFor, type Program } from "../../program.ts";

/** Rows of a strip that one thread makes, for which it loads the coefficients once. */
const ROWS = 4;

/**
 * Gives `dx` from `dy`, `x` and the coefficients of {@linkcode gradientCoefficients}, and with `masked`
 * from `y` too: there `dy` counts where `y` is positive.
 */
export const inputGradient: (columns: Columns, masked: boolean) => Program = generator(
  ({ rows, strips, type }, masked) => {
    const y: Record<string, typeof type> = masked ? { y: type } : {};
    const own = masked ? `select(dy[at], ${type}(), y[at] <= ${type}())` : "dy[at]";
    const threads = strips * Math.ceil(rows / ROWS);
    const body = `  let strip = t % ${strips};
  let first = t / ${strips} * ${ROWS};
  let scale = coefficients[4 * strip];
  let along = coefficients[4 * strip + 1];
  let aside = coefficients[4 * strip + 2];
  let center = coefficients[4 * strip + 3];
  for (var row = first; row < min(first + ${ROWS}, ${rows}); row++) {
    let at = row * ${strips} + strip;
    dx[at] = fma(${own}, scale, fma(x[at] - center, along, aside));
  }`;
    return {
      name: "inputGradient",
      wgsl: bindings({ dx: type }, { dy: type, x: type, coefficients: type, ...y }) +
        entry(threads, body),
      groups: groupsFor(threads),
    };
  },
);
