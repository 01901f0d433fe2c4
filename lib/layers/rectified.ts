/**
 * Layers that can do in one go what a relu after them does, and the sum before it in a residual block.
 * How is remembered beside them, so that a changed copy does not claim it. It is only made use of where
 * it makes no difference but for rounding: in train mode, where no tap wants to see what is in between
 * and no second derivative is taken, on a backend that is faster so.
 *
 * @module
 */

import { within } from "../errors.ts";
import { hasKernel } from "../fused.ts";
import { gradientDepth } from "../grad.ts";
import { type Layer, type Mode, partMode, type Variables } from "../layer.ts";
import { tidy } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import type { Tree } from "../tree.ts";

/** Applies a layer and gives `relu` of what it gives, or of the sum of that and an addend. */
export type Rectified<P extends Tree = Tree, S extends Tree = Tree> = (
  variables: Variables<P, S>,
  x: Tensor,
  mode: Mode,
  addend?: Tensor,
) => [y: Tensor, next: S];

const known = new WeakMap<object, unknown>();

/** Says how a layer is applied together with a relu after it. */
export function withRectified<P extends Tree, S extends Tree>(
  layer: Layer<P, S>,
  rectified: Rectified<P, S>,
): Layer<P, S> {
  const whole: Rectified<P, S> = (...args) => tidy(() => rectified(...args));
  known.set(layer, whole);
  return layer;
}

/** Tells whether a layer can be applied together with a relu after it. */
export function canRectify(layer: Layer): boolean {
  return known.has(layer);
}

/** Gives how a layer is applied together with a relu after it, where it can be and is to be. */
export function rectifiedOf<P extends Tree, S extends Tree>(
  layer: Layer<P, S>,
  mode: Mode,
): Rectified<P, S> | undefined {
  const isHidden = mode.kind === "train" && mode.tap === undefined && gradientDepth() <= 1;
  if (!isHidden || !hasKernel("FplusxNormalizeRelu")) return undefined;
  return known.get(layer) as Rectified<P, S> | undefined; // as it was put there
}

/** Applies a part of a combinator, for which there is a way, together with a relu after it. */
export function applyRectified<P extends Tree, S extends Tree>(
  name: string,
  layer: Layer<P, S>,
  variables: Variables<P, S>,
  x: Tensor,
  mode: Mode,
  addend?: Tensor,
): [y: Tensor, next: S] {
  return within(name, () => rectifiedOf(layer, mode)!(variables, x, partMode(mode, name), addend));
}
