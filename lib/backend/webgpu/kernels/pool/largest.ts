/**
 * The largest values of windows. NaN is larger than any number.
 *
 * @module
 */

import { LARGER } from "../../larger.ts";
import { bindings, generator, type Program } from "../../program.ts";
import { eachPixel, type Pooling, poolProgram, strips, typeOf } from "./windows.ts";

/** Finds the value `best` and the place `best_at` of the first largest value in a window. */
export function findLargest(pooling: Pooling, row: string, column: string): string {
  const type = typeOf(pooling);
  const places = type === "f32" ? "i32" : "vec4i";
  const search = eachPixel(
    pooling,
    row,
    column,
    `let value = x[at];
      let better = (best_at < ${places}()) | is_nan_${type}(value) | (value > best);
      best = select(best, value, better);
      best_at = select(best_at, ${places}(at), better);`,
  );
  return `  var best = ${type}();
  var best_at = ${places}(-1);
${search}`;
}

/** Gives `y`, a value for each window, from `x`. */
export const largest: (pooling: Pooling) => Program = generator((pooling) =>
  poolProgram(
    pooling,
    "maxPool",
    "windows",
    bindings(strips(pooling, "y"), strips(pooling, "x")) + LARGER,
    `${findLargest(pooling, "row", "column")}
  y[t] = best;`,
  )
);
