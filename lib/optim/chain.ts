/**
 * Transformations one after the other. The state of a chain is a record of the states of its parts
 * by their kind, so that a checkpoint says what it holds (`optimizer.trace.fc.weight`) and stays
 * good when a part without state is added.
 *
 * @module
 */

import { clone } from "../ops.ts";
import { map, type Tree } from "../tree.ts";
import { type GradientTransformation, transformation } from "./transform.ts";

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
  const names = namesOf(parts);
  return transformation<ChainState>({
    kind: "chain",
    init: (params) =>
      Object.freeze(Object.fromEntries(parts.map((part, i) => [names[i]!, part.init(params)]))),
    update: (updates, state, context) => {
      const next: Record<string, Tree> = {};
      let current = parts.length === 0 ? map(clone, updates) : updates;
      parts.forEach((part, i) => {
        [current, next[names[i]!]] = part.update(current, state[names[i]!]!, context);
      });
      return [current, Object.freeze(next)];
    },
  });
}

function namesOf(parts: readonly GradientTransformation[]): string[] {
  return parts.map(({ kind }, i) => {
    const before = parts.slice(0, i).filter((part) => part.kind === kind).length;
    return before === 0 ? kind : `${kind}${before + 1}`;
  });
}
