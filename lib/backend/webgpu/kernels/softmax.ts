/**
 * `Softmax` along the last axis and its gradient, each in one dispatch.
 *
 * @module
 */

import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import type { Kernel } from "../kernels.ts";
import { bindings, generator, type Program } from "../program.ts";
import { eachStrip, rowProgram, type Rows, rowsOf } from "../rows.ts";

/** Gives `y` from `x`. */
export const softmaxed: (rows: Rows) => Program = generator((rows) => {
  const { strips, type } = rows;
  const body = `  var most = x[item * ${strips}];
${eachStrip(rows, "most = max(most, x[at]);")}
  let top = row_max(lane, most);
  var sum = ${type}();
${eachStrip(rows, "let e = exp(x[at] - top);\n    y[at] = e;\n    sum += e;")}
  let all = row_sum(lane, sum);
${eachStrip(rows, "y[at] = y[at] / all;")}`;
  return rowProgram(rows, "softmax", bindings({ y: type }, { x: type }), body);
});

/** Gives `dx` from `dy` and `y`. */
export const softmaxSlope: (rows: Rows) => Program = generator((rows) => {
  const { type } = rows;
  const body = `  var sum = ${type}();
${eachStrip(rows, "sum += dy[at] * y[at];")}
  let all = row_sum(lane, sum);
${eachStrip(rows, "dx[at] = (dy[at] - all) * y[at];")}`;
  return rowProgram(rows, "softmaxGradient", bindings({ dx: type }, { dy: type, y: type }), body);
});

/** Positive values that sum to one along the last axis. */
export const softmax: Kernel = (backend, { logits }, { dim }) => {
  const { shape, dtype } = logits;
  if (dtype !== "float32" || dim !== shape.length - 1 || shape.includes(0)) return;
  const y = backend.makeTensorInfo(shape, "float32");
  dispatch(backend, softmaxed(rowsOf(shape, backend.software)), [y], [logits]);
  return y;
};

/** `FplusxSoftmaxGradient`. */
export function softmaxGradient(
  backend: GuardedBackend,
  { dy, y }: Readonly<Record<"dy" | "y", tf.TensorInfo>>,
): tf.TensorInfo {
  const dx = backend.makeTensorInfo(y.shape, "float32");
  dispatch(backend, softmaxSlope(rowsOf(y.shape, backend.software)), [dx], [dy, y]);
  return dx;
}
