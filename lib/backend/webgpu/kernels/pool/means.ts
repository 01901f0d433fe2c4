/**
 * The means of windows, over their pixels inside the image.
 *
 * @module
 */

import { bindings, generator, type Program } from "../../program.ts";
import { eachPixel, type Pooling, poolProgram, strips, typeOf } from "./windows.ts";

/** Gives `y`, a value for each window, from `x`. */
export const means: (pooling: Pooling) => Program = generator((pooling) => {
  const body = `  var sum = ${typeOf(pooling)}();
  var count = 0.0;
${eachPixel(pooling, "row", "column", "sum += x[at];\n      count += 1.0;")}
  y[t] = sum / count;`;
  const declarations = bindings(strips(pooling, "y"), strips(pooling, "x"));
  return poolProgram(pooling, "avgPool", "windows", declarations, body);
});
