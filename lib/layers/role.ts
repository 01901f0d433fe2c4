/**
 * What a layer is to its neighbours. Layers are opaque functions; a few say what they compute, so that
 * a rewriting of a model can rely on it. It is remembered beside the layer and not in it, so that a
 * layer that is made from another, and changed, does not claim what holds no more.
 *
 * @module
 */

import type { Layer } from "../layer.ts";
import type { Tree } from "../tree.ts";

/**
 * `linear`: the parameters are a weight, whose last axis is that of the output channels, and perhaps a
 * bias, and the output is linear in the former and the latter is added. `normalization`: the variables
 * are those of `batchNorm`, and eval mode scales and shifts each channel.
 */
export type Role = "linear" | "normalization";

const roles = new WeakMap<object, Role>();

/** Gives the layer a role. */
export function withRole<P extends Tree, S extends Tree>(
  layer: Layer<P, S>,
  role: Role,
): Layer<P, S> {
  roles.set(layer, role);
  return layer;
}

/** Gives the role of a layer, if it has one. */
export function roleOf(layer: Layer): Role | undefined {
  return roles.get(layer);
}
