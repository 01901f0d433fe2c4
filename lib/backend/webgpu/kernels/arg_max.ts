/**
 * `ArgMax`. The stock kernel compares in parallel and gives any of several largest values; here it
 * is the first, as on the other backends.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";
import type { Kernel } from "../kernels.ts";
import { runShader } from "../shader.ts";

/** The position of the first of the largest values along an axis. */
export const argMax: Kernel = (backend, { x }, { axis }) => {
  const [along] = tf.util.parseAxisParam(axis, x.shape) as [number];
  const inner = tf.util.sizeFromShape(x.shape.slice(along + 1));
  return runShader(backend, {
    name: "arg_max",
    shape: x.shape.toSpliced(along, 1),
    dtype: "int32",
    inputs: { x },
    constants: { length: x.shape[along]!, inner },
    code: `
      fn element(index: i32) -> i32 {
        let start = index / inner * inner * length + index % inner;
        var best = 0;
        for (var i = 1; i < length; i++) {
          if (x[start + i * inner] > x[start + best * inner]) { best = i; }
        }
        return best;
      }`,
  });
};
