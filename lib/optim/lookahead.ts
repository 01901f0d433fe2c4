/**
 * Lookahead: an optimizer runs ahead, and every few steps a slow copy of the parameters goes part of
 * the way to where it is, and it starts again from there.
 *
 * @module
 */

import { add, clone, greaterEqual, scalar, sub, where, zeros } from "../ops.ts";
import type { Scalar } from "../tensor.ts";
import { map, type Tree, zip } from "../tree.ts";
import { type Hyperparameter, setting } from "./hyperparameter.ts";
import { check } from "./range.ts";
import { approach, choose, type GradientTransformation, transformation } from "./transform.ts";

/** Options of {@linkcode lookahead}; the defaults are those of the paper for CIFAR. */
export interface LookaheadOptions {
  /** Number of steps between two returns; 5 by default. */
  readonly period?: number;
  /** How far the slow parameters go, as a share of the way; 0.8 by default. */
  readonly share?: Hyperparameter;
}

/** State of {@linkcode lookahead}. */
export type LookaheadState<S extends Tree = Tree> = {
  /** The parameters at the last return, which are the ones to evaluate. */
  readonly slow: Tree;
  /** Number of steps since. */
  readonly count: Scalar;
  /** State of the optimizer that runs ahead. */
  readonly inner: S;
};

/**
 * Gives the optimizer that lets another run ahead
 * ({@link https://arxiv.org/abs/1907.08610 Zhang et al. 2019}). Nothing may come after it in a chain.
 *
 * @throws {ArgumentError} If `period` is not a count or `share` is not in (0, 1].
 *
 * @example Two steps ahead, and half of the way back
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyGradient, lookahead, scalar, setup, sgd, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = lookahead(sgd(), { period: 2, share: 0.5 });
 * let params = { w: tensor([0]) };
 * let state = optimizer.init(params);
 * const places: number[] = [];
 * for (let step = 0; step < 4; step++) {
 *   const context = { params, learningRate: scalar(1) };
 *   [params, state] = applyGradient(optimizer, { w: tensor([-1]) }, state, context);
 *   places.push(...await params.w.data());
 * }
 * assertEquals(places, [1, 1, 2, 2]);
 * ```
 */
export function lookahead<S extends Tree>(
  inner: GradientTransformation<S>,
  { period = 5, share = 0.8 }: LookaheadOptions = {},
): GradientTransformation<LookaheadState<S>> {
  check("lookahead", "count", { period });
  const toSlow = setting("lookahead", "share", { share });
  return transformation<LookaheadState<S>>({
    kind: "lookahead",
    init: (params) => ({
      slow: map(clone, params),
      count: zeros([]),
      inner: inner.init(params),
    }),
    update: (updates, state, context) => {
      const [step, next] = inner.update(updates, state.inner, context);
      const count = add(state.count, scalar(1));
      const due = greaterEqual(count, scalar(period));
      const by = toSlow(context);
      const fast = zip(([p, u]) => add(p!, u!), context.params, step);
      const returned = zip(([s, f]) => approach(s!, f!, by), state.slow, fast);
      const back = zip(([p, r]) => sub(r!, p!), context.params, returned);
      return [
        zip(([u, b]) => where(due, b!, u!), step, back),
        { slow: choose(due, returned, state.slow), count: where(due, 0, count), inner: next },
      ];
    },
  });
}
