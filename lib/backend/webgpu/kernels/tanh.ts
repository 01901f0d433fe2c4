/**
 * `Tanh`, of which the stock kernel loses the digits near zero, where it takes the difference of two
 * numbers close to one. There it is the first terms of its series.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import { dispatch } from "../dispatch.ts";
import { elementwise } from "../elementwise.ts";
import type { Kernel } from "../kernels.ts";

/** The hyperbolic tangent. */
export const tanh: Kernel = (backend, { x }) => {
  if (x.dtype !== "float32") return;
  const size = sizeOf(x.shape);
  const body = `let square = x[at] * x[at];
  let series = 1.0 - square * (1.0 / 3.0 - square * (2.0 / 15.0 - square * (17.0 / 315.0)));
  let power = exp(-2.0 * abs(x[at]));
  let whole = sign(x[at]) * ((1.0 - power) / (1.0 + power));
  y[at] = select(whole, x[at] * series, abs(x[at]) < T(0.2));`;
  const y = backend.makeTensorInfo(x.shape, "float32");
  dispatch(backend, elementwise("tanh", size, ["y"], ["x"], [], body), [y], [x]);
  return y;
};
