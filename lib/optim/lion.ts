/**
 * Lion: steps of one size, in the direction of the sign of an average. It remembers one value for
 * each parameter, half of what Adam does.
 *
 * @module
 */

import { sign, zerosLike } from "../ops.ts";
import { map, type Tree, zip } from "../tree.ts";
import { chain, type ChainState } from "./chain.ts";
import { addDecayedWeights, type DecayOptions } from "./decay.ts";
import { complement, type Hyperparameter } from "./hyperparameter.ts";
import { scaleByLearningRate } from "./scale.ts";
import { approach, type GradientTransformation, transformation } from "./transform.ts";

/** Options of {@linkcode scaleByLion}; the defaults are those of the paper. */
export interface ScaleByLionOptions {
  /** Share of the average in the direction, against the gradient; 0.9 by default. */
  readonly beta1?: Hyperparameter;
  /** Decay of the average; 0.99 by default. */
  readonly beta2?: Hyperparameter;
}

/**
 * Gives the transformation that puts out the sign of the gradient drawn towards its average; the
 * state is the average.
 *
 * @throws {ArgumentError} If a beta is not in [0, 1).
 *
 * @example Only the sign counts
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scalar, scaleByLion, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const { init, update } = scaleByLion();
 * const context = { params: tensor([0, 0, 0]), learningRate: scalar(1) };
 * const [y] = update(tensor([1e-6, -1e6, 0]), init(context.params), context);
 * assertEquals([...await y.data()], [1, -1, 0]);
 * ```
 */
export function scaleByLion(options: ScaleByLionOptions = {}): GradientTransformation {
  const { beta1 = 0.9, beta2 = 0.99 } = options;
  const toDirection = complement("lion", "fraction", { beta1 });
  const toMean = complement("lion", "fraction", { beta2 });
  return transformation<Tree>({
    kind: "scaleByLion",
    init: (params) => map(zerosLike, params),
    update: (updates, mean, context) => {
      const [near, far] = [toDirection(context), toMean(context)];
      return [
        zip(([g, m]) => sign(approach(m!, g!, near)), updates, mean),
        zip(([m, g]) => approach(m!, g!, far), mean, updates),
      ];
    },
  });
}

/** Options of {@linkcode lion}. */
export interface LionOptions extends ScaleByLionOptions, DecayOptions {
  /** How much of each parameter is taken off, times the learning rate; 1e-3 by default, as Optax. */
  readonly weightDecay?: Hyperparameter;
}

/**
 * Gives the optimizer {@link https://arxiv.org/abs/2302.06675 Lion} (Chen et al. 2023), with decoupled
 * weight decay. It wants a learning rate 3 to 10 times smaller than Adam, and a weight decay as many
 * times larger.
 *
 * @throws {ArgumentError} If a beta is not in [0, 1), or weight decay is negative.
 *
 * @example Every step has one size
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyGradient, lion, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = lion({ weightDecay: 0 });
 * const params = { w: tensor([1]) };
 * const [next] = applyGradient(optimizer, { w: tensor([7]) }, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.25),
 * });
 * assertEquals([...await next.w.data()], [0.75]);
 * ```
 */
export function lion(options: LionOptions = {}): GradientTransformation<ChainState> {
  const { weightDecay = 1e-3, mask = "**" } = options;
  const parts = [
    scaleByLion(options),
    addDecayedWeights(weightDecay, { mask }),
    scaleByLearningRate(),
  ];
  return Object.freeze({ ...chain(...parts), kind: "lion" });
}
