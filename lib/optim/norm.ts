/**
 * Lengths of leaves. They are computed for all leaves of a tree as one vector, so that what follows
 * from them costs a few operations and not a few for each leaf.
 *
 * @module
 */

import { concat, mul, reshape, slice, sqrt, square, sum, tensor, tidy, zeros } from "../ops.ts";
import type { Scalar, Tensor } from "../tensor.ts";
import { leaves, map, type Tree } from "../tree.ts";

/** The sum of squares of each leaf, `[leaves]`. */
export function squares(tree: Tree): Tensor {
  const each = leaves(tree).map((leaf) => reshape(sum(square(leaf)), [1]));
  return each.length === 0 ? zeros([0]) : concat(each, 0); // [leaves]
}

/** The mean of squares of each leaf, `[leaves]`. */
export function meanSquares(tree: Tree): Tensor {
  return mul(squares(tree), tensor(leaves(tree).map(({ size }) => 1 / Math.max(size, 1))));
}

/** Multiplies each leaf with its own factor of `[leaves]`. */
export function scaleEach<T extends Tree>(tree: T, factors: Tensor): T {
  let next = 0;
  return map((leaf) => mul(leaf, reshape(slice(factors, [next++], [1]), [])), tree);
}

/**
 * Gives the Euclidean length of all leaves of a tree as one vector.
 *
 * @example Three by four
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { globalNorm, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const norm = globalNorm({ a: tensor([3]), b: [tensor([0, 4])] });
 * assertEquals([...await norm.data()], [5]);
 * ```
 */
export function globalNorm(tree: Tree): Scalar {
  return tidy(() => sqrt(sum(squares(tree))));
}
