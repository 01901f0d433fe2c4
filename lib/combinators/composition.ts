/**
 * What a combinator is made of. A layer is a pair of functions and keeps its parts to itself; who
 * rewrites a model needs them, and a way to make the combinator again of others. As with the role of a
 * layer this is remembered beside it, so that a changed copy does not claim it.
 *
 * @module
 */

import type { Layer } from "../layer.ts";
import type { Shape } from "../tensor.ts";
import type { Tree } from "../tree.ts";
import type { Layers } from "./parts.ts";

/** The parts of a combinator, whose variables are those of the whole by name. */
export type Composition = {
  /** Whether each part sees what the one before gives, or all see the input. */
  readonly order: "series" | "branches";
  /** Whether what comes out is what the last part gives. */
  readonly open: boolean;
  /** The parts. */
  readonly parts: Layers;
  /** Makes the combinator of other parts with the same names. */
  readonly rebuild: (parts: Layers) => Layer;
};

const compositions = new WeakMap<object, (shape: Shape) => Composition | undefined>();

/** Says what a layer is made of, which may depend on the shape of its input. */
export function composed<P extends Tree, S extends Tree>(
  layer: Layer<P, S>,
  composition: (shape: Shape) => Composition | undefined,
): Layer<P, S> {
  compositions.set(layer, composition);
  return layer;
}

/** Gives what a layer is made of for inputs of `shape`, if it says so. */
export function compositionOf(layer: Layer, shape: Shape): Composition | undefined {
  return compositions.get(layer)?.(shape);
}

/** Says that a layer is made of the parts of `inner`, and does something to what that gives. */
export function wrapping<P extends Tree, S extends Tree>(
  layer: Layer<P, S>,
  inner: Layer<P, S>,
  wrap: (inner: Layer) => Layer,
): Layer<P, S> {
  return composed(layer, (shape) => {
    const composition = compositionOf(inner, shape);
    return composition && {
      ...composition,
      open: false,
      rebuild: (parts) => wrap(composition.rebuild(parts)),
    };
  });
}
