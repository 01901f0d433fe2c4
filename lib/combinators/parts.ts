/**
 * What all combinators share: their parts come as a tuple or a record of layers, and the variables
 * of the whole are a tuple or record of the same form. Here is the one place where a loop builds
 * what a mapped type describes, hence the casts.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import type { Init, Layer, Part, Variables } from "../layer.ts";
import type { Tree } from "../tree.ts";

/** The parts of a combinator: a tuple or a record of layers. */
export type Layers = readonly Layer[] | Readonly<Record<string, Layer>>;

/** What `initPart` gives. */
export type PartInit = Init & { readonly part: Part };

/** Lists the parts with their names: `0`, `1`, … in a tuple. */
export function partsOf(layers: Layers): [name: string, layer: Layer][] {
  return Object.entries(layers);
}

/** Refuses names that would change the order of the parts, or that paths cannot hold. */
export function checkNames(layers: Layers): void {
  if (Array.isArray(layers)) return;
  for (const name of Object.keys(layers)) {
    if (/^(0|[1-9]\d*)$/.test(name)) {
      throw new ArgumentError(
        `Cannot name a part "${name}": JavaScript moves names that are integers to the front`,
      );
    }
    if (name === "" || name.includes(".")) {
      throw new ArgumentError(
        `Cannot name a part "${name}": need a name that is not empty and has no dot`,
      );
    }
  }
}

/** Gives the variables of one part. */
export function variablesOf({ params, state }: Variables, name: string): Variables {
  return { params: child(params, name), state: child(state, name) };
}

function child(tree: Tree, name: string): Tree {
  return (tree as Readonly<Record<string, Tree>>)[name]!;
}

/** Gives a tuple or record like `layers` of one value for each part. */
export function collect<T extends Tree>(layers: Layers, values: readonly Tree[]): T {
  const tree = Array.isArray(layers)
    ? values
    : Object.fromEntries(Object.keys(layers).map((name, i) => [name, values[i]!]));
  return Object.freeze(tree) as T;
}

/** Gives the next state of the whole: `state` itself when no part changed. */
export function nextState<S extends Tree>(layers: Layers, state: S, next: readonly Tree[]): S {
  const same = partsOf(layers).every(([name], i) => child(state, name) === next[i]);
  return same ? state : collect(layers, next);
}

/** Gives the variables and costs of the whole from those of its parts. */
export function collectInits<P extends Tree, S extends Tree>(
  layers: Layers,
  inits: readonly PartInit[],
): Variables<P, S> & { readonly multiplyAdds: number; readonly parts: readonly Part[] } {
  return {
    params: collect(layers, inits.map(({ params }) => params)),
    state: collect(layers, inits.map(({ state }) => state)),
    multiplyAdds: inits.reduce((sum, { multiplyAdds = 0 }) => sum + multiplyAdds, 0),
    parts: inits.map(({ part }) => part),
  };
}
