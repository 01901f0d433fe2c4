/**
 * Losses of yes-or-no questions, each with a logit of its own, as for pictures with several labels. They
 * take logits and not probabilities, whose logarithms would be lost where a model is sure.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { abs, add, maximum, mul, neg, pow, relu, sigmoid, softplus, sub } from "../ops.ts";
import { check } from "../optim/range.ts";
import type { Tensor } from "../tensor.ts";
import { checkSameShape, type LossOptions, reduced, withSlope } from "./loss.ts";

/** Options of {@linkcode binaryCrossEntropy}. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /** How many times more a yes counts than a no; 1 by default. */
  readonly positiveWeight?: number;
}

/**
 * Gives the cross entropy of each logit's sigmoid and its target, in nats. Finite for any finite logits.
 * Targets are constants.
 *
 * @param targets Numbers from 0 to 1, of the shape of `logits`.
 * @throws {ArgumentError} If the weight is not positive.
 * @throws {ShapeError} If the shapes differ.
 *
 * @example Sure and right, sure and wrong
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { binaryCrossEntropy, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const losses = binaryCrossEntropy(tensor([200, 200]), tensor([1, 0]), { reduction: "none" });
 * assertEquals([...await losses.data()], [0, 200]);
 * ```
 */
export function binaryCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  const { positiveWeight = 1 } = options;
  check("binaryCrossEntropy", "positive", { positiveWeight });
  checkSameShape(logits, targets);
  const entropy = withSlope((x) => {
    const yes = mul(targets, positiveWeight);
    const no = sub(1, targets);
    const slope = sub(mul(sigmoid(x), add(yes, no)), yes);
    return [surprise(x, yes, no), slope];
  });
  return reduced(options, () => entropy(logits));
}

/** `yes · log(1 + e⁻ˣ) + no · log(1 + eˣ)`, exact where one of the two is small. */
function surprise(x: Tensor, yes: Tensor, no: Tensor): Tensor {
  const rest = softplus(neg(abs(x)));
  return add(mul(yes, add(relu(neg(x)), rest)), mul(no, add(relu(x), rest)));
}

/** Options of {@linkcode binaryFocalLoss}; the defaults are those of the paper. */
export interface BinaryFocalOptions extends LossOptions {
  /** How much less an easy question counts: its error to this power; 2 by default. */
  readonly focus?: number;
  /** Weight of a yes, from 0 to 1; a no has the rest. When absent, both have 1. The paper has 0.25. */
  readonly balance?: number;
}

/** Keeps a power of an error of zero finite. */
const TINY = 1e-30;

/**
 * Gives the focal loss ({@link https://arxiv.org/abs/1708.02002 Lin et al. 2017}) of each logit: the binary
 * cross entropy times a power of the probability that was given to the wrong answer. Targets are constants.
 *
 * @param targets Numbers from 0 to 1, of the shape of `logits`.
 * @throws {ArgumentError} If `focus` is negative or `balance` is not from 0 to 1.
 * @throws {ShapeError} If the shapes differ.
 *
 * @example An undecided answer counts a quarter
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { binaryFocalLoss, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const loss = binaryFocalLoss(tensor([0]), tensor([1]));
 * assertAlmostEquals((await loss.data())[0]!, Math.log(2) / 4, 1e-6);
 * ```
 */
export function binaryFocalLoss(
  logits: Tensor,
  targets: Tensor,
  options: BinaryFocalOptions = {},
): Tensor {
  const { focus = 2, balance } = options;
  check("binaryFocalLoss", "rate", { focus });
  if (balance !== undefined && !(balance >= 0 && balance <= 1)) {
    throw new ArgumentError(
      `Cannot make binaryFocalLoss with balance ${balance}: need a number from 0 to 1`,
    );
  }
  checkSameShape(logits, targets);
  const loss = withSlope((x) => {
    const no = sub(1, targets);
    const entropy = surprise(x, targets, no);
    const [p, q] = [sigmoid(x), sigmoid(neg(x))];
    // What was given to the wrong answer, and its slope.
    const error = maximum(add(mul(p, no), mul(q, targets)), TINY);
    const errorSlope = mul(mul(p, q), sub(no, targets));
    const less = pow(error, focus);
    const lessSlope = mul(mul(pow(error, focus - 1), errorSlope), focus);
    const slope = add(mul(less, sub(mul(p, no), mul(q, targets))), mul(lessSlope, entropy));
    const weight = balance === undefined
      ? undefined
      : add(mul(targets, balance), mul(no, 1 - balance));
    const weighted = (y: Tensor) => weight === undefined ? y : mul(y, weight);
    return [weighted(mul(less, entropy)), weighted(slope)];
  });
  return reduced(options, () => loss(logits));
}
