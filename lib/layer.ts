/**
 * A layer is a frozen pair of pure functions: `init(key, shape)` gives fresh parameters, state and
 * the shape that comes out, and reports every mistake; `apply({ params, state }, x, mode)` gives
 * `[y, nextState]` and does nothing else. Everything in fplusx is a function that returns a layer.
 *
 * @module
 */

import { within } from "./errors.ts";
import { abstractKey, fold, type Key } from "./key.ts";
import { tidy } from "./ops.ts";
import { type Shape, sizeOf, type Tensor } from "./tensor.ts";
import { type Empty, empty, leaves, type Tree } from "./tree.ts";

/** What a layer learns (`params`) and what it remembers (`state`). */
export type Variables<P extends Tree = Tree, S extends Tree = Tree> = {
  /** Learned by gradients. */
  readonly params: P;
  /** Changed by `apply` in train mode, for example running averages. */
  readonly state: S;
};

/** One part of a model as `init` found it, for summaries and cost accounting. */
export type Part = {
  /** Name inside its parent. */
  readonly name: string;
  /** Which layer it is, for example `conv`. */
  readonly kind: string;
  /** Shape that goes in. */
  readonly input: Shape;
  /** Shape that comes out. */
  readonly output: Shape;
  /** Number of parameters, those of its parts included. */
  readonly parameters: number;
  /** Number of values in its state, those of its parts included. */
  readonly buffers: number;
  /** Multiply-adds for one example, those of its parts included. */
  readonly multiplyAdds: number;
  /** The parts it is made of. */
  readonly parts: readonly Part[];
};

/** What `init` gives: variables, the shape that comes out, and what the layer costs. */
export type Init<P extends Tree = Tree, S extends Tree = Tree> = Variables<P, S> & {
  /** Shape that comes out. */
  readonly shape: Shape;
  /** Multiply-adds for one example; 0 when absent. */
  readonly multiplyAdds?: number;
  /** The parts of a combinator. */
  readonly parts?: readonly Part[];
};

/** Sees the output of every part of a model, by path. */
export type Tap = {
  /** Path of the part that is being applied. */
  readonly path: string;
  /** Is called with each output, which is borrowed. */
  readonly visit: (path: string, y: Tensor) => void;
};

/** Whether a layer trains, with a key for what it draws, or evaluates. */
export type Mode =
  | {
    /** Batch statistics, dropout and the like are on. */
    readonly kind: "train";
    /** What random layers draw from. */
    readonly key: Key;
    /** Normalisations remember mean and biased variance of this batch alone, not running averages. */
    readonly moments?: boolean;
    /** Sees every output. */
    readonly tap?: Tap;
  }
  | {
    /** State stays as it is and nothing is drawn. */
    readonly kind: "eval";
    /** Sees every output. */
    readonly tap?: Tap;
  };

/** The mode for evaluation. */
export const evalMode: Mode = Object.freeze({ kind: "eval" });

/** Gives the mode for training, with the key that random layers draw from. */
export function trainMode(key: Key): Mode {
  return { kind: "train", key };
}

/**
 * A pair of pure functions over parameter trees.
 *
 * @typeParam P Type of the parameter tree.
 * @typeParam S Type of the state tree.
 */
export interface Layer<P extends Tree = Tree, S extends Tree = Tree> {
  /** Which layer it is, for summaries. */
  readonly kind: string;
  /**
   * Makes fresh variables for inputs of `shape`.
   *
   * @throws {ShapeError} If the layer cannot take `shape`.
   */
  init(key: Key, shape: Shape): Init<P, S>;
  /** Gives the output and the next state; borrows what it is given. */
  apply(variables: Variables<P, S>, x: Tensor, mode: Mode): [y: Tensor, next: S];
}

/** The type of the parameters of a layer, or of each layer in a tuple or record. */
export type ParamsOf<L> = (L extends Layer<infer P, infer _> ? P
  : { readonly [K in keyof L]: ParamsOf<L[K]> }) extends infer T extends Tree ? T : never;

/** The type of the state of a layer, or of each layer in a tuple or record. */
export type StateOf<L> = (L extends Layer<infer _, infer S> ? S
  : { readonly [K in keyof L]: StateOf<L[K]> }) extends infer T extends Tree ? T : never;

/**
 * Makes a layer: freezes it, and lets go of what its functions make but do not return.
 *
 * @example A layer that counts its training batches
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, layer, ones, ops, setup, trainMode, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const counter = layer({
 *   kind: "counter",
 *   init: (_key, shape) => ({ params: [], state: { count: zeros([]) }, shape }),
 *   apply: ({ state }, x, mode) => [
 *     ops.clone(x),
 *     mode.kind === "train" ? { count: ops.add(state.count, 1) } : state,
 *   ],
 * });
 * const variables = counter.init(key(0), [1, 2]);
 * const [, next] = counter.apply(variables, ones([1, 2]), trainMode(key(0)));
 * assertEquals([...await next.count.data()], [1]);
 * ```
 */
export function layer<P extends Tree, S extends Tree>(definition: Layer<P, S>): Layer<P, S> {
  return Object.freeze<Layer<P, S>>({
    kind: definition.kind,
    init: (key, shape) => tidy(() => definition.init(key, shape)),
    apply: (variables, x, mode) => tidy(() => definition.apply(variables, x, mode)),
  });
}

/** A layer without state, as {@linkcode stateless} takes it. */
export interface StatelessDefinition<P extends Tree> {
  /** Which layer it is, for summaries. */
  readonly kind: string;
  /** Makes fresh parameters for inputs of `shape`. */
  init(key: Key, shape: Shape): {
    /** Learned by gradients. */
    readonly params: P;
    /** Shape that comes out. */
    readonly shape: Shape;
    /** Multiply-adds for one example; 0 when absent. */
    readonly multiplyAdds?: number;
  };
  /** Gives the output. */
  apply(params: P, x: Tensor, mode: Mode): Tensor;
}

/** Makes a layer that has no state. */
export function stateless<P extends Tree>(definition: StatelessDefinition<P>): Layer<P, Empty> {
  return layer<P, Empty>({
    kind: definition.kind,
    init: (key, shape) => ({ ...definition.init(key, shape), state: empty }),
    apply: ({ params }, x, mode) => [definition.apply(params, x, mode), empty],
  });
}

/** Makes a layer from a function that keeps the shape and has neither parameters nor state. */
export function elementwise(
  kind: string,
  f: (x: Tensor, mode: Mode) => Tensor,
): Layer<Empty, Empty> {
  return stateless<Empty>({
    kind,
    init: (_key, shape) => ({ params: empty, shape }),
    apply: (_params, x, mode) => f(x, mode),
  });
}

/** Gives the mode for a part: its own key and its own path. */
export function partMode(mode: Mode, name: string): Mode {
  const tap = mode.tap && { ...mode.tap, path: mode.tap.path ? `${mode.tap.path}.${name}` : name };
  const base = mode.kind === "train" ? { ...mode, key: fold(mode.key, name) } : mode;
  return tap ? { ...base, tap } : base;
}

/** Initialises a part of a combinator: its own key, its name in errors, and its entry in the account. */
export function initPart<P extends Tree, S extends Tree>(
  name: string,
  layer: Layer<P, S>,
  key: Key,
  shape: Shape,
): Init<P, S> & { readonly part: Part } {
  const init = within(name, () => layer.init(fold(key, name), shape));
  return { ...init, part: partOf(name, layer, shape, init) };
}

function partOf(name: string, layer: Layer, input: Shape, init: Init): Part {
  return {
    name,
    kind: layer.kind,
    input,
    output: init.shape,
    parameters: countOf(init.params),
    buffers: countOf(init.state),
    multiplyAdds: init.multiplyAdds ?? 0,
    parts: init.parts ?? [],
  };
}

function countOf(tree: Tree): number {
  return leaves(tree).reduce((sum, leaf) => sum + sizeOf(leaf.shape), 0);
}

/** Applies a part of a combinator: its own key, its name in errors, and a visit of the tap. */
export function applyPart<P extends Tree, S extends Tree>(
  name: string,
  layer: Layer<P, S>,
  variables: Variables<P, S>,
  x: Tensor,
  mode: Mode,
): [y: Tensor, next: S] {
  const inner = partMode(mode, name);
  const result = within(name, () => layer.apply(variables, x, inner));
  inner.tap?.visit(inner.tap.path, result[0]);
  return result;
}

/** Describes a layer for inputs of `shape`, part by part, without touching a device. */
export function describe(layer: Layer, shape: Shape, name = ""): Part {
  return partOf(name, layer, shape, layer.init(abstractKey, shape));
}
