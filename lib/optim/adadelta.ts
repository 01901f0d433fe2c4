/**
 * Adadelta: steps of the size of past steps, in the measure in which the gradient has the size of past
 * gradients, so that no unit is left to choose.
 *
 * @module
 */

import { add, div, mul, sqrt, square, zerosLike } from "../ops.ts";
import { map, type Tree, zip } from "../tree.ts";
import { chain, type ChainState } from "./chain.ts";
import { addDecayedWeights, type DecayOptions } from "./decay.ts";
import { complement, type Hyperparameter, setting } from "./hyperparameter.ts";
import { scaleByLearningRate } from "./scale.ts";
import { approach, type GradientTransformation, transformation } from "./transform.ts";

/** Options of {@linkcode scaleByAdadelta}. */
export interface ScaleByAdadeltaOptions {
  /** Decay of both averages; 0.9 by default, as PyTorch and Optax. */
  readonly decay?: Hyperparameter;
  /** Is added under both roots, and so gives the size of the first steps; 1e-6 by default. */
  readonly epsilon?: Hyperparameter;
}

/** State of {@linkcode scaleByAdadelta}. */
export type AdadeltaState = {
  /** Running average of the squared gradient. */
  readonly square: Tree;
  /** Running average of the squared step. */
  readonly step: Tree;
};

/**
 * Gives the transformation that multiplies by the root of the average squared step and divides by that
 * of the average squared gradient.
 *
 * @throws {ArgumentError} If `decay` is not in [0, 1) or epsilon is not positive.
 *
 * @example Steps begin small, whatever the gradient
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { scalar, scaleByAdadelta, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const { init, update } = scaleByAdadelta();
 * const context = { params: tensor([0]), learningRate: scalar(1) };
 * const [y] = update(tensor([1234]), init(context.params), context);
 * assertAlmostEquals((await y.data())[0]!, Math.sqrt(1e-6 / 0.1), 1e-6);
 * ```
 */
export function scaleByAdadelta(
  options: ScaleByAdadeltaOptions = {},
): GradientTransformation<AdadeltaState> {
  const { decay = 0.9, epsilon = 1e-6 } = options;
  const toMean = complement("adadelta", "fraction", { decay });
  const tiny = setting("adadelta", "positive", { epsilon });
  return transformation<AdadeltaState>({
    kind: "scaleByAdadelta",
    init: (params) => ({ square: map(zerosLike, params), step: map(zerosLike, params) }),
    update: (updates, state, context) => {
      const [share, epsilon] = [toMean(context), tiny(context)];
      const squares = zip(([v, g]) => approach(v!, square(g!), share), state.square, updates);
      const y = zip(
        ([g, v, s]) => mul(g!, sqrt(div(add(s!, epsilon), add(v!, epsilon)))),
        updates,
        squares,
        state.step,
      );
      const steps = zip(([s, y]) => approach(s!, square(y!), share), state.step, y);
      return [y, { square: squares, step: steps }];
    },
  });
}

/** Options of {@linkcode adadelta}. */
export interface AdadeltaOptions extends ScaleByAdadeltaOptions, DecayOptions {
  /** How much of each parameter is added to its step; 0 by default. */
  readonly weightDecay?: Hyperparameter;
}

/**
 * Gives the optimizer {@link https://arxiv.org/abs/1212.5701 Adadelta} (Zeiler 2012); a learning rate
 * of 1 is the paper's.
 *
 * @throws {ArgumentError} If `decay` is not in [0, 1), epsilon is not positive, or weight decay is
 * negative.
 *
 * @example A first step
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { adadelta, applyGradient, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = adadelta();
 * const params = { w: tensor([1]) };
 * const [next] = applyGradient(optimizer, { w: tensor([5]) }, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(1),
 * });
 * assertAlmostEquals((await next.w.data())[0]!, 1 - Math.sqrt(1e-5), 1e-6);
 * ```
 */
export function adadelta(options: AdadeltaOptions = {}): GradientTransformation<ChainState> {
  const { weightDecay = 0, mask = "**" } = options;
  setting("adadelta", "rate", { weightDecay });
  const decay = weightDecay === 0 ? [] : [addDecayedWeights(weightDecay, { mask })];
  const parts = [scaleByAdadelta(options), ...decay, scaleByLearningRate()];
  return Object.freeze({ ...chain(...parts), kind: "adadelta" });
}
