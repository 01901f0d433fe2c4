/**
 * Gradients that are not numbers: refused as a whole, or set to zero one by one.
 *
 * @module
 */

import { add, concat, equal, greater, mul, reshape, sum, where, zeros, zerosLike } from "../ops.ts";
import type { Scalar } from "../tensor.ts";
import { type Empty, leaves, map, type Tree } from "../tree.ts";
import { check } from "./range.ts";
import {
  choose,
  type GradientTransformation,
  statelessTransformation,
  transformation,
} from "./transform.ts";

/** State of {@linkcode applyIfFinite}. */
export type ApplyIfFiniteState<S extends Tree = Tree> = {
  /** Number of gradients in a row, up to the last, that were not finite. */
  readonly failures: Scalar;
  /** Number of gradients in all that were not finite. */
  readonly total: Scalar;
  /** State of the optimizer. */
  readonly inner: S;
};

/**
 * Gives the optimizer that takes no step, and remembers nothing of it, where a gradient has a value that
 * is infinite or not a number. After `patience` such gradients in a row the next is let through, so that
 * a training that has diverged is noticed.
 *
 * @throws {ArgumentError} If `patience` is not a count.
 *
 * @example A gradient that is refused
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyGradient, applyIfFinite, scalar, setup, sgd, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = applyIfFinite(sgd({ momentum: 0.9 }), 5);
 * const params = { w: tensor([1, 2]) };
 * const gradient = { w: tensor([1, NaN]) };
 * const [next, memory] = applyGradient(optimizer, gradient, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.1),
 * });
 * assertEquals([...await next.w.data()], [1, 2]);
 * assertEquals([...await memory.failures.data()], [1]);
 * ```
 */
export function applyIfFinite<S extends Tree>(
  inner: GradientTransformation<S>,
  patience: number,
): GradientTransformation<ApplyIfFiniteState<S>> {
  check("applyIfFinite", "count", { patience });
  return transformation<ApplyIfFiniteState<S>>({
    kind: "applyIfFinite",
    init: (params) => ({ failures: zeros([]), total: zeros([]), inner: inner.init(params) }),
    update: (updates, state, context) => {
      const [step, next] = inner.update(updates, state.inner, context);
      const finite = allFinite(updates);
      const failed = add(state.failures, 1);
      const accept = greater(where(finite, Infinity, failed), patience);
      return [choose(accept, step, map(zerosLike, updates)), {
        failures: where(finite, 0, failed),
        total: add(state.total, where(finite, 0, 1)),
        inner: choose(accept, next, state.inner),
      }];
    },
  });
}

/** Tells whether no value is infinite or not a number: zero times any other is zero. */
function allFinite(tree: Tree): Scalar {
  const each = leaves(tree).map((leaf) => reshape(sum(mul(leaf, 0)), [1]));
  return equal(each.length === 0 ? 0 : sum(concat(each, 0)), 0);
}

/**
 * Gives the transformation that sets values of the updates that are not numbers to zero.
 *
 * @example The others stay
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { empty, scalar, setup, tensor, zeroNans } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const context = { params: tensor([0, 0, 0]), learningRate: scalar(1) };
 * const [y] = zeroNans().update(tensor([1, NaN, Infinity]), empty, context);
 * assertEquals([...await y.data()], [1, 0, Infinity]);
 * ```
 */
export function zeroNans(): GradientTransformation<Empty> {
  return statelessTransformation(
    "zeroNans",
    (updates) => map((leaf) => where(equal(leaf, leaf), leaf, zerosLike(leaf)), updates),
  );
}
