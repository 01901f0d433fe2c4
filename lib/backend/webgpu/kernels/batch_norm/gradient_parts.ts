/**
 * Sums over chunks of rows that all gradients of a batch normalisation are made of: of the gradient of
 * its output, and of the product of that with the centred input. Where relu came after it, the
 * gradient counts where the output is positive. That is computed again, which is faster than loading it,
 * unless there was an addend, whose gradient this is.
 *
 * @module
 */

import { chunkOfRows, type Columns } from "../../columns.ts";
import {
  access,
  bindings,
  type Element,
  entry,
  generator,
  groupsFor,
  type Program,
} from "../../program.ts";
import { type Ending, scaleOf } from "./normalized.ts";

/**
 * Gives `parts`, two strips for each strip of each chunk, from `dy`, `x` and `mean`. With relu it also
 * takes `variance`, `weight` and `bias`; with an addend it takes `y`, and gives `slope`, its gradient.
 */
export const gradientParts: (
  columns: Columns,
  epsilon: number,
  ending: Ending,
  halves?: readonly string[],
) => Program = generator((columns, epsilon, ending, halves = []) => {
  const { strips, type, chunks } = columns;
  const { read, write } = access(type, halves);
  const more: Record<Ending, Record<string, Element>> = {
    none: {},
    relu: { variance: type, weight: type, bias: type },
    sum: { y: type },
  };
  const slope: Record<string, Element> = ending === "sum" ? { slope: type } : {};
  const counts = (y: string) => `select(${read("dy", "at")}, ${type}(), ${y} <= ${type}())`;
  const own = {
    none: read("dy", "at"),
    relu: counts("fma(distance, scale, shift)"),
    sum: counts(read("y", "at")),
  }[ending];
  const affine = ending === "relu"
    ? `\n  let scale = ${scaleOf(epsilon)};\n  let shift = bias[strip];`
    : "";
  const body = `${chunkOfRows(columns)}
  let center = mean[strip];${affine}
  var sum = ${type}();
  var along = ${type}();
  for (var row = first; row < end; row++) {
    let at = row * ${strips} + strip;
    let distance = ${read("x", "at")} - center;
    let own = ${own};
    sum += own;
    along += own * distance;${ending === "sum" ? `\n    ${write("slope", "at", "own")}` : ""}
  }
  parts[2 * t] = sum;
  parts[2 * t + 1] = along;`;
  const inputs = { dy: type, x: type, mean: type, ...more[ending] };
  return {
    name: "gradientParts",
    wgsl: bindings({ parts: type, ...slope }, inputs, halves) + entry(strips * chunks, body),
    groups: groupsFor(strips * chunks),
  };
});
