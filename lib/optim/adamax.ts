/**
 * Adamax: Adam with a fading maximum of the size of the gradient in the place of the average square.
 *
 * @module
 */

import { abs, add, div, maximum, mul, scalar, zeros, zerosLike } from "../ops.ts";
import type { Scalar } from "../tensor.ts";
import { map, type Tree, zip } from "../tree.ts";
import { chain, type ChainState } from "./chain.ts";
import { complement, type Hyperparameter, setting } from "./hyperparameter.ts";
import { scaleByLearningRate } from "./scale.ts";
import { approach, type GradientTransformation, transformation } from "./transform.ts";

/** Options of {@linkcode adamax}; the defaults are those of the paper. */
export interface AdamaxOptions {
  /** Decay of the average of gradients; 0.9 by default. */
  readonly beta1?: Hyperparameter;
  /** Decay of the maximum; 0.999 by default. */
  readonly beta2?: Hyperparameter;
  /** Is added to the size of the gradient; 1e-8 by default. */
  readonly epsilon?: Hyperparameter;
}

/** State of {@linkcode scaleByAdamax}. */
export type AdamaxState = {
  /** Running average of the gradient. */
  readonly mean: Tree;
  /** Fading maximum of the size of the gradient. */
  readonly largest: Tree;
  /** Weight that `mean` has seen: 1 - beta1^t. */
  readonly meanWeight: Scalar;
};

/**
 * Gives the transformation that divides the average gradient by the fading maximum of its size.
 *
 * @throws {ArgumentError} If a beta is not in [0, 1) or epsilon is not positive.
 *
 * @example What it remembers
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { entries, scaleByAdamax, setup, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const state = scaleByAdamax().init({ w: zeros([2]) });
 * assertEquals(entries(state).map(([path]) => path), ["mean.w", "largest.w", "meanWeight"]);
 * ```
 */
export function scaleByAdamax(options: AdamaxOptions = {}): GradientTransformation<AdamaxState> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const toMean = complement("adamax", "fraction", { beta1 });
  const decay = setting("adamax", "fraction", { beta2 });
  const tiny = setting("adamax", "positive", { epsilon });
  return transformation<AdamaxState>({
    kind: "scaleByAdamax",
    init: (params) => ({
      mean: map(zerosLike, params),
      largest: map(zerosLike, params),
      meanWeight: zeros([]),
    }),
    update: (updates, state, context) => {
      const [share, fade, epsilon] = [toMean(context), decay(context), tiny(context)];
      const next: AdamaxState = {
        mean: zip(([m, g]) => approach(m!, g!, share), state.mean, updates),
        largest: zip(
          ([u, g]) => maximum(add(abs(g!), epsilon), mul(u!, fade)),
          state.largest,
          updates,
        ),
        meanWeight: approach(state.meanWeight, scalar(1), share),
      };
      const { mean, largest, meanWeight } = next;
      return [zip(([, m, u]) => div(m!, mul(u!, meanWeight)), updates, mean, largest), next];
    },
  });
}

/**
 * Gives the optimizer {@link https://arxiv.org/abs/1412.6980 Adamax} (Kingma and Ba 2015).
 *
 * @throws {ArgumentError} If a beta is not in [0, 1) or epsilon is not positive.
 *
 * @example The first step has the size of the learning rate
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { adamax, applyGradient, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = adamax();
 * const params = { w: tensor([1]) };
 * const [next] = applyGradient(optimizer, { w: tensor([1234]) }, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.1),
 * });
 * assertAlmostEquals((await next.w.data())[0]!, 0.9, 1e-6);
 * ```
 */
export function adamax(options: AdamaxOptions = {}): GradientTransformation<ChainState> {
  return Object.freeze({ ...chain(scaleByAdamax(options), scaleByLearningRate()), kind: "adamax" });
}
