/**
 * The gradient of the means of windows, all of which it takes for whole ones, as tfjs does.
 *
 * @module
 */

import { access, bindings, generator, type Program } from "../../program.ts";
import { eachWindow, type Pooling, poolProgram, strips, typeOf } from "./windows.ts";

/** Gives `dx`, a value for each pixel, from `dy`; those that are named as `halves` are of halves. */
export const meansGradient: (pooling: Pooling, halves?: readonly string[]) => Program = generator(
  (pooling, halves = []) => {
    const { read, write } = access(typeOf(pooling), halves);
    const [height, width] = pooling.window;
    const body = `  var sum = ${typeOf(pooling)}();
${eachWindow(pooling, `sum += ${read("dy", "place")};`)}
  ${write("dx", "t", `sum / ${height * width}.0`)}`;
    const declarations = bindings(strips(pooling, "dx"), strips(pooling, "dy"), halves);
    return poolProgram(pooling, "avgPoolGradient", "size", declarations, body);
  },
);
