/**
 * `Pow`, which the stock kernel gets wrong where WGSL leaves it open: a power of zero with a negative
 * exponent, of an infinity, and of NaN with the exponent zero.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";
import type { Kernel } from "../kernels.ts";
import { runShader } from "../shader.ts";

/** `a` to the power of `b`, with broadcasting. */
export const pow: Kernel = (backend, { a, b }) => {
  if (a.dtype !== "float32" || b.dtype !== "float32") return;
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  return runShader(backend, {
    name: "pow",
    shape,
    dtype: "float32",
    inputs: { A: a, B: b },
    code: `
      fn element(index: i32) -> f32 {
        let a = getAByOutputIndex(index);
        let b = getBByOutputIndex(index);
        if (b == 0.0) { return 1.0; }
        if (isnan(a) || isnan(b)) { return uniforms.NAN; }
        let odd = floor(b) == b && floor(b / 2.0) * 2.0 != b;
        if (a == 0.0 || isinf(a)) {
          let size = select(0.0, uniforms.INFINITY, (b < 0.0) == (a == 0.0));
          return select(size, -size, a < 0.0 && odd);
        }
        if (a < 0.0 && floor(b) != b) { return uniforms.NAN; }
        let size = pow(abs(a), b);
        return select(size, -size, a < 0.0 && odd);
      }`,
  });
};
