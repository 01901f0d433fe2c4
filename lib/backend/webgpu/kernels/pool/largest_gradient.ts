/**
 * The gradient of the largest values of windows: that of a window goes to its first largest value.
 *
 * @module
 */

import { LARGER } from "../../larger.ts";
import { bindings, generator, type Program } from "../../program.ts";
import { findLargest } from "./largest.ts";
import { eachWindow, type Pooling, poolProgram, strips, typeOf } from "./windows.ts";

/** Gives `dx`, a value for each pixel, from `dy` and `x`. */
export const largestGradient: (pooling: Pooling) => Program = generator((pooling) => {
  const type = typeOf(pooling);
  const own = type === "f32" ? "t" : "vec4i(t)";
  const body = `  var sum = ${type}();
${
    eachWindow(
      pooling,
      `${findLargest(pooling, "i", "j")}
    sum += select(${type}(), dy[place], best_at == ${own});`,
    )
  }
  dx[t] = sum;`;
  const declarations = bindings(strips(pooling, "dx"), strips(pooling, "dy", "x")) + LARGER;
  return poolProgram(pooling, "maxPoolGradient", "size", declarations, body);
});
