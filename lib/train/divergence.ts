/**
 * The divergence of Kullback and Leibler: how far a model's classes are from a distribution over them,
 * for soft targets as mixed or distilled labels are.
 *
 * @module
 */

import { exp, log, logSoftmax, maximum, mul, sub, sum } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { checkSameShape, type LossOptions, reduced, withSlope } from "./loss.ts";

/** Keeps the logarithm of a probability of zero finite; it is multiplied with that zero. */
const TINY = 1e-37;

/**
 * Gives the sum over classes of `p · (log p - log q)`, where p are the targets and q is the softmax of the
 * logits, in nats. Finite for any finite logits; a target of zero counts nothing. Targets are constants.
 *
 * @param logits `[batch, classes]`, or with more axes in front.
 * @param targets Probabilities of the shape of `logits`.
 * @throws {ShapeError} If the shapes differ.
 *
 * @example Of a model without an opinion
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { klDivergence, setup, tensor, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const divergence = klDivergence(zeros([1, 4]), tensor([0.5, 0.5, 0, 0], [1, 4]));
 * assertAlmostEquals((await divergence.data())[0]!, Math.log(2), 1e-6);
 * ```
 */
export function klDivergence(
  logits: Tensor,
  targets: Tensor,
  options: LossOptions = {},
): Tensor {
  checkSameShape(logits, targets);
  const divergence = withSlope((logits) => {
    const logProbability = logSoftmax(logits); // [batch, classes]
    const difference = sub(log(maximum(targets, TINY)), logProbability);
    const losses = sum(mul(targets, difference), -1); // [batch]
    const whole = sum(targets, -1, true); // [batch, 1]
    return [losses, sub(mul(exp(logProbability), whole), targets)];
  });
  return reduced(options, () => divergence(logits));
}
