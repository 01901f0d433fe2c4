/**
 * Less memory for more time: what is computed inside is forgotten on the way forward and computed
 * again on the way back.
 *
 * Chen et al., [Training deep nets with sublinear memory cost](https://arxiv.org/abs/1604.06174), 2016.
 *
 * @module
 */

import { customGrad, grad, gradientDepth } from "../grad.ts";
import { type Layer, layer } from "../layer.ts";
import { clone, keep, mul, sum } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { leaves, rebuild, type Tree, zip } from "../tree.ts";
import { wrapping } from "./composition.ts";

/**
 * Gives what `body` gives, but holds only its input and parameters until the gradient is taken, which
 * computes the rest again: training needs the memory of one such layer at a time, and about a third
 * more time. The variables are those of `body`.
 *
 * @example The same gradient
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, evalMode, grad, key, ones, ops, relu, remat, sequential, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const body = sequential(dense(4), relu);
 * const variables = body.init(key(0), [1, 2]);
 * const gradientOf = (layer: typeof body) =>
 *   grad((params: typeof variables.params) =>
 *     ops.sum(layer.apply({ ...variables, params }, ones([1, 2]), evalMode)[0])
 *   )(variables.params);
 * const [plain, again] = [gradientOf(body), gradientOf(remat(body))];
 * assertEquals(await again[0].weight.data(), await plain[0].weight.data());
 * ```
 */
export function remat<P extends Tree, S extends Tree>(body: Layer<P, S>): Layer<P, S> {
  const whole = layer<P, S>({
    kind: "remat",
    init: (key, shape) => body.init(key, shape),
    apply({ params, state }, x, mode) {
      if (gradientDepth() === 0) return body.apply({ params, state }, x, mode);
      let next = state;
      const forward = customGrad(
        (x, ...inputs) => {
          const result = body.apply({ params: rebuild(params, inputs), state }, x!, mode);
          // What is inside lets go of all but the value.
          next = changed((leaf) => keep(clone(leaf)), result[1], state);
          return [result[0], [x!, ...inputs]];
        },
        (dy, [x, ...inputs]) => {
          // Who watches has seen the outputs already.
          const { tap: _, ...unseen } = mode;
          const at = { x: x!, params: rebuild(params, inputs) };
          const gradient = grad(({ x, params }: typeof at) =>
            sum(mul(body.apply({ params, state }, x, unseen)[0], dy))
          )(at);
          return [gradient.x, ...leaves(gradient.params)];
        },
      );
      const y = forward(x, ...leaves(params));
      return [y, changed(owned, next, state)];
    },
  });
  return wrapping(whole, body, (other) => remat(other));
}

/** Applies `f` to the leaves of `next` that are not those of `state`. */
function changed<S extends Tree>(f: (leaf: Tensor) => Tensor, next: S, state: S): S {
  return next === state ? state : zip(([now, old]) => now === old ? old! : f(now!), next, state);
}

/** Gives a kept tensor another handle, which is let go of like any other. */
function owned(kept: Tensor): Tensor {
  const handle = clone(kept);
  kept.dispose();
  return handle;
}
