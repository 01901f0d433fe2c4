/**
 * Losses: what training makes small. Each takes predictions and targets and gives a scalar.
 *
 * @module
 */

import { ArgumentError, DTypeError, LabelError, ShapeError, showShape } from "../errors.ts";
import { customGrad } from "../grad.ts";
import * as ops from "../ops.ts";
import { knownValues, sameShape, type Scalar, type Tensor } from "../tensor.ts";

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions {
  /**
   * Share of the target that is spread over all classes, in [0, 1); 0 by default
   * ({@link https://arxiv.org/abs/1512.00567 Szegedy et al. 2016} have 0.1).
   */
  readonly labelSmoothing?: number;
  /** What becomes of the losses of the examples; their `mean` by default, `none` keeps them. */
  readonly reduction?: "mean" | "sum" | "none";
}

/**
 * Gives the cross entropy of softmax: how surprised a model with these logits is by the labels, in
 * nats. Finite for any finite logits.
 *
 * @param logits `[batch, classes]`, or with more axes in front.
 * @param labels `int32` of the shape of `logits` without the last axis; or shares of all classes,
 * `float32` of the shape of `logits`, as mixing pictures gives them.
 * @throws {DTypeError} If the labels are neither.
 * @throws {ShapeError} If the shapes do not fit.
 * @throws {LabelError} If a label is not a class, where labels were made from host values.
 *
 * @example A model without an opinion
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { crossEntropy, setup, tensor, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const loss = crossEntropy(zeros([2, 10]), tensor(Int32Array.of(3, 7)));
 * assertAlmostEquals((await loss.data())[0]!, Math.log(10), 1e-6);
 * ```
 */
export function crossEntropy(
  logits: Tensor,
  labels: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  const { labelSmoothing = 0, reduction = "mean" } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new ArgumentError(
      `Cannot smooth labels by ${labelSmoothing}: need a number of at least 0 and less than 1`,
    );
  }
  const areShares = labels.dtype === "float32" && sameShape(labels.shape, logits.shape);
  if (!areShares) checkLabels(logits, labels);
  return ops.tidy(() => {
    const shares = areShares ? labels : ops.oneHot(labels, logits.shape.at(-1)!); // [batch, classes]
    const losses = surprise(shares, labelSmoothing)(logits); // [batch]
    return reduction === "none" ? losses : ops[reduction](losses);
  });
}

/** The cross entropy of each example; its gradient, softmax minus target, is computed once with it. */
function surprise(shares: Tensor, smoothing: number): (logits: Tensor) => Tensor {
  return customGrad(
    (logits) => {
      const classes = logits.shape.at(-1)!;
      const target = smoothing === 0
        ? shares
        : ops.add(ops.mul(shares, 1 - smoothing), smoothing / classes);
      const logProbability = ops.logSoftmax(logits);
      const losses = ops.neg(ops.sum(ops.mul(target, logProbability), -1));
      return [losses, [ops.sub(ops.exp(logProbability), target)]];
    },
    (dy, [slope]) => [ops.mul(ops.reshape(dy, [...dy.shape, 1]), slope!)],
  );
}

/**
 * Checks that labels fit logits, and are classes where their values are known to the host.
 *
 * @throws {DTypeError} If the labels are not `int32`.
 * @throws {ShapeError} If the shapes do not fit.
 * @throws {LabelError} If a label is not a class; names the first with its index.
 */
export function checkLabels(logits: Tensor, labels: Tensor): void {
  if (labels.dtype !== "int32") {
    throw new DTypeError(`Cannot compare logits with ${labels.dtype} labels: need int32`);
  }
  const need = logits.shape.slice(0, -1);
  if (logits.shape.length === 0 || !sameShape(labels.shape, need)) {
    throw new ShapeError(
      `Cannot compare logits of shape ${showShape(logits.shape)} with labels of shape ` +
        `${showShape(labels.shape)}: need labels of shape ${showShape(need)}`,
    );
  }
  const classes = logits.shape.at(-1)!;
  const values = knownValues(labels) ?? new Int32Array();
  const index = values.findIndex((label) => label < 0 || label >= classes);
  if (index < 0) return;
  throw new LabelError(
    `Cannot use label ${values[index]} at index ${index}: need an integer from 0 to ${classes - 1}`,
  );
}

/**
 * Gives the mean of the squared differences of all elements.
 *
 * @throws {ShapeError} If the shapes differ.
 *
 * @example One off by two, one off by nothing
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { meanSquaredError, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const loss = meanSquaredError(tensor([1, 5]), tensor([3, 5]));
 * assertEquals([...await loss.data()], [2]);
 * ```
 */
export function meanSquaredError(predictions: Tensor, targets: Tensor): Scalar {
  if (!sameShape(predictions.shape, targets.shape)) {
    throw new ShapeError(
      `Cannot compare predictions of shape ${showShape(predictions.shape)} with targets of shape ` +
        `${showShape(targets.shape)}: need the same shape`,
    );
  }
  return ops.tidy(() => ops.mean(ops.square(ops.sub(predictions, targets))));
}
