/**
 * Schedule-free learning: an average of all places that an optimizer has been at takes the place of a
 * learning rate that falls. Gradients are taken between the two; the average is what to evaluate.
 *
 * @module
 */

import { add, clone, div, maximum, pow, scalar, sub, zeros } from "../ops.ts";
import type { Scalar } from "../tensor.ts";
import { map, type Tree, zip } from "../tree.ts";
import { type Hyperparameter, setting } from "./hyperparameter.ts";
import { check } from "./range.ts";
import { approach, type GradientTransformation, transformation } from "./transform.ts";

/** Options of {@linkcode scheduleFree}; the defaults are those of the paper. */
export interface ScheduleFreeOptions {
  /** Where gradients are taken: 0 is at the optimizer's own place, 1 at the average; 0.9 by default. */
  readonly beta?: Hyperparameter;
  /** A place weighs as its learning rate (the largest so far) to this power; 2 by default. */
  readonly power?: number;
}

/** State of {@linkcode scheduleFree}. */
export type ScheduleFreeState<S extends Tree = Tree> = {
  /** Where the optimizer is by itself. */
  readonly place: Tree;
  /** Average of all places, which is the one to evaluate: see `averagedParams`. */
  readonly average: Tree;
  /** Sum of the weights in the average. */
  readonly weight: Scalar;
  /** The largest learning rate so far. */
  readonly largestRate: Scalar;
  /** State of the optimizer. */
  readonly inner: S;
};

/** Keeps a share of nothing finite, while the learning rate is zero. */
const TINY = 1e-37;

/**
 * Gives the optimizer that averages the places of another, which should be without momentum: `sgd()`, or
 * Adam with a `beta1` of 0 ({@link https://arxiv.org/abs/2405.15682 Defazio et al. 2024}). The learning
 * rate may warm up but need not fall. Nothing may come after it in a chain.
 *
 * @throws {ArgumentError} If `beta` is not in [0, 1) or `power` is negative.
 *
 * @example The average is what counts
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyGradient, averagedParams, scalar, scheduleFree, setup, sgd, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = scheduleFree(sgd(), { beta: 0.5 });
 * let params = { w: tensor([0]) };
 * let memory = optimizer.init(params);
 * for (let step = 0; step < 3; step++) {
 *   const context = { params, learningRate: scalar(1) };
 *   [params, memory] = applyGradient(optimizer, { w: tensor([-2]) }, memory, context);
 * }
 * assertEquals([...await averagedParams(params, memory).w.data()], [4]);
 * assertEquals([...await params.w.data()], [5]);
 * ```
 */
export function scheduleFree<S extends Tree>(
  inner: GradientTransformation<S>,
  { beta = 0.9, power = 2 }: ScheduleFreeOptions = {},
): GradientTransformation<ScheduleFreeState<S>> {
  const toAverage = setting("scheduleFree", "fraction", { beta });
  check("scheduleFree", "rate", { power });
  return transformation<ScheduleFreeState<S>>({
    kind: "scheduleFree",
    init: (params) => ({
      place: map(clone, params),
      average: map(clone, params),
      weight: zeros([]),
      largestRate: zeros([]),
      inner: inner.init(params),
    }),
    update: (updates, state, context) => {
      const [step, next] = inner.update(updates, state.inner, context);
      const largestRate = maximum(state.largestRate, context.learningRate);
      const now = pow(largestRate, scalar(power));
      const weight = add(state.weight, now);
      const share = div(now, maximum(weight, TINY));
      const place = zip(([z, u]) => add(z!, u!), state.place, step);
      const average = zip(([x, z]) => approach(x!, z!, share), state.average, place);
      const beta = toAverage(context);
      const y = zip(
        ([p, z, x]) => sub(approach(z!, x!, beta), p!),
        context.params,
        place,
        average,
      );
      // The structure of the parameters is that of the updates.
      return [y as typeof updates, { place, average, weight, largestRate, inner: next }];
    },
  });
}
