/**
 * Repeats values along axes, where the gradient of a sum or mean is the same for all that went into it.
 *
 * @module
 */

import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import { mergedAxes, product } from "../merged_axes.ts";
import { bindings, entry, generator, groupsFor, type Program } from "../program.ts";

/** Gives `y`, `[outer, length, inner]`, from `x`, `[outer, inner]`, divided by a number. */
export const repeated: (outer: number, length: number, inner: number, divisor: number) => Program =
  generator((outer, length, inner, divisor) => {
    const [across, side] = [inner === 1 && length % 4 === 0, inner % 4 === 0];
    const type = across || side ? "vec4f" : "f32";
    const [along, strips] = [across ? length / 4 : length, side ? inner / 4 : inner];
    const threads = outer * along * strips;
    const value = `x[t / ${along * strips} * ${strips} + t % ${strips}]`;
    return {
      name: "repeated",
      wgsl: bindings({ y: type }, { x: side ? "vec4f" : "f32" }) +
        entry(threads, `  y[t] = ${type}(${value}${divisor === 1 ? "" : ` / ${divisor}.0`});`),
      groups: groupsFor(threads),
    };
  });

/** `FplusxRepeat`. */
export function repeat(
  backend: GuardedBackend,
  { x }: Readonly<Record<"x", tf.TensorInfo>>,
  { shape, axes, divisor }: {
    readonly shape: readonly number[];
    readonly axes: readonly number[];
    readonly divisor: number;
  },
): tf.TensorInfo {
  const sizes = mergedAxes(shape, axes);
  let made = x;
  let factor = divisor;
  for (const [at, { size, goes }] of sizes.entries()) {
    if (!goes) continue;
    // What comes before is there already, of what comes after only what stays.
    const outer = product(sizes.slice(0, at));
    const inner = product(sizes.slice(at + 1).filter(({ goes }) => !goes));
    const y = backend.makeTensorInfo([outer * size * inner], "float32");
    dispatch(backend, repeated(outer, size, inner, factor), [y], [made]);
    if (made !== x) backend.disposeData(made.dataId);
    [made, factor] = [y, 1];
  }
  if (made === x) backend.incRef(x.dataId);
  return { dataId: made.dataId, dtype: "float32", shape: [...shape] };
}
