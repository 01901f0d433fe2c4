/**
 * Where a layer is tested: parameters a little off their first values, where many gradients would be
 * zero, an input, and random weights that make a number of its output.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { fold, type Key, key } from "../key.ts";
import { evalMode, type Layer, type Mode, trainMode } from "../layer.ts";
import { add, mul, sum, tidy } from "../ops.ts";
import { normal } from "../random.ts";
import type { Scalar, Shape, Tensor } from "../tensor.ts";
import { map, type Tree } from "../tree.ts";

/** Where a layer is tested, and in which mode. */
export interface PointOptions {
  /** What everything random is drawn from; `key(0)` by default. */
  readonly key?: Key;
  /** Makes an input of the shape; standard normal values by default. */
  readonly input?: (shape: Shape) => Tensor;
  /** `"eval"` or `"train"`; train mode by default. */
  readonly mode?: Mode["kind"];
}

/** Parameters, state and an input of a layer. */
export type Point = {
  /** What is differentiated by: the parameters and, under `x`, the input. */
  readonly at: { readonly params: Tree; readonly x: Tensor };
  /** State of the layer. */
  readonly state: Tree;
};

/** Makes the point of a test. */
export function makePoint(layer: Layer, shape: Shape, options: PointOptions): Point {
  const { key: base = key(0), input = (shape) => normal(fold(base, "x"), shape) } = options;
  return tidy(() => {
    const { params, state } = layer.init(fold(base, "init"), shape);
    const shake = (leaf: Tensor, path: string) =>
      add(leaf, normal(fold(fold(base, "shake"), path), leaf.shape, { deviation: 0.1 }));
    return { at: { params: map(shake, params), x: input(shape) }, state };
  });
}

/** Gives the mode of a test. */
export function modeOf({ key: base = key(0), mode = "train" }: PointOptions): Mode {
  if (mode === "train") return trainMode(fold(base, "mode"));
  if (mode === "eval") return evalMode;
  throw new ArgumentError(`Cannot test in mode "${mode}": need "train" or "eval"`);
}

/** Gives the sum of the output with random weights, as a function of parameters and input. */
export function weightedSum(
  layer: Layer,
  state: Tree,
  options: PointOptions,
): (at: Point["at"]) => Scalar {
  const mode = modeOf(options);
  return ({ params, x }) => {
    const [y] = layer.apply({ params, state }, x, mode);
    return sum(mul(y, weightsOf(y.shape, options)));
  };
}

/** The random weights of an output. */
export function weightsOf(shape: Shape, { key: base = key(0) }: PointOptions): Tensor {
  return normal(fold(base, "weights"), shape);
}
