/**
 * The largest values of windows. NaN is larger than any number.
 *
 * @module
 */

import { LARGER } from "../../larger.ts";
import { access, bindings, generator, type Program } from "../../program.ts";
import { eachPixel, type Pooling, poolProgram, strips, typeOf } from "./windows.ts";

/** Finds the value `best` and the place `best_at` of the first largest value of `x` in a window. */
export function findLargest(
  pooling: Pooling,
  row: string,
  column: string,
  halves: readonly string[],
): string {
  const type = typeOf(pooling);
  const places = type === "f32" ? "i32" : "vec4i";
  const search = eachPixel(
    pooling,
    row,
    column,
    `let value = ${access(type, halves).read("x", "at")};
      let better = (best_at < ${places}()) | is_nan_${type}(value) | (value > best);
      best = select(best, value, better);
      best_at = select(best_at, ${places}(at), better);`,
  );
  return `  var best = ${type}();
  var best_at = ${places}(-1);
${search}`;
}

/** Gives `y`, a value for each window, from `x`; those that are named as `halves` are of halves. */
export const largest: (pooling: Pooling, halves?: readonly string[]) => Program = generator(
  (pooling, halves = []) =>
    poolProgram(
      pooling,
      "maxPool",
      "windows",
      bindings(strips(pooling, "y"), strips(pooling, "x"), halves) + LARGER,
      `${findLargest(pooling, "row", "column", halves)}
  ${access(typeOf(pooling), halves).write("y", "t", "best")}`,
    ),
);
