/**
 * The gradient of the means of windows, all of which it takes for whole ones, as tfjs does.
 *
 * @module
 */

import { bindings, generator, type Program } from "../../program.ts";
import { eachWindow, type Pooling, poolProgram, strips, typeOf } from "./windows.ts";

/** Gives `dx`, a value for each pixel, from `dy`. */
export const meansGradient: (pooling: Pooling) => Program = generator((pooling) => {
  const [height, width] = pooling.window;
  const body = `  var sum = ${typeOf(pooling)}();
${eachWindow(pooling, "sum += dy[place];")}
  dx[t] = sum / ${height * width}.0;`;
  const declarations = bindings(strips(pooling, "dx"), strips(pooling, "dy"));
  return poolProgram(pooling, "avgPoolGradient", "size", declarations, body);
});
