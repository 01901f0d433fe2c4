/**
 * Clipping: bounds on the gradient as one long vector, on each of its leaves, units or values.
 *
 * @module
 */

import { clip, div, maximum, minimum, mul, sqrt, square, sum } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { type Empty, map, zip } from "../tree.ts";
import { type Hyperparameter, setting } from "./hyperparameter.ts";
import { globalNorm, meanSquares, scaleEach } from "./norm.ts";
import { check } from "./range.ts";
import { type GradientTransformation, statelessTransformation } from "./transform.ts";

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
export function clipByGlobalNorm(limit: Hyperparameter): GradientTransformation<Empty> {
  const read = setting("clipByGlobalNorm", "positive", { limit });
  return statelessTransformation("clipByGlobalNorm", (updates, context) => {
    const most = read(context);
    const factor = div(most, maximum(globalNorm(updates), most));
    return map((leaf) => mul(leaf, factor), updates);
  });
}

/**
 * Gives the transformation that limits every value of the updates to `[-limit, limit]`.
 *
 * @throws {ArgumentError} If `limit` is not positive.
 *
 * @example Only what is too large changes
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clipByValue, empty, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const context = { params: tensor([0, 0, 0]), learningRate: scalar(1) };
 * const [y] = clipByValue(2).update(tensor([1, 3, -9]), empty, context);
 * assertEquals([...await y.data()], [1, 2, -2]);
 * ```
 */
export function clipByValue(limit: number): GradientTransformation<Empty> {
  check("clipByValue", "positive", { limit });
  return statelessTransformation(
    "clipByValue",
    (updates) => map((leaf) => clip(leaf, -limit, limit), updates),
  );
}

/**
 * Gives the transformation that scales each leaf of the updates down by itself, to a root of the mean
 * square of at most `limit`. Smaller ones come out bit for bit as they were.
 *
 * @throws {ArgumentError} If `limit` is not positive.
 *
 * @example Two leaves, one too large
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clipByRms, empty, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const params = { a: tensor([0, 0]), b: tensor([0]) };
 * const gradient = { a: tensor([8, -8]), b: tensor([1]) };
 * const context = { params, learningRate: scalar(1) };
 * const [{ a, b }] = clipByRms(2).update(gradient, empty, context);
 * assertEquals([...await a.data(), ...await b.data()], [2, -2, 1]);
 * ```
 */
export function clipByRms(limit: Hyperparameter): GradientTransformation<Empty> {
  const read = setting("clipByRms", "positive", { limit });
  return statelessTransformation("clipByRms", (updates, context) => {
    const most = read(context);
    const size = sqrt(meanSquares(updates)); // [leaves]
    return scaleEach(updates, div(most, maximum(size, most)));
  });
}

/** Options of {@linkcode clipAdaptively}. */
export interface ClipAdaptivelyOptions {
  /** Least length of a unit of the parameters, so that ones of zeros can move; 1e-3 by default. */
  readonly least?: number;
}

/**
 * Gives the transformation that scales the update of each unit down to at most `ratio` times the length
 * of the unit's parameters ({@link https://arxiv.org/abs/2102.06171 Brock et al. 2021}). A unit is what
 * one output channel is computed by: all but the last axis of a kernel or matrix, or a whole vector.
 *
 * @throws {ArgumentError} If a number is not positive.
 *
 * @example Two units of one matrix, of which one is pulled too hard
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { clipAdaptively, empty, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const context = { params: tensor([3, 3, 4, 4], [2, 2]), learningRate: scalar(1) };
 * const gradient = tensor([0.25, 30, 0, 40], [2, 2]);
 * const [y] = clipAdaptively(0.1).update(gradient, empty, context);
 * const [a, b, c, d] = await y.data();
 * assertEquals([a, c], [0.25, 0]);
 * assertAlmostEquals(b!, 0.3, 1e-6);
 * assertAlmostEquals(d!, 0.4, 1e-6);
 * ```
 */
export function clipAdaptively(
  ratio: Hyperparameter,
  { least = 1e-3 }: ClipAdaptivelyOptions = {},
): GradientTransformation<Empty> {
  const read = setting("clipAdaptively", "positive", { ratio });
  check("clipAdaptively", "positive", { least });
  return statelessTransformation("clipAdaptively", (updates, context) => {
    const by = read(context);
    const shortened = (update: Tensor, param: Tensor): Tensor => {
      const [have, own] = [squareOfUnits(update), squareOfUnits(param)];
      const quotient = div(maximum(own, least ** 2), maximum(have, TINY));
      return mul(update, minimum(mul(sqrt(quotient), by), 1));
    };
    return zip(([update, param]) => shortened(update!, param!), updates, context.params);
  });
}

/** Keeps the quotient finite where an update is zero. */
const TINY = 1e-12;

/** The sum of squares of each unit, with axes of size 1: `[1, …, 1, units]`, or `[1]` of a vector. */
function squareOfUnits(x: Tensor): Tensor {
  const long = x.shape.filter((size) => size > 1).length;
  const axes = x.shape.map((_, axis) => axis);
  return sum(square(x), long > 1 ? axes.slice(0, -1) : axes, true);
}
