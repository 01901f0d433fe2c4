/**
 * Different transformations for different parameters: each leaf belongs to the first part that
 * includes it.
 *
 * @module
 */

import { TreeError } from "../errors.ts";
import { entries, leaves, rebuild, type Tree } from "../tree.ts";
import { checkNames, type MemoryOf } from "./chain.ts";
import { includes, type Mask, only } from "./mask.ts";
import {
  applyGradient,
  type GradientTransformation,
  transformation,
  type UpdateContext,
  withShortcut,
} from "./transform.ts";

/** The parts of a {@linkcode partition}: a mask and a transformation, by name. */
export type PartitionParts = Readonly<Record<string, readonly [Mask, GradientTransformation]>>;

/** The states of the parts, by name. */
export type PartitionState<P extends PartitionParts> = MemoryOf<
  { readonly [K in keyof P]: P[K][1] }
>;

/**
 * Gives the transformation that hands each leaf to the first part whose mask includes it. What sees all
 * leaves at once, as a clip of the global norm, sees those of its part.
 *
 * @throws {ArgumentError} If a name is an integer.
 * @throws {TreeError} From `init` and `update`, if a parameter is in no part; names all of them.
 *
 * @example A fresh head learns ten times as fast as the body
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyGradient, chain, partition, scalar, scale, setup, sgd, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = partition({
 *   head: ["fc.**", chain(scale(10), sgd())],
 *   body: ["**", sgd()],
 * });
 * const params = { conv: tensor([0]), fc: { weight: tensor([0]) } };
 * const gradient = { conv: tensor([-1]), fc: { weight: tensor([-1]) } };
 * const [{ conv, fc }] = applyGradient(optimizer, gradient, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.5),
 * });
 * assertEquals([...await conv.data(), ...await fc.weight.data()], [0.5, 5]);
 * ```
 */
export function partition<const P extends PartitionParts>(
  parts: P,
): GradientTransformation<PartitionState<P>> {
  checkNames("partition", parts);
  const names = Object.keys(parts);
  const shares = Object.values(parts);
  /** Lets each part act on its share; the loops build the records that the type describes. */
  const each = (act: Act) =>
  <U extends Tree>(
    updates: U,
    state: PartitionState<P>,
    context: UpdateContext,
  ): [U, PartitionState<P>] => {
    const owners = ownersOf(shares, context.params);
    const next: Record<string, Tree> = {};
    const found = shares.map(([, part], k) => {
      const memory = (state as Readonly<Record<string, Tree>>)[names[k]!]!;
      const params = share(context.params, owners, k);
      const own = { ...context, params };
      const [some, after] = act(part, share(updates, owners, k), memory, own);
      next[names[k]!] = after;
      return leaves(some)[Symbol.iterator]();
    });
    const all = owners.map((owner) => found[owner]!.next().value!);
    return [rebuild(updates, all), Object.freeze(next) as PartitionState<P>];
  };
  const whole = transformation<PartitionState<P>>({
    kind: "partition",
    init: (params) => {
      const owners = ownersOf(shares, params);
      const states = shares.map(([, part], k) => part.init(share(params, owners, k)));
      return Object.freeze(
        Object.fromEntries(names.map((name, k) => [name, states[k]!])),
      ) as PartitionState<P>;
    },
    update: each((part, ...given) => part.update(...given)),
  });
  return withShortcut(whole, each(applyGradient));
}

/** What a part does with its share: gives updates, or parameters after the step. */
type Act = (
  part: GradientTransformation,
  updates: Tree,
  state: Tree,
  context: UpdateContext,
) => [tree: Tree, next: Tree];

/** The number of the part of each leaf, in order. */
function ownersOf(parts: readonly (readonly [Mask, unknown])[], params: Tree): number[] {
  const all = entries(params);
  const owners = all.map(([path, param]) =>
    parts.findIndex(([mask]) => includes(mask, path, param))
  );
  const missing = all.filter((_, i) => owners[i] === -1).map(([path]) => `"${path}"`);
  if (missing.length === 0) return owners;
  throw new TreeError(`Cannot partition parameters: no part includes ${missing.join(", ")}`);
}

function share(tree: Tree, owners: readonly number[], part: number): Tree {
  return only(tree, owners.map((owner) => owner === part));
}
