/**
 * Noise on gradients, less and less of it. It is drawn from the seed of the step, which is a tensor as
 * everything that changes from step to step, and from the path of each leaf: the same step draws the
 * same noise, resumed or not, and a state of a generator is not needed.
 *
 * @module
 */

import { add, div, pow, sqrt, zeros } from "../ops.ts";
import { fold, key } from "../key.ts";
import { normal } from "../random.ts";
import type { Scalar, Tensor } from "../tensor.ts";
import { map } from "../tree.ts";
import { type Hyperparameter, knob, setting } from "./hyperparameter.ts";
import { addScaled, type GradientTransformation, transformation } from "./transform.ts";

/** Options of {@linkcode addNoise}. */
export interface NoiseOptions {
  /** The variance falls as t^-`power` with the step t, from 1; 0.55 by default, as the paper. */
  readonly power?: Hyperparameter;
}

/** State of {@linkcode addNoise}. */
export type NoiseState = {
  /** Number of steps. */
  readonly count: Scalar;
};

/**
 * Gives the transformation that adds normal noise to updates
 * ({@link https://arxiv.org/abs/1511.06807 Neelakantan et al. 2015}), drawn from the knob `seed` of the
 * step.
 *
 * @param variance Of the noise of the first step; the paper tries 0.01, 0.3 and 1.
 * @throws {ArgumentError} If `variance` is negative or `power` is not positive; from `update`, if the
 * step has no seed.
 *
 * @example The same seed, the same noise
 * ```ts
 * import { assertEquals, assertNotEquals } from "@std/assert";
 * import { addNoise, knobs, setup, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const { init, update } = addNoise(0.01);
 * const params = { w: zeros([4]) };
 * const noise = (step: number) => {
 *   const turn = knobs(0.1, 0, step);
 *   return update(params, init(params), { params, ...turn, knobs: turn })[0].w.data();
 * };
 * assertEquals(await noise(7), await noise(7));
 * assertNotEquals(await noise(7), await noise(8));
 * ```
 */
export function addNoise(
  variance: Hyperparameter,
  { power = 0.55 }: NoiseOptions = {},
): GradientTransformation<NoiseState> {
  const first = setting("addNoise", "rate", { variance });
  const exponent = setting("addNoise", "positive", { power });
  const seed = knob("seed");
  return transformation<NoiseState>({
    kind: "addNoise",
    init: () => ({ count: zeros([]) }),
    update: (updates, state, context) => {
      const count = add(state.count, 1);
      const deviation = sqrt(div(first(context), pow(count, exponent(context))));
      const of = fold(key(seed(context)), "addNoise");
      const noisy = (leaf: Tensor, path: string) =>
        addScaled(leaf, normal(fold(of, path), leaf.shape), deviation);
      return [map(noisy, updates), { count }];
    },
  });
}
