/**
 * The idea this library is named after: y = F(x) + x. A block learns what to add to its input, so
 * that doing nothing is easy and depth costs nothing.
 *
 * He et al., *Deep residual learning for image recognition* (CVPR 2016), arXiv:1512.03385.
 *
 * @module
 */

import { applyPart, initPart, type Layer, layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import { rectifiedOf } from "../layers/rectified.ts";
import { identity } from "../layers/shape.ts";
import { type Empty, empty, type Tree } from "../tree.ts";
import { branches } from "./branches.ts";
import { wrapping } from "./composition.ts";

/** Variables of {@linkcode residual}: those of its two branches. */
export type Branches<B extends Tree = Tree, S extends Tree = Empty> = {
  /** Of the body F. */
  readonly body: B;
  /** Of the shortcut; nothing for the identity. */
  readonly shortcut: S;
};

/** Options of {@linkcode residual}. */
export interface ResidualOptions {
  /** Is applied to the sum, as in the paper's blocks; nothing by default. */
  readonly activation?: Layer<Empty, Empty>;
}

/**
 * Adds what `body` gives to the input, or to what `shortcut` makes of it where the body changes the
 * shape.
 *
 * @throws {ShapeError} If the branches give different shapes; comes from `init`.
 *
 * @example A body that gives zero leaves the input as it is
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { elementwise, evalMode, key, ops, residual, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const block = residual(elementwise("zero", (x) => ops.zerosLike(x)));
 * const x = tensor([1, 2], [1, 2]);
 * const [y] = block.apply(block.init(key(0), [1, 2]), x, evalMode);
 * assertEquals([...await y.data()], [1, 2]);
 * ```
 */
export function residual<
  P extends Tree,
  S extends Tree,
  Q extends Tree = Empty,
  R extends Tree = Empty,
>(
  body: Layer<P, S>,
  // With the default, Q and R are Empty; the compiler does not see that.
  shortcut: Layer<Q, R> = identity as unknown as Layer<Q, R>,
  options: ResidualOptions = {},
): Layer<Branches<P, Q>, Branches<S, R>> {
  const sum = branches<Branches<P, Q>, Branches<S, R>>(
    "residual",
    "residual branches",
    { body, shortcut },
    "sum",
  );
  return options.activation === undefined ? sum : activated(sum, options.activation);
}

/** Applies an activation to what a layer gives, without a place of its own in the variables. */
function activated<P extends Tree, S extends Tree>(
  inner: Layer<P, S>,
  activation: Layer<Empty, Empty>,
): Layer<P, S> {
  const whole = layer<P, S>({
    kind: inner.kind,
    init(key, shape) {
      const init = inner.init(key, shape);
      const { part } = initPart("activation", activation, key, init.shape);
      return { ...init, parts: [...init.parts ?? [], part] };
    },
    apply(variables, x, mode) {
      const rectified = activation === relu ? rectifiedOf(inner, mode) : undefined;
      if (rectified !== undefined) return rectified(variables, x, mode);
      const [sum, next] = inner.apply(variables, x, mode);
      const nothing = { params: empty, state: empty };
      return [applyPart("activation", activation, nothing, sum, mode)[0], next];
    },
  });
  return wrapping(whole, inner, (other) => activated(other, activation));
}
