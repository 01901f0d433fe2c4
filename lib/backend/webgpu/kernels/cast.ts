/**
 * `Cast` to `float32`. The stock kernel calls integers floats and leaves their bits as they are, which
 * only its own shaders know how to read; here they are converted.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import type { Kernel } from "../kernels.ts";
import { dispatch } from "../dispatch.ts";
import { bindings, entry, generator, groupsFor } from "../program.ts";

/** Converts whole numbers. */
export const castProgram = generator((size: number) => ({
  name: "cast",
  wgsl: bindings({ y: "f32" }, { x: "i32" }) + entry(size, "  y[t] = f32(x[t]);"),
  groups: groupsFor(size),
}));

/** Gives integers and booleans as floats. */
export const cast: Kernel = (backend, { x }, { dtype }) => {
  const size = sizeOf(x.shape);
  const whole = x.dtype === "int32" || x.dtype === "bool";
  if (dtype !== "float32" || !whole || size === 0) return;
  const y = backend.makeTensorInfo(x.shape, "float32");
  dispatch(backend, castProgram(size), [y], [x]);
  return y;
};
