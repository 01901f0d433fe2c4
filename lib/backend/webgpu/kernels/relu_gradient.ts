/** The gradient of relu: `dy` where `x` is positive, and zero elsewhere. */

import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import { bindings, entry, generator, groupsFor } from "../program.ts";

const program = generator((size: number) => ({
  name: "reluGradient",
  wgsl: bindings({ dx: "f32" }, { dy: "f32", x: "f32" }) +
    entry(size, "  dx[t] = select(0.0, dy[t], x[t] > 0.0);"),
  groups: groupsFor(size),
}));

/** Gives the gradient by `x`. */
export function reluGradient(
  backend: GuardedBackend,
  { dy, x }: Readonly<Record<"dy" | "x", tf.TensorInfo>>,
): tf.TensorInfo {
  const dx = backend.makeTensorInfo(x.shape, "float32");
  dispatch(backend, program(x.shape.reduce((a, b) => a * b, 1)), [dx], [dy, x]);
  return dx;
}
