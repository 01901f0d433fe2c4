/**
 * Adam: running averages of the gradient and of its square, and steps of one divided by the root of
 * the other. An average that starts from zero has seen only a weight of `1 - decay^t`, and is divided
 * by it. That weight is kept in the state as a scalar beside each average and grows by the same rule:
 * in 32 bits this is exact where `1 - decay^t` cancels, and a recorded step replays it.
 *
 * @module
 */

import { add, div, mul, scalar, sqrt, square, zeros, zerosLike } from "../ops.ts";
import type { Scalar } from "../tensor.ts";
import { map, type Tree, zip } from "../tree.ts";
import { stepAtOnce } from "./at_once.ts";
import { chain, type ChainState } from "./chain.ts";
import { addDecayedWeights, type DecayOptions } from "./decay.ts";
import { complement, type Hyperparameter, setting } from "./hyperparameter.ts";
import type { Mask } from "./mask.ts";
import { rateOf, scaleByLearningRate } from "./scale.ts";
import {
  addScaled,
  approach,
  type GradientTransformation,
  type Shortcut,
  transformation,
  withShortcut,
} from "./transform.ts";

/** Options of {@linkcode adam}; the defaults are those of {@link https://arxiv.org/abs/1412.6980 the paper}. */
export interface AdamOptions {
  /** Decay of the average of gradients; 0.9 by default. */
  readonly beta1?: Hyperparameter;
  /** Decay of the average of squared gradients; 0.999 by default. */
  readonly beta2?: Hyperparameter;
  /** Is added to the root; 1e-8 by default. */
  readonly epsilon?: Hyperparameter;
  /** Looks one step ahead, as Nesterov; false by default. */
  readonly nesterov?: boolean;
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
  const { decay, toMean, toSquare, tiny, nesterov } = readAdam(options);
  return transformation<AdamState>({
    kind: "scaleByAdam",
    init: initMoments,
    update: (updates, state, context) => {
      const next = nextMoments(updates, state, toMean(context), toSquare(context));
      const { mean, meanWeight } = next;
      if (!nesterov) {
        return [stepOf(next, mean, div(scalar(1), meanWeight), tiny(context)), next];
      }
      // β·m/w' + (1 - β)·g/w, where w' is the weight after one step more.
      const share = toMean(context);
      const ahead = div(decay(context), approach(meanWeight, scalar(1), share));
      const by = div(div(share, meanWeight), ahead);
      const sum = zip(([m, g]) => addScaled(m!, g!, by), mean, updates);
      return [stepOf(next, sum, ahead, tiny(context)), next];
    },
  });
}

/** Checks the options, and gives what reads each in a step. */
function readAdam(options: AdamOptions) {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, nesterov = false } = options;
  return {
    decay: setting("adam", "fraction", { beta1 }),
    toMean: complement("adam", "fraction", { beta1 }),
    toSquare: complement("adam", "fraction", { beta2 }),
    tiny: setting("adam", "positive", { epsilon }),
    nesterov,
  };
}

/** The state before the first step. */
export function initMoments(params: Tree): AdamState {
  return {
    mean: map(zerosLike, params),
    square: map(zerosLike, params),
    meanWeight: zeros([]),
    squareWeight: zeros([]),
  };
}

/** The state with one more gradient in both averages. */
export function nextMoments(
  gradient: Tree,
  state: AdamState,
  toMean: Scalar,
  toSquare: Scalar,
): AdamState {
  return {
    mean: zip(([m, g]) => approach(m!, g!, toMean), state.mean, gradient),
    square: zip(([v, g]) => approach(v!, square(g!), toSquare), state.square, gradient),
    meanWeight: approach(state.meanWeight, scalar(1), toMean),
    squareWeight: approach(state.squareWeight, scalar(1), toSquare),
  };
}

/**
 * `c·x / (√(v / w) + ε)`, where `w` is the weight of the average `v` of squares: the operations on
 * scalars are drawn together, to save some on every leaf.
 */
function stepOf<T extends Tree>(state: AdamState, x: Tree, c: Scalar, epsilon: Scalar): T {
  const inside = div(scalar(1), mul(state.squareWeight, square(c)));
  const outside = div(epsilon, c);
  return zip(
    ([x, v]) => div(x!, add(sqrt(mul(v!, inside)), outside)),
    x as T,
    state.square,
  );
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
  return adamOf("adam", options);
}

/** Gives Adam under a name. */
export function adamOf(kind: string, options: AdamOptions): GradientTransformation<ChainState> {
  const optimizer = chain(scaleByAdam(options), scaleByLearningRate());
  return withShortcut(Object.freeze({ ...optimizer, kind }), adamAtOnce(options, 0, []));
}

/** Options of {@linkcode adamw}. */
export interface AdamWOptions extends AdamOptions, DecayOptions {
  /** How much of each parameter is taken off, times the learning rate; 0.01 by default, as PyTorch. */
  readonly weightDecay?: Hyperparameter;
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
  setting("adamw", "rate", { weightDecay });
  const parts = [
    scaleByAdam(options),
    addDecayedWeights(weightDecay, { mask }),
    scaleByLearningRate(),
  ];
  const optimizer = Object.freeze({ ...chain(...parts), kind: "adamw" });
  return withShortcut(optimizer, adamAtOnce(options, weightDecay, mask));
}

/** The function that takes the step of Adam at once, where the backend can. */
function adamAtOnce(
  options: AdamOptions,
  weightDecay: Hyperparameter,
  mask: Mask,
): Shortcut<ChainState> {
  const { decay, toMean, toSquare, tiny, nesterov } = readAdam(options);
  const decayOf = setting("addDecayedWeights", "rate", { decay: weightDecay });
  return (gradient, state, context) => {
    // The chain of which this is the shape made the state.
    const { mean, square, ...weights } = state.scaleByAdam as AdamState;
    const made = stepAtOnce({
      kernel: "FplusxAdam",
      params: context.params,
      gradient,
      averages: { mean, square },
      weights,
      settings: () => [
        rateOf(context),
        ...[toMean, toSquare, tiny, decayOf, decay].map((read) => read(context)),
      ],
      decays: mask,
      attributes: { nesterov: +nesterov },
    });
    const scaleByAdam = Object.freeze({ ...made?.averages, ...made?.weights });
    return made && [made.params, Object.freeze({ ...state, scaleByAdam })];
  };
}
