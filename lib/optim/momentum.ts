/**
 * Momentum: a decaying sum of the updates so far.
 *
 * @module
 */

import { zerosLike } from "../ops.ts";
import { map, type Tree, zip } from "../tree.ts";
import { type Hyperparameter, setting } from "./hyperparameter.ts";
import { addScaled, type GradientTransformation, transformation } from "./transform.ts";

/** Options of {@linkcode trace}. */
export interface TraceOptions {
  /** Looks one step ahead, as Nesterov; false by default. */
  readonly nesterov?: boolean;
}

/**
 * Gives the transformation `v = decay · v + g` that puts out `v`, or with Nesterov's look ahead
 * `g + decay · v`.
 *
 * @throws {ArgumentError} If `decay` is not in [0, 1).
 *
 * @example A constant gradient builds up
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scalar, setup, tensor, trace } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const momentum = trace(0.5);
 * const params = [tensor([0])] as const;
 * const context = { params, learningRate: scalar(1) };
 * const [, once] = momentum.update([tensor([1])] as const, momentum.init(params), context);
 * const [[y]] = momentum.update([tensor([1])] as const, once, context);
 * assertEquals([...await y.data()], [1.5]);
 * ```
 */
export function trace(
  decay: Hyperparameter,
  { nesterov = false }: TraceOptions = {},
): GradientTransformation {
  const read = setting("trace", "fraction", { decay });
  return transformation<Tree>({
    kind: "trace",
    init: (params) => map(zerosLike, params),
    update: (updates, state, context) => {
      const by = read(context);
      const next = zip(([g, v]) => addScaled(g!, v!, by), updates, state);
      return [nesterov ? zip(([g, v]) => addScaled(g!, v!, by), updates, next) : next, next];
    },
  });
}
