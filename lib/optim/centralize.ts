/**
 * Gradient centralisation: of the gradient of each output channel, its mean is taken off.
 *
 * @module
 */

import { clone, mean, sub } from "../ops.ts";
import { type Empty, map } from "../tree.ts";
import { type GradientTransformation, statelessTransformation } from "./transform.ts";

/**
 * Gives the transformation that takes the mean of each unit off the updates of kernels and matrices
 * ({@link https://arxiv.org/abs/2004.01461 Yong et al. 2020}). A unit is all but the last axis; vectors
 * stay as they are.
 *
 * @example Two columns with sums of zero
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { centralize, empty, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const context = { params: tensor([0, 0, 0, 0], [2, 2]), learningRate: scalar(1) };
 * const [y] = centralize().update(tensor([1, 2, 3, 6], [2, 2]), empty, context);
 * assertEquals([...await y.data()], [-1, -2, 1, 2]);
 * ```
 */
export function centralize(): GradientTransformation<Empty> {
  return statelessTransformation("centralize", (updates) =>
    map((leaf) => {
      if (leaf.shape.length < 2) return clone(leaf);
      return sub(leaf, mean(leaf, leaf.shape.slice(1).map((_, axis) => axis), true));
    }, updates));
}
