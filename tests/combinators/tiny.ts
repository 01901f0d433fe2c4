/**
 * The smallest layers that show what a combinator does: one that learns, one that remembers, one
 * that draws, and one that fails.
 *
 * @module
 */

import { ShapeError } from "../../lib/errors.ts";
import { type Layer, layer, stateless } from "../../lib/layer.ts";
import { add, clone, matMul, mul, zeros } from "../../lib/ops.ts";
import { normal, uniform } from "../../lib/random.ts";
import type { Tensor } from "../../lib/tensor.ts";
import { type Empty, empty } from "../../lib/tree.ts";

/** `x · weight`: from `[batch, in]` to `[batch, features]`. */
export function linear(features: number): Layer<{ readonly weight: Tensor }, Empty> {
  return stateless({
    kind: "linear",
    init(key, [batch, size]) {
      const weight = normal(key, [size!, features]);
      return { params: { weight }, shape: [batch!, features], multiplyAdds: size! * features };
    },
    apply: ({ weight }, x) => matMul(x, weight),
  });
}

/** `factor · x`. */
export function scaled(factor: number): Layer<Empty, Empty> {
  return stateless<Empty>({
    kind: "scaled",
    init: (_key, shape) => ({ params: empty, shape }),
    apply: (_params, x) => mul(x, factor),
  });
}

/** Gives its input, and counts the batches it was trained on. */
export const counter: Layer<Empty, { readonly count: Tensor }> = layer({
  kind: "counter",
  init: (_key, shape) => ({ params: empty, state: { count: zeros([]) }, shape }),
  apply: ({ state }, x, mode) => [
    clone(x),
    mode.kind === "train" ? { count: add(state.count, 1) } : state,
  ],
});

/** Adds a draw in train mode. */
export const noise: Layer<Empty, Empty> = stateless<Empty>({
  kind: "noise",
  init: (_key, shape) => ({ params: empty, shape }),
  apply: (_params, x, mode) =>
    mode.kind === "train" ? add(x, uniform(mode.key, x.shape)) : clone(x),
});

/** Refuses every shape. */
export const refusing: Layer<Empty, Empty> = stateless<Empty>({
  kind: "refusing",
  init() {
    throw new ShapeError("Cannot take anything: need nothing");
  },
  apply: (_params, x) => clone(x),
});
