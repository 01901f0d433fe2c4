/**
 * `Cumsum` and `Cumprod`: a thread goes along each line. The stock kernels keep a shader that has the
 * length of its lines in it, and run it on lines of other lengths too.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";
import { dispatch } from "../dispatch.ts";
import type { Kernel } from "../kernels.ts";
import { bindings, entry, generator, groupsFor, type Program } from "../program.ts";

/** Lines of a tensor `[outer, length, inner]`, and how they are gone along. */
export interface Scan {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  readonly type: "f32" | "i32";
  readonly operator: "+" | "*";
  /** Leaves out the element itself. */
  readonly exclusive: boolean;
  /** Begins at the end. */
  readonly reverse: boolean;
}

/** Gives `y`, at each place what is made of all elements up to it, from `x`. */
export const scanned: (scan: Scan) => Program = generator((scan) => {
  const { outer, length, inner, type, operator, exclusive, reverse } = scan;
  const [first, step] = reverse ? [(length - 1) * inner, -inner] : [0, inner];
  const lines = [`all = all ${operator} x[at];`, "y[at] = all;"];
  const body = `  var at = t / ${inner} * ${length * inner} + t % ${inner} + ${first};
  var all = ${type}(${operator === "+" ? 0 : 1});
  for (var i = 0; i < ${length}; i++) {
    ${(exclusive ? lines.toReversed() : lines).join("\n    ")}
    at += ${step};
  }`;
  return {
    name: operator === "+" ? "cumsum" : "cumprod",
    wgsl: bindings({ y: type }, { x: type }) + entry(outer * inner, body),
    groups: groupsFor(outer * inner),
    rounds: length,
  };
});

const scanning = (operator: Scan["operator"]): Kernel => (backend, { x }, attributes) => {
  const { axis, exclusive, reverse } = attributes;
  if (x.dtype !== "float32" && x.dtype !== "int32") return;
  const [along] = tf.util.parseAxisParam(axis, x.shape) as [number];
  const program = scanned({
    outer: tf.util.sizeFromShape(x.shape.slice(0, along)),
    length: x.shape[along]!,
    inner: tf.util.sizeFromShape(x.shape.slice(along + 1)),
    type: x.dtype === "float32" ? "f32" : "i32",
    operator,
    exclusive,
    reverse,
  });
  const y = backend.makeTensorInfo(x.shape, x.dtype);
  dispatch(backend, program, [y], [x]);
  return y;
};

/** At each place of an axis the sum of all elements up to it. */
export const cumsum: Kernel = scanning("+");
/** At each place of an axis the product of all elements up to it. */
export const cumprod: Kernel = scanning("*");
