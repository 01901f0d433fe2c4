/**
 * Clipping: a bound on the length of the gradient as one long vector.
 *
 * @module
 */

import { concat, div, maximum, mul, reshape, scalar, sqrt, square, sum, tidy } from "../ops.ts";
import type { Scalar } from "../tensor.ts";
import { type Empty, leaves, map, type Tree } from "../tree.ts";
import { check } from "./range.ts";
import { type GradientTransformation, statelessTransformation } from "./transform.ts";

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
  return tidy(() => {
    const squares = leaves(tree).map((leaf) => reshape(sum(square(leaf)), [1]));
    return squares.length === 0 ? scalar(0) : sqrt(sum(concat(squares, 0)));
  });
}

/**
 * Gives the transformation that scales updates down, all by one factor, to a length of at most
 * `limit`. Shorter ones come out bit for bit as they were.
 *
 * @throws {ArgumentError} If `limit` is not positive.
 *
 * @example A long gradient keeps its direction
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clipByGlobalNorm, empty, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const params = { a: tensor([0]), b: tensor([0]) };
 * const gradient = { a: tensor([6]), b: tensor([8]) };
 * const context = { params, learningRate: scalar(1) };
 * const [{ a, b }] = clipByGlobalNorm(5).update(gradient, empty, context);
 * assertEquals([...await a.data(), ...await b.data()], [3, 4]);
 * ```
 */
export function clipByGlobalNorm(limit: number): GradientTransformation<Empty> {
  check("clipByGlobalNorm", "positive", { limit });
  return statelessTransformation("clipByGlobalNorm", (updates) => {
    const most = scalar(limit);
    const factor = div(most, maximum(globalNorm(updates), most));
    return map((leaf) => mul(leaf, factor), updates);
  });
}
