/**
 * Weight decay: a pull of the parameters towards zero, proportional to each. Before momentum and the
 * like it is the gradient of an L2 penalty; after them it is decoupled, as in AdamW.
 *
 * @module
 */

import { clone } from "../ops.ts";
import { type Empty, zip } from "../tree.ts";
import { type Hyperparameter, setting } from "./hyperparameter.ts";
import { includes, type Mask } from "./mask.ts";
import { addScaled, type GradientTransformation, statelessTransformation } from "./transform.ts";

/** Options of {@linkcode addDecayedWeights}. */
export interface DecayOptions {
  /** Which parameters decay; all by default. See {@linkcode weightsOnly}. */
  readonly mask?: Mask;
}

/**
 * Gives the transformation that adds `decay` times the parameter to each update.
 *
 * @throws {ArgumentError} If `decay` is negative or not finite.
 *
 * @example A pull towards zero
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addDecayedWeights, empty, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const context = { params: tensor([8, -8]), learningRate: scalar(1) };
 * const [y] = addDecayedWeights(0.25).update(tensor([1, 1]), empty, context);
 * assertEquals([...await y.data()], [3, -1]);
 * ```
 */
export function addDecayedWeights(
  decay: Hyperparameter,
  { mask = "**" }: DecayOptions = {},
): GradientTransformation<Empty> {
  const read = setting("addDecayedWeights", "rate", { decay });
  return statelessTransformation("addDecayedWeights", (updates, context) => {
    const by = read(context);
    return zip(
      ([update, param], path) =>
        includes(mask, path, param!) ? addScaled(update!, param!, by) : clone(update!),
      updates,
      context.params,
    );
  });
}
