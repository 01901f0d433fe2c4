/**
 * RMSprop: each gradient divided by the root of the running average of its square, or of its variance.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { add, div, mul, sqrt, square, sub, zerosLike } from "../ops.ts";
import type { Scalar, Tensor } from "../tensor.ts";
import { map, type Tree, zip } from "../tree.ts";
import { chain, type ChainState } from "./chain.ts";
import { complement, type Hyperparameter, setting } from "./hyperparameter.ts";
import { trace } from "./momentum.ts";
import { scaleByLearningRate } from "./scale.ts";
import { addScaled, approach, type GradientTransformation, transformation } from "./transform.ts";

/** Options of {@linkcode scaleByRms}. */
export interface ScaleByRmsOptions {
  /** Decay of the average of squares; 0.9 by default, as Hinton and Optax. PyTorch has 0.99. */
  readonly decay?: Hyperparameter;
  /** Is added to the root; 1e-8 by default. */
  readonly epsilon?: Hyperparameter;
  /** Adds epsilon under the root, as TensorFlow, and not after it, as PyTorch; false by default. */
  readonly epsilonInRoot?: boolean;
}

const quotient = (inRoot: boolean, g: Tensor, v: Tensor, epsilon: Scalar): Tensor =>
  div(g, inRoot ? sqrt(add(v, epsilon)) : add(sqrt(v), epsilon));

/**
 * Gives the transformation that divides by the root of the running average of squares, its state.
 *
 * @throws {ArgumentError} If `decay` is not in [0, 1) or epsilon is not positive.
 *
 * @example Twice the gradient, the same step
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { scalar, scaleByRms, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const { init, update } = scaleByRms({ decay: 0.75 });
 * const context = { params: tensor([0, 0]), learningRate: scalar(1) };
 * const [y] = update(tensor([3, 6]), init(context.params), context);
 * const [a, b] = await y.data();
 * assertAlmostEquals(a!, 2, 1e-6);
 * assertAlmostEquals(b!, 2, 1e-6);
 * ```
 */
export function scaleByRms(options: ScaleByRmsOptions = {}): GradientTransformation {
  const { decay = 0.9, epsilon = 1e-8, epsilonInRoot = false } = options;
  const toMean = complement("rmsprop", "fraction", { decay });
  const tiny = setting("rmsprop", "positive", { epsilon });
  return transformation<Tree>({
    kind: "scaleByRms",
    init: (params) => map(zerosLike, params),
    update: (updates, state, context) => {
      const [share, epsilon] = [toMean(context), tiny(context)];
      const next = zip(([v, g]) => approach(v!, square(g!), share), state, updates);
      return [zip(([g, v]) => quotient(epsilonInRoot, g!, v!, epsilon), updates, next), next];
    },
  });
}

/** State of {@linkcode scaleByDeviation}. */
export type DeviationState = {
  /** Running average of the gradient. */
  readonly mean: Tree;
  /** Running variance of the gradient around it. */
  readonly variance: Tree;
};

/**
 * Gives the transformation that divides by the root of the running variance. The variance is kept by a
 * recurrence of its own; the average square less the squared average could become negative.
 *
 * @throws {ArgumentError} If `decay` is not in [0, 1) or epsilon is not positive.
 *
 * @example A first gradient
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { scalar, scaleByDeviation, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const { init, update } = scaleByDeviation({ decay: 0.5 });
 * const context = { params: tensor([0]), learningRate: scalar(1) };
 * const [y] = update(tensor([3]), init(context.params), context);
 * assertAlmostEquals((await y.data())[0]!, 2, 1e-6);
 * ```
 */
export function scaleByDeviation(
  options: ScaleByRmsOptions = {},
): GradientTransformation<DeviationState> {
  const { decay = 0.9, epsilon = 1e-8, epsilonInRoot = false } = options;
  const [keep, toMean] = [setting, complement].map((of) => of("rmsprop", "fraction", { decay }));
  const tiny = setting("rmsprop", "positive", { epsilon });
  return transformation<DeviationState>({
    kind: "scaleByDeviation",
    init: (params) => ({ mean: map(zerosLike, params), variance: map(zerosLike, params) }),
    update: (updates, { mean, variance }, context) => {
      const [share, kept, epsilon] = [toMean!(context), keep!(context), tiny(context)];
      const next: DeviationState = {
        mean: zip(([m, g]) => approach(m!, g!, share), mean, updates),
        variance: zip(
          ([v, g, m]) => mul(addScaled(v!, square(sub(g!, m!)), share), kept),
          variance,
          updates,
          mean,
        ),
      };
      const y = zip(
        ([g, v]) => quotient(epsilonInRoot, g!, v!, epsilon),
        updates,
        next.variance,
      );
      return [y, next];
    },
  });
}

/** Options of {@linkcode rmsprop}. */
export interface RmspropOptions extends ScaleByRmsOptions {
  /** Divides by the deviation of the gradient and not by its size; false by default. */
  readonly centered?: boolean;
  /** Share of the last step that is kept; 0 by default. */
  readonly momentum?: Hyperparameter;
  /** Looks one step ahead, as Nesterov; false by default. */
  readonly nesterov?: boolean;
}

/**
 * Gives the optimizer
 * {@link https://www.cs.toronto.edu/~hinton/coursera/lecture6/lec6.pdf RMSprop} (Hinton 2012). With
 * momentum it remembers steps, as Optax; PyTorch remembers directions.
 *
 * @throws {ArgumentError} If `decay` or momentum is not in [0, 1), epsilon is not positive, or Nesterov
 * is asked for without momentum.
 *
 * @example A first step
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { applyGradient, rmsprop, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = rmsprop({ decay: 0.75, momentum: 0.9 });
 * const params = { w: tensor([1]) };
 * const [next] = applyGradient(optimizer, { w: tensor([1234]) }, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.1),
 * });
 * assertAlmostEquals((await next.w.data())[0]!, 0.8, 1e-6);
 * ```
 */
export function rmsprop(options: RmspropOptions = {}): GradientTransformation<ChainState> {
  const { centered = false, momentum = 0, nesterov = false } = options;
  setting("rmsprop", "fraction", { momentum });
  if (nesterov && momentum === 0) {
    throw new ArgumentError(
      "Cannot make rmsprop with nesterov and momentum 0: need momentum above 0",
    );
  }
  const direction = centered ? scaleByDeviation(options) : scaleByRms(options);
  const inertia = momentum === 0 ? [] : [trace(momentum, { nesterov })];
  return Object.freeze({
    ...chain(direction, scaleByLearningRate(), ...inertia),
    kind: "rmsprop",
  });
}
