/**
 * Rows normalised one by one.
 *
 * @module
 */

import { bindings, generator, type Program } from "../../program.ts";
import { eachStrip, rowProgram, type Rows } from "../../rows.ts";

/** Text that finds the mean `center` of a row of `x` and `inverse`, one over its deviation. */
export function rowMoments(rows: Rows, epsilon: number): string {
  const { length, type } = rows;
  return `  var sum = ${type}();
${eachStrip(rows, "sum += x[at];")}
  let center = row_sum(lane, sum) / ${length}.0;
  var squares = ${type}();
${eachStrip(rows, "let distance = x[at] - center;\n    squares += distance * distance;")}
  let inverse = inverseSqrt(row_sum(lane, squares) / ${length}.0 + ${epsilon}f);
`;
}

/** Gives `y` from `x`, `weight` and `bias`. */
export const rowNormalized: (rows: Rows, epsilon: number) => Program = generator(
  (rows, epsilon) => {
    const { type } = rows;
    const body = `${rowMoments(rows, epsilon)}
${eachStrip(rows, "y[at] = fma((x[at] - center) * inverse, weight[i], bias[i]);")}`;
    const inputs = { x: type, weight: type, bias: type };
    return rowProgram(rows, "layerNorm", bindings({ y: type }, inputs), body);
  },
);
