/**
 * The focal loss of classes: cross entropy that counts less where a model is already right.
 *
 * @module
 */

import { add, exp, logSoftmax, maximum, mul, neg, oneHot, pow, sub, sum } from "../ops.ts";
import { check } from "../optim/range.ts";
import type { Tensor } from "../tensor.ts";
import { checkLabels, type LossOptions, reduced, withSlope } from "./loss.ts";

/** Options of {@linkcode focalLoss}. */
export interface FocalOptions extends LossOptions {
  /** How much less an easy example counts: its error to this power; 2 by default, as the paper. */
  readonly focus?: number;
}

/** Keeps a power of an error of zero finite. */
const TINY = 1e-30;

/**
 * Gives the focal loss ({@link https://arxiv.org/abs/1708.02002 Lin et al. 2017}) of softmax: the cross
 * entropy times a power of the probability that was given to the wrong classes.
 *
 * @param logits `[batch, classes]`, or with more axes in front.
 * @param labels `int32` of the shape of `logits` without the last axis.
 * @throws {ArgumentError} If `focus` is negative.
 * @throws {DTypeError} If the labels are not `int32`.
 * @throws {ShapeError} If the shapes do not fit.
 * @throws {LabelError} If a label is not a class, where labels were made from host values.
 *
 * @example With a focus of 0 it is the cross entropy
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { focalLoss, setup, tensor, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const [logits, labels] = [zeros([1, 4]), tensor(Int32Array.of(2))];
 * const [loss] = await focalLoss(logits, labels).data();
 * const [entropy] = await focalLoss(logits, labels, { focus: 0 }).data();
 * assertAlmostEquals(entropy!, Math.log(4), 1e-6);
 * assertAlmostEquals(loss!, 0.75 ** 2 * Math.log(4), 1e-6);
 * ```
 */
export function focalLoss(logits: Tensor, labels: Tensor, options: FocalOptions = {}): Tensor {
  const { focus = 2 } = options;
  check("focalLoss", "rate", { focus });
  checkLabels(logits, labels);
  const loss = withSlope((logits) => {
    const target = oneHot(labels, logits.shape.at(-1)!); // [batch, classes]
    const logProbabilities = logSoftmax(logits);
    const probabilities = exp(logProbabilities);
    const logRight = sum(mul(target, logProbabilities), -1, true); // [batch, 1]
    // The sum over the wrong classes: 1 less the right one would lose what is small.
    const wrong = maximum(sum(mul(probabilities, sub(1, target)), -1, true), TINY);
    const less = pow(wrong, focus);
    const surprise = neg(logRight);
    // Of -wrong^f · log p by log p, which is minus the sum of these.
    const more = mul(mul(mul(pow(wrong, focus - 1), exp(logRight)), surprise), focus);
    const slope = mul(add(less, more), sub(probabilities, target));
    return [sum(mul(less, surprise), -1), slope];
  });
  return reduced(options, () => loss(logits));
}
