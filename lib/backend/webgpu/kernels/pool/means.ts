/**
 * The means of windows, over their pixels inside the image.
 *
 * @module
 */

import { access, bindings, generator, type Program } from "../../program.ts";
import { eachPixel, type Pooling, poolProgram, strips, typeOf } from "./windows.ts";

/** Gives `y`, a value for each window, from `x`; those that are named as `halves` are of halves. */
export const means: (pooling: Pooling, halves?: readonly string[]) => Program = generator(
  (pooling, halves = []) => {
    const { read, write } = access(typeOf(pooling), halves);
    const sum = `sum += ${read("x", "at")};\n      count += 1.0;`;
    const body = `  var sum = ${typeOf(pooling)}();
  var count = 0.0;
${eachPixel(pooling, "row", "column", sum)}
  ${write("y", "t", "sum / count")}`;
    const declarations = bindings(strips(pooling, "y"), strips(pooling, "x"), halves);
    return poolProgram(pooling, "avgPool", "windows", declarations, body);
  },
);
