/**
 * Losses: what training makes small. Each takes predictions and targets and gives a scalar.
 *
 * @module
 */

import { ArgumentError, DTypeError, LabelError, ShapeError, showShape } from "../errors.ts";
import { fused } from "../fused.ts";
import { customGrad } from "../grad.ts";
import * as ops from "../ops.ts";
import { inspect } from "../recording.ts";
import { sameShape, type Scalar, type Tensor } from "../tensor.ts";

/** Options of every loss. */
export interface LossOptions {
  /** What becomes of the losses one by one; their `mean` by default, `none` keeps them. */
  readonly reduction?: "mean" | "sum" | "none";
}

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions extends LossOptions {
  /**
   * Share of the target that is spread over all classes, in [0, 1); 0 by default
   * ({@link https://arxiv.org/abs/1512.00567 Szegedy et al. 2016} have 0.1).
   */
  readonly labelSmoothing?: number;
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
  const { labelSmoothing = 0 } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new ArgumentError(
      `Cannot smooth labels by ${labelSmoothing}: need a number of at least 0 and less than 1`,
    );
  }
  const areShares = labels.dtype === "float32" && sameShape(labels.shape, logits.shape);
  if (!areShares) checkLabels(logits, labels);
  const surprise = withSlope((logits) => {
    const definition = () => {
      const classes = logits.shape.at(-1)!;
      const shares = areShares ? labels : ops.oneHot(labels, classes); // [batch, classes]
      const target = labelSmoothing === 0
        ? shares
        : ops.add(ops.mul(shares, 1 - labelSmoothing), labelSmoothing / classes);
      const logProbability = ops.logSoftmax(logits);
      const losses = ops.neg(ops.sum(ops.mul(target, logProbability), -1)); // [batch]
      return [losses, ops.sub(ops.exp(logProbability), target)] as const;
    };
    return logits.dtype === "float32"
      ? fused("FplusxCrossEntropy", { logits, labels }, { smoothing: labelSmoothing }, definition)
      : definition();
  });
  return reduced(options, () => surprise(logits));
}

/** Reduces losses as the options of a loss say. */
export function reduced({ reduction = "mean" }: LossOptions, losses: () => Tensor): Tensor {
  return ops.tidy(() => reduction === "none" ? losses() : ops[reduction](losses()));
}

/**
 * Makes a function of predictions from one that gives losses and their slope by each prediction: what
 * both need is computed once, and going back is one product. Losses may lack the last axis. The slope
 * is a constant to what differentiates twice.
 */
export function withSlope(
  f: (predictions: Tensor) => readonly [losses: Tensor, slope: Tensor],
): (predictions: Tensor) => Tensor {
  return customGrad(
    (predictions) => {
      const [losses, slope] = f(predictions);
      return [losses, [slope]];
    },
    (dy, [slope]) => {
      const axes = dy.shape.length === slope!.shape.length ? dy.shape : [...dy.shape, 1];
      return [ops.mul(ops.reshape(dy, axes), slope!)];
    },
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
  inspect(labels, (values) => {
    const index = values.findIndex((label) => label < 0 || label >= classes);
    if (index < 0) return;
    throw new LabelError(
      `Cannot use label ${values[index]} at index ${index}: need an integer from 0 to ` +
        `${classes - 1}`,
    );
  });
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
  checkSameShape(predictions, targets);
  return ops.tidy(() => ops.mean(ops.square(ops.sub(predictions, targets))));
}

/**
 * Checks that predictions and targets have one shape: nothing is broadcast.
 *
 * @throws {ShapeError} If the shapes differ.
 */
export function checkSameShape(predictions: Tensor, targets: Tensor): void {
  if (sameShape(predictions.shape, targets.shape)) return;
  throw new ShapeError(
    `Cannot compare predictions of shape ${showShape(predictions.shape)} with targets of shape ` +
      `${showShape(targets.shape)}: need the same shape`,
  );
}
