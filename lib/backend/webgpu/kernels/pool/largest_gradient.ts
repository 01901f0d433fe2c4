/**
 * The gradient of the largest values of windows: that of a window goes to its first largest value.
 *
 * @module
 */

import { LARGER } from "../../larger.ts";
import { access, bindings, generator, type Program } from "../../program.ts";
import { findLargest } from "./largest.ts";
import { eachWindow, type Pooling, poolProgram, strips, typeOf } from "./windows.ts";

/** Gives `dx`, a value for each pixel, from `dy` and `x`; those that are named as `halves` are of halves. */
export const largestGradient: (pooling: Pooling, halves?: readonly string[]) => Program = generator(
  (pooling, halves = []) => {
    const type = typeOf(pooling);
    const { read, write } = access(type, halves);
    const own = type === "f32" ? "t" : "vec4i(t)";
    const body = `  var sum = ${type}();
${
      eachWindow(
        pooling,
        `${findLargest(pooling, "i", "j", halves)}
    sum += select(${type}(), ${read("dy", "place")}, best_at == ${own});`,
      )
    }
  ${write("dx", "t", "sum")}`;
    const declarations = bindings(strips(pooling, "dx"), strips(pooling, "dy", "x"), halves) +
      LARGER;
    return poolProgram(pooling, "maxPoolGradient", "size", declarations, body);
  },
);
