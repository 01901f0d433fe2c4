/**
 * Stochastic gradient descent as residual networks are trained with: momentum, and weight decay as
 * part of the gradient.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { stepAtOnce } from "./at_once.ts";
import { chain, type ChainState } from "./chain.ts";
import { addDecayedWeights, type DecayOptions } from "./decay.ts";
import { type Hyperparameter, setting } from "./hyperparameter.ts";
import { trace } from "./momentum.ts";
import { rateOf, scaleByLearningRate } from "./scale.ts";
import { type GradientTransformation, withShortcut } from "./transform.ts";

/** Options of {@linkcode sgd}. */
export interface SgdOptions extends DecayOptions {
  /** Share of the last direction that is kept; 0 by default. The ResNet paper has 0.9. */
  readonly momentum?: Hyperparameter;
  /** Looks one step ahead, as Nesterov; false by default. */
  readonly nesterov?: boolean;
  /** Is multiplied with each parameter and added to its gradient; 0 by default. */
  readonly weightDecay?: Hyperparameter;
  /**
   * Where the learning rate comes in; they differ when it changes. `torch`, the default, remembers
   * gradients: `v = momentum · v + g`, `w -= rate · v`. `caffe`, which the ResNet paper used,
   * remembers steps: `v = momentum · v + rate · g`, `w -= v`.
   */
  readonly convention?: "torch" | "caffe";
}

/**
 * Gives the optimizer stochastic gradient descent.
 *
 * @throws {ArgumentError} If momentum is not in [0, 1), weight decay is negative, or Nesterov is
 * asked for without momentum.
 *
 * @example The recipe of the ResNet paper
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyGradient, scalar, setup, sgd, tensor, weightsOnly } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = sgd({ momentum: 0.9, weightDecay: 1e-4, mask: weightsOnly });
 * const params = { bias: tensor([1]) };
 * const [next] = applyGradient(optimizer, { bias: tensor([2]) }, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.25),
 * });
 * assertEquals([...await next.bias.data()], [0.5]);
 * ```
 */
export function sgd(options: SgdOptions = {}): GradientTransformation<ChainState> {
  const { momentum = 0, nesterov = false, weightDecay = 0, mask = "**" } = options;
  const { convention = "torch" } = options;
  setting("sgd", "fraction", { momentum });
  setting("sgd", "rate", { weightDecay });
  if (nesterov && momentum === 0) {
    throw new ArgumentError("Cannot make sgd with nesterov and momentum 0: need momentum above 0");
  }
  const decay = weightDecay === 0 ? [] : [addDecayedWeights(weightDecay, { mask })];
  const inertia = momentum === 0 ? [] : [trace(momentum, { nesterov })];
  const rate = scaleByLearningRate();
  const parts = convention === "torch"
    ? [...decay, ...inertia, rate]
    : [...decay, rate, ...inertia];
  // In the words of the parts, which read them otherwise.
  const inertiaOf = setting("trace", "fraction", { decay: momentum });
  const decayOf = setting("addDecayedWeights", "rate", { decay: weightDecay });
  const attributes = {
    momentum: inertia.length,
    nesterov: +nesterov,
    caffe: +(convention === "caffe"),
  };
  const optimizer = Object.freeze({ ...chain(...parts), kind: "sgd" });
  return withShortcut(optimizer, (gradient, state, context) => {
    const { trace } = state;
    const made = stepAtOnce({
      kernel: "FplusxSgd",
      params: context.params,
      gradient,
      averages: trace === undefined ? {} : { trace },
      weights: {},
      settings: () => [rateOf(context), inertiaOf(context), decayOf(context)],
      decays: decay.length === 0 ? [] : mask,
      attributes,
    });
    return made && [made.params, Object.freeze({ ...state, ...made.averages })];
  });
}
