/**
 * Sharpness-aware minimisation: the gradient is not taken where the parameters are, but where the loss
 * is largest nearby. It needs a second gradient of the same batch, which a transformation of gradients
 * cannot take, being a function of tensors alone; so it wraps what takes the gradient, and every
 * optimizer stays as it is. Loss and state of the model are those of the parameters themselves.
 *
 * @module
 */

import { abs, add, div, mul, scalar, tidy } from "../ops.ts";
import { globalNorm } from "../optim/norm.ts";
import { check } from "../optim/range.ts";
import { addScaled } from "../optim/transform.ts";
import { release } from "../ownership.ts";
import { type Tree, zip } from "../tree.ts";
import type { Objective } from "./step.ts";

/** Options of {@linkcode sharpnessAware}. */
export interface SharpnessOptions {
  /**
   * Measures nearness in units of each parameter
   * ({@link https://arxiv.org/abs/2102.11600 ASAM, Kwon et al. 2021}); false by default.
   */
  readonly adaptive?: boolean;
}

/**
 * Gives what makes a gradient sharpness-aware ({@link https://arxiv.org/abs/2010.01412 Foret et al. 2021}),
 * for the part `wrap` of a training step. A step costs two.
 *
 * @param radius How far away the loss is looked at; the paper has 0.05, with `adaptive` 0.5 to 2 is usual.
 * @throws {ArgumentError} If `radius` is not positive.
 *
 * @example A step that looks around
 * ```ts
 * import { assert } from "@std/assert";
 * import {
 *   dense, initTraining, key, knobs, meanSquaredError, setup, sgd, sharpnessAware, tensor, trainStep,
 * } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const parts = { model: dense(1), optimizer: sgd(), loss: meanSquaredError };
 * const step = trainStep({ ...parts, wrap: sharpnessAware(0.05) });
 * const batch = { x: tensor([1, 2, 3], [3, 1]), y: tensor([2, 4, 6], [3, 1]) };
 * const state = initTraining(parts, key(0), [3, 1]);
 * const [next, before] = step(state, batch, knobs(0.05, 0, 0));
 * const [, after] = step(next, batch, knobs(0.05, 0, 1));
 * assert((await after.data())[0]! < (await before.data())[0]!);
 * ```
 */
export function sharpnessAware(
  radius: number,
  { adaptive = false }: SharpnessOptions = {},
): <P extends Tree, S extends Tree>(objective: Objective<P, S>) => Objective<P, S> {
  check("sharpnessAware", "positive", { radius });
  return (objective) => (params, state, batch, seed) =>
    tidy(() => {
      const [here, gradient] = objective(params, state, batch, seed);
      const direction = adaptive ? zip(([g, p]) => mul(g!, abs(p!)), gradient, params) : gradient;
      // The norm is kept from zero, where there is no direction.
      const by = div(scalar(radius), add(globalNorm(direction), TINY));
      const worst = adaptive
        ? zip(([p, d]) => addScaled(p!, mul(d!, abs(p!)), by), params, direction)
        : zip(([p, d]) => addScaled(p!, d!, by), params, direction);
      const [[loss, next], there] = objective(worst, state, batch, seed);
      release({ loss, next }, { state, here });
      return [here, there];
    });
}

const TINY = 1e-12;
