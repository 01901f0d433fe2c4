/**
 * Adagrad: each gradient divided by the root of the sum of all squares so far.
 *
 * @module
 */

import { add, div, fill, sqrt, square } from "../ops.ts";
import { map, type Tree, zip } from "../tree.ts";
import { chain, type ChainState } from "./chain.ts";
import { type Hyperparameter, setting } from "./hyperparameter.ts";
import { check } from "./range.ts";
import { scaleByLearningRate } from "./scale.ts";
import { type GradientTransformation, transformation } from "./transform.ts";

/** Options of {@linkcode adagrad}. */
export interface AdagradOptions {
  /** Where the sums of squares begin; 0.1 by default, as Optax. */
  readonly initial?: number;
  /** Is added under the root; 1e-7 by default, as Optax. */
  readonly epsilon?: Hyperparameter;
}

/**
 * Gives the transformation that divides by the root of the sum of squares so far, which is its state.
 *
 * @throws {ArgumentError} If `initial` is negative or epsilon is not positive.
 *
 * @example Of a constant gradient, steps fall as the inverse root
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { scalar, scaleByAdagrad, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const { init, update } = scaleByAdagrad({ initial: 0 });
 * const context = { params: tensor([0]), learningRate: scalar(1) };
 * let y = tensor([0]), state = init(context.params);
 * for (let step = 0; step < 4; step++) [y, state] = update(tensor([3]), state, context);
 * assertAlmostEquals((await y.data())[0]!, 1 / Math.sqrt(4), 1e-6);
 * ```
 */
export function scaleByAdagrad(options: AdagradOptions = {}): GradientTransformation {
  const { initial = 0.1, epsilon = 1e-7 } = options;
  check("adagrad", "rate", { initial });
  const tiny = setting("adagrad", "positive", { epsilon });
  return transformation<Tree>({
    kind: "scaleByAdagrad",
    init: (params) => map((param) => fill(param.shape, initial), params),
    update: (updates, sums, context) => {
      const epsilon = tiny(context);
      const next = zip(([sum, g]) => add(sum!, square(g!)), sums, updates);
      return [zip(([g, sum]) => div(g!, sqrt(add(sum!, epsilon))), updates, next), next];
    },
  });
}

/**
 * Gives the optimizer {@link https://jmlr.org/papers/v12/duchi11a.html Adagrad} (Duchi et al. 2011).
 *
 * @throws {ArgumentError} If `initial` is negative or epsilon is not positive.
 *
 * @example The first step has nearly the size of the learning rate
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { adagrad, applyGradient, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = adagrad();
 * const params = { w: tensor([1]) };
 * const [next] = applyGradient(optimizer, { w: tensor([1234]) }, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.1),
 * });
 * assertAlmostEquals((await next.w.data())[0]!, 0.9, 1e-6);
 * ```
 */
export function adagrad(options: AdagradOptions = {}): GradientTransformation<ChainState> {
  const parts = [scaleByAdagrad(options), scaleByLearningRate()];
  return Object.freeze({ ...chain(...parts), kind: "adagrad" });
}
