/**
 * Accumulation: one step of an optimizer with the mean gradient of several batches, so that a batch
 * larger than the memory can be trained with. What is done in every step is the same, and tensors
 * select what becomes of it, so a recorded step replays.
 *
 * @module
 */

import { add, div, greaterEqual, scalar, where, zeros, zerosLike } from "../ops.ts";
import type { Scalar } from "../tensor.ts";
import { map, type Tree, zip } from "../tree.ts";
import { check } from "./range.ts";
import { approach, choose, type GradientTransformation, transformation } from "./transform.ts";

/** State of {@linkcode accumulate}. */
export type AccumulateState<S extends Tree = Tree> = {
  /** Mean of the gradients since the last step of the optimizer. */
  readonly mean: Tree;
  /** Number of them. */
  readonly count: Scalar;
  /** State of the optimizer. */
  readonly inner: S;
};

/**
 * Gives the optimizer that takes a step with the mean of every `steps` gradients, and none in between.
 * The learning rate is that of the last of them; a schedule counts batches.
 *
 * @throws {ArgumentError} If `steps` is not a count.
 *
 * @example Two gradients, one step
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { accumulate, applyGradient, scalar, setup, sgd, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = accumulate(2, sgd());
 * let params = { w: tensor([9]) };
 * let state = optimizer.init(params);
 * const places: number[] = [];
 * for (const gradient of [2, 4]) {
 *   const context = { params, learningRate: scalar(1) };
 *   [params, state] = applyGradient(optimizer, { w: tensor([gradient]) }, state, context);
 *   places.push(...await params.w.data());
 * }
 * assertEquals(places, [9, 6]);
 * ```
 */
export function accumulate<S extends Tree>(
  steps: number,
  inner: GradientTransformation<S>,
): GradientTransformation<AccumulateState<S>> {
  check("accumulate", "count", { steps });
  return transformation<AccumulateState<S>>({
    kind: "accumulate",
    init: (params) => ({
      mean: map(zerosLike, params),
      count: zeros([]),
      inner: inner.init(params),
    }),
    update: (updates, state, context) => {
      const count = add(state.count, scalar(1));
      const due = greaterEqual(count, scalar(steps));
      const share = div(scalar(1), count);
      const mean = zip(([g, m]) => approach(m!, g!, share), updates, state.mean);
      const [step, next] = inner.update(mean, state.inner, context);
      const none = map(zerosLike, updates);
      return [choose(due, step, none), {
        mean: choose(due, none, mean),
        count: where(due, 0, count),
        inner: choose(due, next, state.inner),
      }];
    },
  });
}
