/**
 * Sums over chunks of rows that the gradients by weight and bias of normalised rows are made of.
 *
 * @module
 */

import { chunkOfRows, type Columns } from "../../columns.ts";
import { bindings, entry, generator, groupsFor, type Program } from "../../program.ts";

/** Gives the sums `weights` and `biases` of each chunk from `dy`, `x` and the moments of the rows. */
export const affineParts: (columns: Columns) => Program = generator((columns) => {
  const { strips, type, chunks } = columns;
  const body = `${chunkOfRows(columns)}
  var along = ${type}();
  var sum = ${type}();
  for (var row = first; row < end; row++) {
    let at = row * ${strips} + strip;
    along += dy[at] * ((x[at] - moments[row].x) * moments[row].y);
    sum += dy[at];
  }
  weights[t] = along;
  biases[t] = sum;`;
  return {
    name: "affineParts",
    wgsl: bindings(
      { weights: type, biases: type },
      { dy: type, x: type, moments: "vec2f" },
    ) + entry(strips * chunks, body),
    groups: groupsFor(strips * chunks),
  };
});
