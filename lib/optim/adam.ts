/**
 * Adam: running averages of the gradient and of its square, and steps of one divided by the root of
 * the other. An average that starts from zero has seen only a weight of `1 - decay^t`, and is divided
 * by it. That weight is kept in the state as a scalar beside each average and grows by the same rule:
 * in 32 bits this is exact where `1 - decay^t` cancels, and a recorded step replays it.
 *
 * @module
 */

import { add, div, mul, scalar, sqrt, square, sub, zeros, zerosLike } from "../ops.ts";
import type { Scalar, Tensor } from "../tensor.ts";
import { map, type Tree, zip } from "../tree.ts";
import { chain, type ChainState } from "./chain.ts";
import { addDecayedWeights, type DecayOptions } from "./decay.ts";
import { check } from "./range.ts";
import { scaleByLearningRate } from "./scale.ts";
import { addScaled, type GradientTransformation, transformation } from "./transform.ts";

/** Options of {@linkcode adam}; the defaults are those of {@link https://arxiv.org/abs/1412.6980 the paper}. */
export interface AdamOptions {
  /** Decay of the average of gradients; 0.9 by default. */
  readonly beta1?: number;
  /** Decay of the average of squared gradients; 0.999 by default. */
  readonly beta2?: number;
  /** Is added to the root; 1e-8 by default. */
  readonly epsilon?: number;
}

/** State of {@linkcode scaleByAdam}. */
export type AdamState = {
  /** Running average of the gradient. */
  readonly mean: Tree;
  /** Running average of the squared gradient. */
  readonly square: Tree;
  /** Weight that `mean` has seen: 1 - beta1^t. */
  readonly meanWeight: Scalar;
  /** Weight that `square` has seen: 1 - beta2^t. */
  readonly squareWeight: Scalar;
};

/**
 * Gives the transformation that divides the average gradient by the root of the average square.
 *
 * @throws {ArgumentError} If a beta is not in [0, 1) or epsilon is not positive.
 *
 * @example What it remembers
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { entries, scaleByAdam, setup, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const state = scaleByAdam().init({ w: zeros([2]) });
 * const paths = entries(state).map(([path]) => path);
 * assertEquals(paths, ["mean.w", "square.w", "meanWeight", "squareWeight"]);
 * ```
 */
export function scaleByAdam(options: AdamOptions = {}): GradientTransformation<AdamState> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  check("adam", "fraction", { beta1, beta2 });
  check("adam", "positive", { epsilon });
  return transformation<AdamState>({
    kind: "scaleByAdam",
    init: (params) => ({
      mean: map(zerosLike, params),
      square: map(zerosLike, params),
      meanWeight: zeros([]),
      squareWeight: zeros([]),
    }),
    update: (updates, state) => {
      // The shares are subtracted in doubles: 1 - 0.999 in floats is off by 1e-5.
      const [toMean, toSquare, tiny] = [1 - beta1, 1 - beta2, epsilon].map((x) => scalar(x));
      const next: AdamState = {
        mean: zip(([m, g]) => approach(m!, g!, toMean!), state.mean, updates),
        square: zip(([v, g]) => approach(v!, square(g!), toSquare!), state.square, updates),
        meanWeight: approach(state.meanWeight, scalar(1), toMean!),
        squareWeight: approach(state.squareWeight, scalar(1), toSquare!),
      };
      // (m / a) / (√(v / b) + ε) with the divisions by scalars drawn together, to save one a leaf.
      const { meanWeight, squareWeight } = next;
      const inside = div(square(meanWeight), squareWeight);
      const outside = mul(tiny!, meanWeight);
      const y = zip(
        ([, m, v]) => div(m!, add(sqrt(mul(v!, inside)), outside)),
        updates,
        next.mean,
        next.square,
      );
      return [y, next];
    },
  });
}

/** Goes from `x` towards `target` by a share of the way. */
function approach(x: Tensor, target: Tensor, share: Scalar): Tensor {
  return addScaled(x, sub(target, x), share);
}

/**
 * Gives the optimizer {@link https://arxiv.org/abs/1412.6980 Adam} (Kingma and Ba 2015).
 *
 * @throws {ArgumentError} If a beta is not in [0, 1) or epsilon is not positive.
 *
 * @example The first step has the size of the learning rate, whatever the gradient
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { adam, applyGradient, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = adam();
 * const params = { w: tensor([1]) };
 * const [next] = applyGradient(optimizer, { w: tensor([1234]) }, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.1),
 * });
 * assertAlmostEquals((await next.w.data())[0]!, 0.9, 1e-6);
 * ```
 */
export function adam(options: AdamOptions = {}): GradientTransformation<ChainState> {
  return Object.freeze({ ...chain(scaleByAdam(options), scaleByLearningRate()), kind: "adam" });
}

/** Options of {@linkcode adamw}. */
export interface AdamWOptions extends AdamOptions, DecayOptions {
  /** How much of each parameter is taken off, times the learning rate; 0.01 by default, as PyTorch. */
  readonly weightDecay?: number;
}

/**
 * Gives the optimizer {@link https://arxiv.org/abs/1711.05101 AdamW} (Loshchilov and Hutter 2019):
 * Adam with weight decay that does not pass through the averages.
 *
 * @throws {ArgumentError} If a beta is not in [0, 1), epsilon is not positive, or weight decay is
 * negative.
 *
 * @example Without a gradient only the decay acts
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adamw, applyGradient, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = adamw({ weightDecay: 0.5 });
 * const params = { w: tensor([8]) };
 * const [next] = applyGradient(optimizer, { w: tensor([0]) }, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.5),
 * });
 * assertEquals([...await next.w.data()], [6]);
 * ```
 */
export function adamw(options: AdamWOptions = {}): GradientTransformation<ChainState> {
  const { weightDecay = 0.01, mask = "**" } = options;
  check("adamw", "rate", { weightDecay });
  const parts = [
    scaleByAdam(options),
    addDecayedWeights(weightDecay, { mask }),
    scaleByLearningRate(),
  ];
  return Object.freeze({ ...chain(...parts), kind: "adamw" });
}
