/** The gradient of relu: `dy`, but zero where `x` is at most zero. */

import { sizeOf } from "../../../tensor.ts";
import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import { elementwise } from "../elementwise.ts";

/** `FplusxReluGradient`. */
export function reluGradient(
  backend: GuardedBackend,
  { dy, x }: Readonly<Record<"dy" | "x", tf.TensorInfo>>,
): tf.TensorInfo {
  const size = sizeOf(x.shape);
  const body = "dx[at] = select(dy[at], T(), x[at] <= T());";
  const dx = backend.makeTensorInfo(x.shape, "float32");
  dispatch(backend, elementwise("reluGradient", size, ["dx"], ["dy", "x"], [], body), [dx], [
    dy,
    x,
  ]);
  return dx;
}
