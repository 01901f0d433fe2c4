/** `Add` of two tensors alike that are kept in halves, as gradients of one tensor are: so is their sum. */

import { sameShape, sizeOf } from "../../../tensor.ts";
import type { Kernel } from "../kernels.ts";
import { dispatch } from "../dispatch.ts";
import { elementwise } from "../elementwise.ts";
import { halvesAmong } from "../halves.ts";
import type { Program } from "../program.ts";

const SUM = "sum[at] = H(T(a[at]) + T(b[at]));";

/** Gives `sum` from `a` and `b`, in halves as they are. */
export const sumOfHalves = (size: number): Program =>
  elementwise("sumOfHalves", size, ["sum"], ["a", "b"], [], SUM, ["sum", "a", "b"]);

/** `Add`. */
export const add: Kernel = (backend, { a, b }) => {
  if (halvesAmong(backend, { a, b }).length < 2 || !sameShape(a.shape, b.shape)) return;
  const sum = backend.makeTensorInfo(a.shape, "float32");
  dispatch(backend, sumOfHalves(sizeOf(a.shape)), [sum], [a, b]);
  return sum;
};
