/**
 * `ArgMax`. The stock kernel compares in parallel and gives any of several largest values; here it is
 * the first, as on the other backends, also where a team of threads shares a long line.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";
import { dispatch } from "../dispatch.ts";
import type { Kernel } from "../kernels.ts";
import { bindings, generator, type Program } from "../program.ts";
import { lanesFor, teamEntry, teamGroups, together } from "../team.ts";

/** Lines of a tensor `[outer, length, inner]`, and the threads that go along one together. */
export interface Lines {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  readonly type: "f32" | "i32";
  readonly lanes: number;
}

/** Gives `y`, the places of the largest values of lines, from `x`. */
export const largestPlace: (lines: Lines) => Program = generator(
  ({ outer, length, inner, type, lanes }) => {
    const items = outer * inner;
    const body = `  let start = item / ${inner} * ${inner * length} + item % ${inner};
  var best = Place(x[start], 0);
  for (var i = lane; i < ${length}; i += ${lanes}) {
    best = first(best, Place(x[start + i * ${inner}], i));
  }
  let all = together(lane, best);
  if (lane == 0) { y[item] = all.at; }`;
    return {
      name: "argMax",
      // Nothing is larger than a first value that is no number, and none that is no number is larger.
      wgsl: bindings({ y: "i32" }, { x: type }) + `struct Place { value: ${type}, at: i32 }
fn first(a: Place, b: Place) -> Place {
  if (b.value > a.value || b.value == a.value && b.at < a.at) { return b; }
  return a;
}
` + together("together", "Place", lanes, "first(a, b)") + teamEntry(items, lanes, body),
      groups: teamGroups(items, lanes),
      rounds: Math.ceil(length / lanes),
    };
  },
);

/** The position of the first of the largest values along an axis. */
export const argMax: Kernel = (backend, { x }, { axis }) => {
  const [along] = tf.util.parseAxisParam(axis, x.shape) as [number];
  const length = x.shape[along]!;
  const program = largestPlace({
    outer: tf.util.sizeFromShape(x.shape.slice(0, along)),
    length,
    inner: tf.util.sizeFromShape(x.shape.slice(along + 1)),
    type: x.dtype === "float32" ? "f32" : "i32",
    lanes: lanesFor(length, backend.software),
  });
  const places = backend.makeTensorInfo(x.shape.toSpliced(along, 1), "int32");
  dispatch(backend, program, [places], [x]);
  return places;
};
