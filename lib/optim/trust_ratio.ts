/**
 * Layer-wise learning rates for large batches: each leaf moves by a share of its own length. LARS has
 * this before momentum, LAMB after Adam.
 *
 * @module
 */

import { add, div, greater, minimum, mul, sqrt, where } from "../ops.ts";
import type { Empty } from "../tree.ts";
import { scaleByAdam } from "./adam.ts";
import { chain, type ChainState } from "./chain.ts";
import { addDecayedWeights, type DecayOptions } from "./decay.ts";
import { type Hyperparameter, setting } from "./hyperparameter.ts";
import { masked } from "./mask.ts";
import { trace } from "./momentum.ts";
import { scaleEach, squares } from "./norm.ts";
import { scaleByLearningRate } from "./scale.ts";
import { type GradientTransformation, statelessTransformation } from "./transform.ts";

/** Options of {@linkcode scaleByTrustRatio}. */
export interface TrustRatioOptions {
  /** Is multiplied with the ratio; 1 by default. */
  readonly trust?: Hyperparameter;
  /** Is added to the length of the update; 0 by default. */
  readonly epsilon?: Hyperparameter;
}

/**
 * Gives the transformation that multiplies each leaf of the updates by the length of its parameter and
 * divides it by its own. Where one of them is zero the update stays as it is.
 *
 * @throws {ArgumentError} If `trust` is not positive or epsilon is negative.
 *
 * @example An update as long as the parameter
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { empty, scalar, scaleByTrustRatio, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const context = { params: tensor([3, 4]), learningRate: scalar(1) };
 * const [y] = scaleByTrustRatio().update(tensor([0, 0.5]), empty, context);
 * assertEquals([...await y.data()], [0, 5]);
 * ```
 */
export function scaleByTrustRatio(options: TrustRatioOptions = {}): GradientTransformation<Empty> {
  const { trust = 1, epsilon = 0 } = options;
  const factor = setting("scaleByTrustRatio", "positive", { trust });
  const tiny = setting("scaleByTrustRatio", "rate", { epsilon });
  return statelessTransformation("scaleByTrustRatio", (updates, context) => {
    const [mine, theirs] = [sqrt(squares(updates)), sqrt(squares(context.params))]; // [leaves]
    const ratio = div(mul(theirs, factor(context)), add(mine, tiny(context)));
    return scaleEach(updates, where(greater(minimum(mine, theirs), 0), ratio, 1));
  });
}

/** Options of {@linkcode lars}. */
export interface LarsOptions extends DecayOptions {
  /** Share of the last step that is kept; 0.9 by default. */
  readonly momentum?: Hyperparameter;
  /** Looks one step ahead, as Nesterov; false by default. */
  readonly nesterov?: boolean;
  /** Is multiplied with each parameter and added to its gradient; 0 by default. */
  readonly weightDecay?: Hyperparameter;
  /** Length of a step as a share of that of the parameters, at a learning rate of 1; 0.001 by default. */
  readonly trust?: Hyperparameter;
  /** Is added to the length of the gradient; 0 by default. */
  readonly epsilon?: Hyperparameter;
}

/**
 * Gives the optimizer {@link https://arxiv.org/abs/1708.03888 LARS} (You et al. 2017). What the mask does
 * not include neither decays nor is scaled by its length.
 *
 * @throws {ArgumentError} If momentum is not in [0, 1), weight decay or epsilon is negative, or `trust` is
 * not positive.
 *
 * @example Weights move by a share of their length, biases as by gradient descent
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { applyGradient, lars, scalar, setup, tensor, weightsOnly } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = lars({ trust: 0.5, mask: weightsOnly });
 * const params = { weight: tensor([3, 4], [2, 1]), bias: tensor([1]) };
 * const gradient = { weight: tensor([0, 9], [2, 1]), bias: tensor([9]) };
 * const [{ weight, bias }] = applyGradient(optimizer, gradient, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(1),
 * });
 * assertAlmostEquals((await weight.data())[1]!, 1.5, 1e-6);
 * assertEquals([...await bias.data()], [-8]);
 * ```
 */
export function lars(options: LarsOptions = {}): GradientTransformation<ChainState> {
  const { momentum = 0.9, nesterov = false, weightDecay = 0, mask = "**" } = options;
  const { trust = 0.001, epsilon = 0 } = options;
  const parts = [
    addDecayedWeights(weightDecay, { mask }),
    masked(scaleByTrustRatio({ trust, epsilon }), mask),
    scaleByLearningRate(),
    trace(momentum, { nesterov }),
  ];
  return Object.freeze({ ...chain(...parts), kind: "lars" });
}

/** Options of {@linkcode lamb}. */
export interface LambOptions extends DecayOptions {
  /** Decay of the average of gradients; 0.9 by default. */
  readonly beta1?: Hyperparameter;
  /** Decay of the average of squared gradients; 0.999 by default. */
  readonly beta2?: Hyperparameter;
  /** Is added to the root; 1e-6 by default, as the paper. */
  readonly epsilon?: Hyperparameter;
  /** Is multiplied with each parameter and added to its direction; 0 by default. */
  readonly weightDecay?: Hyperparameter;
}

/**
 * Gives the optimizer {@link https://arxiv.org/abs/1904.00962 LAMB} (You et al. 2020).
 *
 * @throws {ArgumentError} If a beta is not in [0, 1), epsilon is not positive, or weight decay is
 * negative.
 *
 * @example A step is as long as the parameters, times the learning rate
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { applyGradient, lamb, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = lamb();
 * const params = { w: tensor([8]) };
 * const [next] = applyGradient(optimizer, { w: tensor([5]) }, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.5),
 * });
 * assertAlmostEquals((await next.w.data())[0]!, 4, 1e-5);
 * ```
 */
export function lamb(options: LambOptions = {}): GradientTransformation<ChainState> {
  const { epsilon = 1e-6, weightDecay = 0, mask = "**" } = options;
  const parts = [
    scaleByAdam({ ...options, epsilon }),
    addDecayedWeights(weightDecay, { mask }),
    scaleByTrustRatio(),
    scaleByLearningRate(),
  ];
  return Object.freeze({ ...chain(...parts), kind: "lamb" });
}
