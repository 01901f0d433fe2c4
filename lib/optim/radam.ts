/**
 * Rectified Adam: as long as the average of squares has seen too little to be trusted, plain momentum
 * steps are taken; then Adam's, at first held back. How much an average has seen is the length of
 * the plain average that is as old in the mean, and the mean age is kept in the state by the rule of
 * the average itself: `ρ∞ - 2t·β^t / (1 - β^t)` would cancel in 32 bits.
 *
 * @module
 */

import {
  add,
  div,
  greaterEqual,
  maximum,
  mul,
  scalar,
  sqrt,
  square,
  sub,
  where,
  zeros,
} from "../ops.ts";
import type { Scalar } from "../tensor.ts";
import { zip } from "../tree.ts";
import { type AdamState, initMoments, nextMoments } from "./adam.ts";
import { chain, type ChainState } from "./chain.ts";
import { complement, type Hyperparameter, setting } from "./hyperparameter.ts";
import { scaleByLearningRate } from "./scale.ts";
import { type GradientTransformation, transformation } from "./transform.ts";

/** Length from which on the average of squares is trusted; as PyTorch and Optax, the paper has 4. */
const TRUSTED = 5;

/** Options of {@linkcode radam}. */
export interface RadamOptions {
  /** Decay of the average of gradients; 0.9 by default. */
  readonly beta1?: Hyperparameter;
  /** Decay of the average of squared gradients; 0.999 by default. */
  readonly beta2?: Hyperparameter;
  /** Is added to the root; 1e-8 by default. */
  readonly epsilon?: Hyperparameter;
}

/** State of {@linkcode scaleByRadam}. */
export type RadamState = AdamState & {
  /** Sum of the weights of the squares, each times its age. */
  readonly squareAge: Scalar;
};

/**
 * Gives the transformation of {@linkcode radam} without the learning rate.
 *
 * @throws {ArgumentError} If a beta is not in [0, 1) or epsilon is not positive.
 *
 * @example The first steps are the average gradient itself
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { scalar, scaleByRadam, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const { init, update } = scaleByRadam();
 * const context = { params: tensor([0]), learningRate: scalar(1) };
 * const [y] = update(tensor([123]), init(context.params), context);
 * assertAlmostEquals((await y.data())[0]!, 123, 1e-4);
 * ```
 */
export function scaleByRadam(options: RadamOptions = {}): GradientTransformation<RadamState> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const toMean = complement("radam", "fraction", { beta1 });
  const [decay, toSquare] = [setting, complement].map((of) => of("radam", "fraction", { beta2 }));
  const tiny = setting("radam", "positive", { epsilon });
  return transformation<RadamState>({
    kind: "scaleByRadam",
    init: (params) => ({ ...initMoments(params), squareAge: zeros([]) }),
    update: (updates, state, context) => {
      const share = toSquare!(context);
      const moments = nextMoments(updates, state, toMean(context), share);
      const older = mul(add(state.squareAge, state.squareWeight), decay!(context));
      const next = { ...moments, squareAge: add(older, share) };
      const { mean, meanWeight, square: squares, squareWeight } = next;
      const length = lengthOf(div(next.squareAge, squareWeight));
      const longest = lengthOf(div(scalar(1), share));
      const factor = sqrt(div(spread(length), spread(longest)));
      // c·m / (√(v·inside) + outside), where not to trust v is an inside of 0 and an outside of 1.
      const trust = greaterEqual(length, TRUSTED);
      const c = div(where(trust, factor, 1), meanWeight);
      const inside = where(trust, div(scalar(1), mul(squareWeight, square(c))), 0);
      const outside = div(where(trust, tiny(context), 1), c);
      const y = zip(
        ([, m, v]) => div(m!, add(sqrt(mul(v!, inside)), outside)),
        updates,
        mean,
        squares,
      );
      return [y, next];
    },
  });
}

/** The length of the plain average whose mean age is the same. */
function lengthOf(age: Scalar): Scalar {
  return sub(mul(age, 2), 1);
}

/** `(ρ - 4)(ρ - 2) / ρ`, which the variance of the adaptive rate is the inverse of. */
function spread(length: Scalar): Scalar {
  const beyond = maximum(sub(length, 4), 0);
  return div(mul(beyond, sub(length, 2)), length);
}

/**
 * Gives the optimizer {@link https://arxiv.org/abs/1908.03265 RAdam} (Liu et al. 2020), which needs no
 * warm-up.
 *
 * @throws {ArgumentError} If a beta is not in [0, 1) or epsilon is not positive.
 *
 * @example A first step as by gradient descent
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { applyGradient, radam, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = radam();
 * const params = { w: tensor([1]) };
 * const [next] = applyGradient(optimizer, { w: tensor([5]) }, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.1),
 * });
 * assertAlmostEquals((await next.w.data())[0]!, 0.5, 1e-6);
 * ```
 */
export function radam(options: RadamOptions = {}): GradientTransformation<ChainState> {
  return Object.freeze({ ...chain(scaleByRadam(options), scaleByLearningRate()), kind: "radam" });
}
