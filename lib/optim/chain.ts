/**
 * Transformations one after the other. The state of a chain is a record of the states of its parts
 * by name, so that a checkpoint says what it holds (`optimizer.trace.fc.weight`) and stays good when
 * a part without state is added. `chain` names its parts by their kind, which is enough to save and
 * load; `namedChain` is for those who look inside: its state has the names, and the types, that the
 * parts were given.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { clone } from "../ops.ts";
import { map, type Tree } from "../tree.ts";
import {
  applyGradient,
  type GradientTransformation,
  hasShortcut,
  transformation,
  type UpdateContext,
  withShortcut,
} from "./transform.ts";

/** The states of the parts of a {@linkcode chain}, by kind. */
export type ChainState = { readonly [kind: string]: Tree };

/**
 * Gives the transformation that applies several, in order; a part of a kind that came before is
 * counted (`trace`, `trace2`).
 *
 * @example Clipping before momentum
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chain, clipByGlobalNorm, entries, setup, sgd, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = chain(clipByGlobalNorm(1), sgd({ momentum: 0.9 }));
 * const state = optimizer.init({ fc: { weight: zeros([2, 3]) } });
 * assertEquals(entries(state).map(([path]) => path), ["sgd.trace.fc.weight"]);
 * ```
 */
export function chain(
  ...parts: readonly GradientTransformation[]
): GradientTransformation<ChainState> {
  const kinds = parts.map(({ kind }) => kind);
  return series(
    "chain",
    parts.map((part, i) => {
      const before = kinds.slice(0, i).filter((kind) => kind === part.kind).length;
      return [before === 0 ? part.kind : `${part.kind}${before + 1}`, part];
    }),
  );
}

/** The type of the state of a transformation, or of each in a record. */
export type MemoryOf<T> = (T extends GradientTransformation<infer S> ? S
  : { readonly [K in keyof T]: MemoryOf<T[K]> }) extends infer M extends Tree ? M : never;

/**
 * Gives the transformation that applies several, in the order in which they are written, and keeps
 * their states by the names that they are given.
 *
 * @throws {ArgumentError} If a name is an integer.
 *
 * @example Looking at the momentum
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { namedChain, scalar, scaleByLearningRate, setup, tensor, trace } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = namedChain({ inertia: trace(0.9), rate: scaleByLearningRate() });
 * const params = { w: tensor([1]) };
 * const context = { params, learningRate: scalar(0.5) };
 * const [{ w }, { inertia }] = optimizer.update({ w: tensor([4]) }, optimizer.init(params), context);
 * assertEquals([...await w.data()], [-2]);
 * assertEquals(Object.keys(inertia), ["w"]);
 * ```
 */
export function namedChain<const T extends Readonly<Record<string, GradientTransformation>>>(
  parts: T,
): GradientTransformation<MemoryOf<T>> {
  checkNames("chain", parts);
  return series<MemoryOf<T>>("namedChain", Object.entries(parts));
}

/** Refuses names that would change the order of the parts. */
export function checkNames(what: string, parts: Readonly<Record<string, unknown>>): void {
  const name = Object.keys(parts).find((name) => /^(0|[1-9]\d*)$/.test(name));
  if (name === undefined) return;
  throw new ArgumentError(
    `Cannot name a part of a ${what} "${name}": JavaScript moves names that are integers to the front`,
  );
}

function series<S extends Tree>(
  kind: string,
  parts: readonly (readonly [name: string, part: GradientTransformation])[],
): GradientTransformation<S> {
  // The loop builds the record that the type of the parts describes, hence the casts.
  const through = <U extends Tree>(
    some: typeof parts,
    updates: U,
    state: S,
    context: UpdateContext,
  ): [updates: U, next: Record<string, Tree>] => {
    const next: Record<string, Tree> = {};
    for (const [name, part] of some) {
      [updates, next[name]] = part.update(updates, (state as ChainState)[name]!, context);
    }
    return [updates, next];
  };
  const whole = transformation<S>({
    kind,
    init: (params) =>
      Object.freeze(
        Object.fromEntries(parts.map(([name, part]) => [name, part.init(params)])),
      ) as S,
    update: (updates, state, context) => {
      const start = parts.length === 0 ? map(clone, updates) : updates;
      const [end, next] = through(parts, start, state, context);
      return [end, Object.freeze(next) as Tree as S];
    },
  });
  const [name, last] = parts.at(-1) ?? [];
  if (last === undefined || !hasShortcut(last)) return whole;
  return withShortcut(whole, (gradient, state, context) => {
    const [direction, next] = through(parts.slice(0, -1), gradient, state, context);
    const memory = (state as ChainState)[name!]!;
    const [params, after] = applyGradient(last, direction, memory, context);
    return [params, Object.freeze({ ...next, [name!]: after }) as Tree as S];
  });
}
