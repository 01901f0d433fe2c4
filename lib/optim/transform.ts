/**
 * An optimizer is a chain of gradient transformations. Each is a frozen pair of pure functions, like
 * a layer: `init(params)` gives a state and `update(updates, state, context)` gives
 * `[updates, nextState]`. The first in a chain sees the gradient; what the last gives is added to
 * the parameters. Whatever changes from step to step is a tensor, so that a step can be recorded.
 *
 * @module
 */

import { add, addScaled, sub, tidy, where } from "../ops.ts";
import type { Scalar, Tensor } from "../tensor.ts";
import { type Empty, empty, type Tree, zip } from "../tree.ts";
import { checkFit } from "./fit.ts";

/** What a transformation may look at besides the updates. */
export type UpdateContext = {
  /** The parameters before the step. */
  readonly params: Tree;
  /** The learning rate of this step. */
  readonly learningRate: Scalar;
  /** What else changes from step to step, by name: the `seed`, and hyper-parameters that follow schedules. */
  readonly knobs?: Readonly<Record<string, Scalar>>;
};

/**
 * A pair of pure functions that turns updates into other updates.
 *
 * @typeParam S Type of the state.
 */
export interface GradientTransformation<S extends Tree = Tree> {
  /** Which transformation it is; names its state in a {@linkcode chain}. */
  readonly kind: string;
  /** Gives the state before the first step. */
  init(params: Tree): S;
  /** Gives new updates and the next state; borrows what it is given. */
  update<U extends Tree>(updates: U, state: S, context: UpdateContext): [updates: U, next: S];
}

/**
 * Makes a gradient transformation: freezes it, checks what comes in, and lets go of what its
 * functions make but do not return. None of the updates it returns is a tensor that it was given;
 * some may be tensors of the next state, so `release(updates, next)` lets go of them.
 *
 * @throws {TreeError} From `update`, if the updates have other paths than the parameters; names all.
 * @throws {ShapeError} From `update`, if a leaf of the updates has another shape than its parameter.
 *
 * @example A transformation of one's own: the sign of the gradient
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { empty, map, ops, scalar, setup, tensor, transformation } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const signs = transformation({
 *   kind: "signs",
 *   init: () => empty,
 *   update: (updates, state) => [map(ops.sign, updates), state],
 * });
 * const params = [tensor([1, 1])] as const;
 * const context = { params, learningRate: scalar(0.1) };
 * const [[y]] = signs.update([tensor([-3, 5])] as const, empty, context);
 * assertEquals([...await y.data()], [-1, 1]);
 * ```
 */
export function transformation<S extends Tree>(
  definition: GradientTransformation<S>,
): GradientTransformation<S> {
  return Object.freeze<GradientTransformation<S>>({
    kind: definition.kind,
    init: (params) => tidy(() => definition.init(params)),
    update: (updates, state, context) =>
      tidy(() => {
        checkFit(updates, context.params);
        return definition.update(updates, state, context);
      }),
  });
}

/**
 * Makes a transformation that remembers nothing from a function of the updates.
 *
 * @example Gradients of the size of their parameters
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { empty, ops, scalar, setup, statelessTransformation, tensor, zip } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const relative = statelessTransformation("relative", (updates, { params }) =>
 *   zip(([update, param]) => ops.mul(update!, ops.abs(param!)), updates, params));
 * const context = { params: tensor([-3]), learningRate: scalar(1) };
 * const [y] = relative.update(tensor([2]), empty, context);
 * assertEquals([...await y.data()], [6]);
 * ```
 */
export function statelessTransformation(
  kind: string,
  f: <U extends Tree>(updates: U, context: UpdateContext) => U,
): GradientTransformation<Empty> {
  return transformation<Empty>({
    kind,
    init: () => empty,
    update: (updates, state, context) => [f(updates, context), state],
  });
}

/**
 * Gives the parameters after a step: each with its update added.
 *
 * @throws {TreeError} If the trees differ in structure.
 *
 * @example Going down by hand
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyUpdates, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const next = applyUpdates({ w: tensor([1, 2]) }, { w: tensor([-1, 0.5]) });
 * assertEquals([...await next.w.data()], [0, 2.5]);
 * ```
 */
export function applyUpdates<P extends Tree>(params: P, updates: Tree): P {
  return zip(([param, update]) => add(param!, update!), params, updates);
}

/** Takes a whole step of an optimizer, parameters included, in one go; gives nothing where it cannot. */
export type Shortcut<S extends Tree> = (
  gradient: Tree,
  state: S,
  context: UpdateContext,
) => [params: Tree, next: S] | undefined;

// Beside the optimizers and not in them, so that a changed copy (`{ ...sgd(), update }`) has none.
const shortcuts = new WeakMap<object, Shortcut<Tree>>();

/** Gives the optimizer, which takes its steps by a shortcut from now on. */
export function withShortcut<S extends Tree>(
  optimizer: GradientTransformation<S>,
  shortcut: Shortcut<S>,
): GradientTransformation<S> {
  // It is only given states of its optimizer.
  shortcuts.set(optimizer, shortcut as unknown as Shortcut<Tree>);
  return optimizer;
}

/** Tells whether an optimizer may take its steps by a shortcut. */
export function hasShortcut(optimizer: GradientTransformation): boolean {
  return shortcuts.has(optimizer);
}

/**
 * Takes one step of an optimizer: transforms the gradient and adds what comes out to the parameters.
 *
 * @throws {TreeError} If the gradient has other paths than the parameters; names all of them.
 *
 * @example Three steps down a parabola
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyGradient, grad, ops, scalar, setup, sgd, tensor, type Tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const slope = grad(({ w }: { w: Tensor }) => ops.sum(ops.square(w)));
 * const optimizer = sgd();
 * let params = { w: tensor([8]) };
 * let state = optimizer.init(params);
 * const learningRate = scalar(0.25);
 * for (let step = 0; step < 3; step++) {
 *   [params, state] = applyGradient(optimizer, slope(params), state, { params, learningRate });
 * }
 * assertEquals([...await params.w.data()], [1]);
 * ```
 */
export function applyGradient<P extends Tree, S extends Tree>(
  optimizer: GradientTransformation<S>,
  gradient: P,
  state: S,
  context: UpdateContext & { readonly params: P },
): [params: P, next: S] {
  return tidy(() => {
    const shortcut = shortcuts.get(optimizer);
    if (shortcut !== undefined) {
      checkFit(gradient, context.params);
      const made = shortcut(gradient, state, context);
      // What it gives has the types of what it was given.
      if (made !== undefined) return made as [params: P, next: S];
    }
    const [updates, next] = optimizer.update(gradient, state, context);
    return [applyUpdates(context.params, updates), next];
  });
}

export { addScaled };

/** Goes from `x` towards `target` by a share of the way: one turn of a running average. */
export function approach(x: Tensor, target: Tensor, share: Scalar): Tensor {
  return addScaled(x, sub(target, x), share);
}

/** Gives `a` if the condition, a scalar, holds, and else `b`: both are computed, so a recording replays. */
export function choose<T extends Tree>(condition: Scalar, a: T, b: T): T {
  return zip(([x, y]) => where(condition, x!, y!), a, b);
}
