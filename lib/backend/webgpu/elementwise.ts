/**
 * Kernels that make each element of a result from one element of each input, four at a time where
 * their number allows it.
 *
 * @module
 */

import {
  bindings,
  type Element,
  entry,
  generator,
  groupsFor,
  HALVES,
  type Program,
} from "./program.ts";

/**
 * Gives the program for tensors of `size` elements: `body` says what is done for `at`, in text where
 * `T` is the type of the elements, and `scalars` names inputs of one float after the others. The tensors
 * named as `halves` are of halves, whose type is `H`.
 */
export const elementwise: (
  name: string,
  size: number,
  outputs: readonly string[],
  inputs: readonly string[],
  scalars: readonly string[],
  body: string,
  halves?: readonly string[],
) => Program = generator((name, size, outputs, inputs, scalars, body, halves = []) => {
  const type = size % 4 === 0 ? "vec4f" : "f32";
  const threads = type === "vec4f" ? size / 4 : size;
  const all = (names: readonly string[], type: Element) =>
    Object.fromEntries(names.map((name) => [name, type]));
  return {
    name,
    wgsl: bindings(all(outputs, type), { ...all(inputs, type), ...all(scalars, "f32") }, halves) +
      `alias T = ${type};\n` + (halves.length > 0 ? `alias H = ${HALVES[type]};\n` : "") +
      entry(threads, `  let at = t;\n  ${body}`),
    groups: groupsFor(threads),
  };
});
