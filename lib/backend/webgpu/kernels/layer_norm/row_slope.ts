/**
 * The gradient of normalised rows by what they were before, and what the rows were normalised with.
 *
 * @module
 */

import { bindings, generator, type Program } from "../../program.ts";
import { eachStrip, rowProgram, type Rows } from "../../rows.ts";
import { rowMoments } from "./row_normalized.ts";

/** Gives `dx`, and `moments`, the mean of each row and one over its deviation, from `dy`, `x` and `weight`. */
export const rowSlope: (rows: Rows, epsilon: number) => Program = generator((rows, epsilon) => {
  const { length, type } = rows;
  const body = `${rowMoments(rows, epsilon)}
  var shift = ${type}();
  var along = ${type}();
${
    eachStrip(
      rows,
      `let own = dy[at] * weight[i];
    shift += own;
    along += own * ((x[at] - center) * inverse);`,
    )
  }
  let aside = row_sum(lane, shift) / ${length}.0;
  let steep = row_sum(lane, along) / ${length}.0;
${
    eachStrip(
      rows,
      `let over = (x[at] - center) * inverse;
    dx[at] = inverse * (dy[at] * weight[i] - aside - over * steep);`,
    )
  }
  if (lane == 0) { moments[item] = vec2f(center, inverse); }`;
  const outputs = { dx: type, moments: "vec2f" } as const;
  const inputs = { dy: type, x: type, weight: type };
  return rowProgram(rows, "layerNormGradient", bindings(outputs, inputs), body);
});
