/**
 * Differentiation of functions of whole trees. `valueAndGrad(f)` is a function that gives what `f`
 * gives and the gradient, a tree of the structure of the first argument. What comes out is owned by
 * the caller; everything in between is let go.
 *
 * @module
 */

import { ShapeError, showShape, TreeError } from "./errors.ts";
import { clone, keep, zerosLike } from "./ops.ts";
import { isTensor, type Scalar, type Tensor } from "./tensor.ts";
import { tf } from "./tfjs.ts";
import { type Selector, selects } from "./path.ts";
import { entries, map, rebuild, type Tree } from "./tree.ts";

/** What {@linkcode valueAndGrad} and {@linkcode grad} differentiate. */
export interface GradOptions {
  /** Which leaves of the first argument to differentiate; the gradient of the others is zero. */
  readonly select?: Selector;
}

/** Options of {@linkcode valueAndGrad} for a function that also returns something else. */
export interface AuxGradOptions extends GradOptions {
  /** Says that the function returns `[value, aux]`, where `aux` is a tree. */
  readonly aux: true;
}

/**
 * Gives a function that returns the value of `f` and its gradient by the first argument.
 *
 * @throws {ShapeError} If the value is not a scalar.
 * @throws {TreeError} From a call, if there is no tensor to differentiate by.
 *
 * @example The gradient of a sum of squares is twice the argument
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ops, setup, tensor, valueAndGrad } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const f = ({ w }: { w: ReturnType<typeof tensor> }) => ops.sum(ops.square(w));
 * const [value, gradient] = valueAndGrad(f)({ w: tensor([1, 2, 3]) });
 * assertEquals([...await value.data()], [14]);
 * assertEquals([...await gradient.w.data()], [2, 4, 6]);
 * ```
 */
export function valueAndGrad<P extends Tree, R extends readonly unknown[]>(
  f: (params: P, ...rest: R) => Scalar,
  options?: GradOptions,
): (params: P, ...rest: R) => [value: Scalar, gradient: P];
/** Gives a function that returns what `f` gives, `[value, aux]`, and the gradient of the value. */
export function valueAndGrad<P extends Tree, A extends Tree, R extends readonly unknown[]>(
  f: (params: P, ...rest: R) => readonly [Scalar, A],
  options: AuxGradOptions,
): (params: P, ...rest: R) => [valueAndAux: [value: Scalar, aux: A], gradient: P];
export function valueAndGrad<P extends Tree, R extends readonly unknown[]>(
  f: (params: P, ...rest: R) => Scalar | readonly [Scalar, Tree],
  options: GradOptions & { readonly aux?: true } = {},
): (params: P, ...rest: R) => [Scalar | [Scalar, Tree], P] {
  const { select = "**", aux = false } = options;
  return (params, ...rest) => {
    const all = entries(params);
    const chosen = all.filter(([path]) => selects(select, path)).map(([, leaf]) => leaf);
    if (chosen.length === 0) {
      throw new TreeError(
        "Cannot take a gradient by nothing: need a tree with tensors to take it by",
      );
    }
    let extra: Tree = [];
    const forward = () => {
      const result = f(params, ...rest);
      const [value, more] = isTensor(result) ? [result, []] : result;
      checkScalar(value);
      // The tape lets go of all but the value, so what else comes out needs handles of its own.
      extra = map((leaf) => keep(clone(leaf)), more);
      return value;
    };
    const { value, grads } = runTape(forward, chosen);
    const owned = map((leaf) => {
      const handle = clone(leaf);
      leaf.dispose();
      return handle;
    }, extra);
    const found = new Map(chosen.map((leaf, i) => [leaf, grads[i] as unknown as Tensor | null]));
    const gradient = rebuild(params, all.map(([, leaf]) => found.get(leaf) ?? zerosLike(leaf)));
    const y = value as unknown as Scalar;
    return [aux ? [y, owned] : y, gradient];
  };
}

/** Gives a function that returns the gradient of `f` by its first argument. */
export function grad<P extends Tree, R extends readonly unknown[]>(
  f: (params: P, ...rest: R) => Scalar,
  options: GradOptions = {},
): (params: P, ...rest: R) => P {
  const both = valueAndGrad(f, options);
  return (params, ...rest) => {
    const [value, gradient] = both(params, ...rest);
    value.dispose();
    return gradient;
  };
}

/** Runs a function on the tape and goes back along it; one that throws leaves nothing on the tape. */
function runTape(forward: () => Tensor, by: readonly Tensor[]) {
  const { state } = tf.engine();
  const [f, xs] = [forward as unknown as () => tf.Scalar, by as unknown as tf.Tensor[]];
  // A hand-made gradient may take another on the way back, which would drop the tape it is part of.
  const around = state.gradientDepth === 0 ? state.activeTape : undefined;
  try {
    return tf.engine().gradients(f, xs, undefined, true);
  } catch (error) {
    if (state.gradientDepth === 0) {
      for (const { saved } of state.activeTape ?? []) saved?.forEach((x) => x.dispose());
      state.activeTape = [];
    }
    throw error;
  } finally {
    if (around) state.activeTape = around;
  }
}

function checkScalar(value: Tensor): void {
  if (value.shape.length === 0) return;
  throw new ShapeError(
    `Cannot differentiate a value of shape ${showShape(value.shape)}: need a scalar`,
  );
}

/** Gives the values of `x` as a constant: no gradient flows through. */
export function stopGradient(x: Tensor): Tensor {
  return untracked(() => clone(x));
}

/** Runs `f` so that no gradient flows through what it computes. */
export function untracked<T>(f: () => T): T {
  const { state } = tf.engine();
  // The tape records nothing inside a kernel.
  state.kernelDepth++;
  try {
    return f();
  } finally {
    state.kernelDepth--;
  }
}

/** Number of gradients that are being taken around this code: 0 outside, 2 in one of another. */
export function gradientDepth(): number {
  return tf.engine().state.gradientDepth;
}

/**
 * Makes an operation whose gradient is given by hand.
 *
 * @param forward Gives the value and the tensors that the gradient needs.
 * @param backward Gives the gradient by each input, from that of the value and what was saved.
 *
 * @example A gradient that is clipped on its way back
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { customGrad, grad, ops, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const clipped = customGrad(
 *   (x) => [ops.clone(x), []],
 *   (dy) => [ops.clip(dy, -1, 1)],
 * );
 * const f = ([x]: [ReturnType<typeof tensor>]) => ops.sum(ops.mul(clipped(x), 10));
 * const [gradient] = grad(f)([tensor([1, 2])]);
 * assertEquals([...await gradient.data()], [1, 1]);
 * ```
 */
export function customGrad(
  forward: (...inputs: Tensor[]) => [value: Tensor, saved: readonly Tensor[]],
  backward: (dy: Tensor, saved: readonly Tensor[]) => readonly Tensor[],
): (...inputs: Tensor[]) => Tensor {
  const native = tf.customGrad(
    ((...args: unknown[]) => {
      const save = args.at(-1) as (saved: readonly Tensor[]) => void;
      const [value, saved] = forward(...args.slice(0, -1) as Tensor[]);
      save(saved);
      return {
        value,
        gradFunc: (dy: Tensor, saved: Tensor | Tensor[]) =>
          backward(dy, Array.isArray(saved) ? saved : [saved]),
      };
    }) as unknown as Parameters<typeof tf.customGrad>[0],
  );
  return native as unknown as (...inputs: Tensor[]) => Tensor;
}
