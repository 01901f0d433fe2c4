/**
 * Sums over chunks of rows that all gradients of a batch normalisation are made of: of the gradient of
 * its output, and of the product of that with the centred input. Where relu came after it, the
 * gradient counts where the output is positive; where there was an addend, that is its gradient.
 *
 * @module
 */

import { chunkOfRows, type Columns } from "../../columns.ts";
import { bindings, entry, generator, groupsFor, type Program } from "../../program.ts";
import type { Ending } from "./normalized.ts";

/**
 * Gives `parts`, two strips for each strip of each chunk, from `dy`, `x` and `mean`. With relu it also
 * takes `y`, and with an addend it also gives `slope`, the gradient before relu.
 */
export const gradientParts: (columns: Columns, ending: Ending) => Program = generator(
  (columns, ending) => {
    const { strips, type, chunks } = columns;
    const rectified = ending !== "none";
    const slope: Record<string, typeof type> = ending === "sum" ? { slope: type } : {};
    const y: Record<string, typeof type> = rectified ? { y: type } : {};
    const own = rectified ? `select(dy[at], ${type}(), y[at] <= ${type}())` : "dy[at]";
    const body = `${chunkOfRows(columns)}
  let center = mean[strip];
  var sum = ${type}();
  var along = ${type}();
  for (var row = first; row < end; row++) {
    let at = row * ${strips} + strip;
    let own = ${own};
    sum += own;
    along += own * (x[at] - center);${ending === "sum" ? "\n    slope[at] = own;" : ""}
  }
  parts[2 * t] = sum;
  parts[2 * t + 1] = along;`;
    return {
      name: "gradientParts",
      wgsl: bindings({ parts: type, ...slope }, { dy: type, x: type, mean: type, ...y }) +
        entry(strips * chunks, body),
      groups: groupsFor(strips * chunks),
    };
  },
);
