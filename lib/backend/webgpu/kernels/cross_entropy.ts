/**
 * The cross entropy of softmax and its slope by the logits, both in one dispatch.
 *
 * @module
 */

import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import { bindings, generator, type Program } from "../program.ts";
import { eachStrip, rowProgram, type Rows, rowsOf } from "../rows.ts";

/**
 * Gives `losses`, one for each row, and `slope` from `logits` and `labels`, which are classes or, if
 * `shared`, shares of all classes; `smoothing` is the part of a target that all classes share.
 */
export const surprise: (rows: Rows, shared: boolean, smoothing: number) => Program = generator(
  (rows, shared, smoothing) => {
    const { length, strips, type } = rows;
    const [rest, spread] = [`${1 - smoothing}f`, `${smoothing / length}f`];
    const classes = type === "f32" ? "i" : "(4 * i + vec4i(0, 1, 2, 3))";
    const label = type === "f32" ? "labels[item]" : "vec4i(labels[item])";
    const share = shared ? "labels[at]" : `select(${type}(), ${type}(1.0), ${classes} == ${label})`;
    const target = smoothing === 0 ? share : `${share} * ${rest} + ${spread}`;
    const body = `  var most = logits[item * ${strips}];
${eachStrip(rows, "most = max(most, logits[at]);")}
  let top = row_max(lane, most);
  var sum = ${type}();
${eachStrip(rows, "sum += exp(logits[at] - top);")}
  let all = log(row_sum(lane, sum));
  var known = ${type}();
${
      eachStrip(
        rows,
        `let target_share = ${target};
    let log_probability = logits[at] - top - all;
    slope[at] = exp(log_probability) - target_share;
    known += target_share * log_probability;`,
      )
    }
  let loss = -row_sum(lane, known);
  if (lane == 0) { losses[item] = loss; }`;
    const outputs = { losses: "f32", slope: type } as const;
    const inputs = { logits: type, labels: shared ? type : "i32" } as const;
    return rowProgram(rows, "crossEntropy", bindings(outputs, inputs), body);
  },
);

/** `FplusxCrossEntropy`. */
export function crossEntropy(
  backend: GuardedBackend,
  { logits, labels }: Readonly<Record<"logits" | "labels", tf.TensorInfo>>,
  { smoothing }: { readonly smoothing: number },
): tf.TensorInfo[] {
  const { shape } = logits;
  const losses = backend.makeTensorInfo(shape.slice(0, -1), "float32");
  const slope = backend.makeTensorInfo(shape, "float32");
  const rows = rowsOf(shape, backend.software);
  const program = surprise(rows, labels.dtype === "float32", smoothing);
  dispatch(backend, program, [losses, slope], [logits, labels]);
  return [losses, slope];
}
