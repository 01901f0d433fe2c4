/** A tensor and a multiple of another, of which the factor is on the device too. */

import { sizeOf } from "../../../tensor.ts";
import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import { elementwise } from "../elementwise.ts";

/** `FplusxAddScaled`. */
export function addScaled(
  backend: GuardedBackend,
  { x, y, factor }: Readonly<Record<"x" | "y" | "factor", tf.TensorInfo>>,
): tf.TensorInfo {
  const size = sizeOf(x.shape);
  const program = elementwise(
    "addScaled",
    size,
    ["sum"],
    ["x", "y"],
    ["factor"],
    "sum[at] = x[at] + factor[0] * y[at];",
  );
  const sum = backend.makeTensorInfo(x.shape, "float32");
  dispatch(backend, program, [sum], [x, y, factor]);
  return sum;
}
