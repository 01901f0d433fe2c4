/**
 * The moments of chunks of rows: for each chunk and strip the mean, and the sum of the squared
 * distances from it. Sums are taken of the distances from the first row of the chunk, and the mean is
 * told by its distance from the first row of all, so that no digits are lost where it is far from zero.
 *
 * @module
 */

import { chunkOfRows, type Columns } from "../../columns.ts";
import { access, bindings, entry, generator, groupsFor, type Program } from "../../program.ts";

/** Gives `parts`, two strips for each strip of each chunk, from `x`. */
export const momentParts: (
  columns: Columns,
  halves?: readonly string[],
) => Program = generator((columns, halves = []) => {
  const { strips, type, chunks } = columns;
  const { read } = access(type, halves);
  const body = `${chunkOfRows(columns)}
  let pivot = ${read("x", `first * ${strips} + strip`)};
  var sum = ${type}();
  var squares = ${type}();
  for (var row = first + 1; row < end; row++) {
    let distance = ${read("x", `row * ${strips} + strip`)} - pivot;
    sum += distance;
    squares += distance * distance;
  }
  let mean = sum / f32(end - first);
  parts[2 * t] = pivot - ${read("x", "strip")} + mean;
  parts[2 * t + 1] = squares - sum * mean;`;
  return {
    name: "momentParts",
    wgsl: bindings({ parts: type }, { x: type }, halves) + entry(strips * chunks, body),
    groups: groupsFor(strips * chunks),
  };
});
