/**
 * The escape hatch for what depends on the input: a layer that is made when the shape is known.
 *
 * @module
 */

import { type Layer, layer } from "../layer.ts";
import type { Shape } from "../tensor.ts";
import type { Tree } from "../tree.ts";
import { composed, compositionOf } from "./composition.ts";

/**
 * Gives the layer that `makeLayer` makes for the shape of its input; `kind` is its name in summaries.
 * `makeLayer` must give the same layer for the same shape.
 *
 * @example A bottleneck of half the features, whatever comes in
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, key, setup, withShape } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const halved = withShape(([_batch, features]) => dense(features! / 2));
 * assertEquals(halved.init(key(0), [1, 8]).shape, [1, 4]);
 * ```
 */
export function withShape<P extends Tree, S extends Tree>(
  makeLayer: (shape: Shape) => Layer<P, S>,
  kind = "withShape",
): Layer<P, S> {
  const whole = layer<P, S>({
    kind,
    init: (key, shape) => makeLayer(shape).init(key, shape),
    apply: (variables, x, mode) => makeLayer(x.shape).apply(variables, x, mode),
  });
  return composed(whole, (shape) => compositionOf(makeLayer(shape), shape));
}
