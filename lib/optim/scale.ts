/**
 * Multiplying updates by a number: a fixed one, or the learning rate of the step.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { mul, neg } from "../ops.ts";
import { inspect } from "../recording.ts";
import type { Scalar } from "../tensor.ts";
import { type Empty, map } from "../tree.ts";
import { type Hyperparameter, setting } from "./hyperparameter.ts";
import {
  type GradientTransformation,
  statelessTransformation,
  type UpdateContext,
} from "./transform.ts";

/**
 * Gives the transformation that multiplies updates by `factor`.
 *
 * @throws {ArgumentError} If `factor` is not finite.
 *
 * @example Half of it
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { empty, scalar, scale, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const context = { params: tensor([0]), learningRate: scalar(1) };
 * const [y] = scale(0.5).update(tensor([6]), empty, context);
 * assertEquals([...await y.data()], [3]);
 * ```
 */
export function scale(factor: Hyperparameter): GradientTransformation<Empty> {
  const read = setting("scale", "finite", { factor });
  return statelessTransformation("scale", (updates, context) => {
    const by = read(context);
    return map((leaf) => mul(leaf, by), updates);
  });
}

/**
 * Gives the transformation that turns a direction into a step downhill: it multiplies by minus the
 * learning rate.
 *
 * @throws {ArgumentError} From `update`, if the learning rate was made from a negative or infinite
 * number, or none.
 *
 * @example A step downhill
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { empty, scalar, scaleByLearningRate, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const context = { params: tensor([0]), learningRate: scalar(0.5) };
 * const [y] = scaleByLearningRate().update(tensor([6]), empty, context);
 * assertEquals([...await y.data()], [-3]);
 * ```
 */
export function scaleByLearningRate(): GradientTransformation<Empty> {
  return statelessTransformation("scaleByLearningRate", (updates, context) => {
    const by = neg(rateOf(context));
    return map((leaf) => mul(leaf, by), updates);
  });
}

/**
 * Gives the learning rate of the step.
 *
 * @throws {ArgumentError} If it was made from a negative or infinite number, or none.
 */
export function rateOf({ learningRate }: UpdateContext): Scalar {
  inspect(learningRate, ([rate]) => {
    if (rate! >= 0 && rate! < Infinity) return;
    throw new ArgumentError(
      `Cannot take a step with learning rate ${rate}: need a finite number of at least 0`,
    );
  });
  return learningRate;
}
