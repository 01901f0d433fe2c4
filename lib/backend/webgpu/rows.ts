/**
 * Work on the rows of a matrix, of which each is gone along as often as it must be. A row is strips of
 * as many elements as are loaded at once, and one thread, or on a GPU a team of them, does all of it.
 *
 * @module
 */

import { sizeOf } from "../../tensor.ts";
import type { Program } from "./program.ts";
import { lanesFor, teamEntry, teamGroups, together } from "./team.ts";

/** How a matrix is shared out among threads. */
export interface Rows {
  /** Number of rows. */
  readonly rows: number;
  /** Elements of a row. */
  readonly length: number;
  /** Strips of a row. */
  readonly strips: number;
  /** Type of a strip. */
  readonly type: "f32" | "vec4f";
  /** Threads that work on a row together. */
  readonly lanes: number;
}

/** How often a row is gone along at most. */
const TIMES = 3;

/** Shares out the rows along the last axis of a tensor of at least one element. */
export function rowsOf(shape: readonly number[], software: boolean): Rows {
  const length = shape.at(-1)!;
  const width = length % 4 === 0 ? 4 : 1;
  const strips = length / width;
  const lanes = lanesFor(strips, software, TIMES);
  const rows = sizeOf(shape.slice(0, -1));
  return { rows, length, strips, type: width === 4 ? "vec4f" : "f32", lanes };
}

/** The text and the groups of a program whose body is run for each row, its number being `item`. */
export function rowProgram(
  { rows, strips, type, lanes }: Rows,
  name: string,
  declarations: string,
  body: string,
): Program {
  const [sum, most] = type === "f32"
    ? ["value", "value"]
    : ["dot(value, vec4f(1.0))", "max(max(value.x, value.y), max(value.z, value.w))"];
  const whole = (name: string, part: string, both: string) =>
    `${together(`${name}_of_lanes`, "f32", lanes, both)}
fn ${name}(lane: i32, value: ${type}) -> f32 { return ${name}_of_lanes(lane, ${part}); }
`;
  return {
    name,
    wgsl: declarations + whole("row_sum", sum, "a + b") +
      (body.includes("row_max(") ? whole("row_max", most, "max(a, b)") : "") +
      teamEntry(rows, lanes, body),
    groups: teamGroups(rows, lanes),
    rounds: TIMES * Math.ceil(strips / lanes),
  };
}

/** A loop over the strips of the row: `i` is the number of one in the row, `at` in the matrix. */
export function eachStrip({ strips, lanes }: Rows, body: string): string {
  return `  for (var i = lane; i < ${strips}; i += ${lanes}) {
    let at = item * ${strips} + i;
    ${body}
  }
`;
}
