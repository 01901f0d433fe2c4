/**
 * Networks that are changed after training: blocks left out, or put in another order. A residual network
 * is an ensemble of paths, and takes it; in a plain one every path is cut.
 *
 * Veit, Wilber and Belongie, [Residual networks behave like ensembles of relatively shallow
 * networks](https://arxiv.org/abs/1605.06431), 2016.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import type { Variables } from "../layer.ts";
import type { Tree } from "../tree.ts";
import type { Net } from "./nets.ts";

/** A block by its stage, from 0, and its place in it, from 0. */
export type BlockAt = readonly [stage: number, place: number];

/** A network with variables; they are those of another, and are borrowed. */
export type Changed = { readonly net: Net; readonly variables: Variables };

/** Lists the blocks that can be left out, since they keep the shape. */
export function removableBlocks({ blocks }: Net): BlockAt[] {
  return blocks.flatMap((count, stage) =>
    Array.from({ length: count }, (_, place): BlockAt => [stage, place])
      .filter(([stage, place]) => stage === 0 || place > 0)
  );
}

/**
 * Leaves blocks out; what came out of the block before goes into the block after.
 *
 * @throws {ArgumentError} If a block changes the shape, so that it cannot be left out.
 *
 * @example Leaving one of three out
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { abstractKey } from "@fplusx/nn";
 * import { makeNet, netOfDepth, withoutBlocks } from "@fplusx/nn/lab";
 *
 * const net = netOfDepth("A", 20, 8);
 * const variables = makeNet(net).init(abstractKey, [1, 8, 8, 3]);
 * assertEquals(withoutBlocks(net, variables, [[1, 2]]).net.blocks, [3, 2, 3]);
 * ```
 */
export function withoutBlocks(
  net: Net,
  variables: Variables,
  removed: readonly BlockAt[],
): Changed {
  const isRemoved = (stage: number, place: number) =>
    removed.some(([s, p]) => s === stage && p === place);
  for (const [stage, place] of removed) {
    if (stage > 0 && place === 0) {
      throw new ArgumentError(
        `Cannot leave out block ${place} of stage ${stage}: it changes the shape`,
      );
    }
  }
  const keep = (stage: number, blocks: readonly Tree[]) =>
    blocks.filter((_, place) => !isRemoved(stage, place));
  const blocks = net.blocks.map((count, stage) =>
    keep(stage, Array.from({ length: count }, () => [])).length
  ) as unknown as Net["blocks"];
  return { net: { ...net, blocks }, variables: changeStages(variables, keep) };
}

/** Puts two blocks in each other's place; both must keep the shape, and be of one stage. */
export function swapBlocks(
  net: Net,
  variables: Variables,
  stage: number,
  [a, b]: readonly [a: number, b: number],
): Changed {
  const swapped = changeStages(variables, (at, blocks) => {
    if (at !== stage) return blocks;
    const next = [...blocks];
    [next[a], next[b]] = [next[b]!, next[a]!];
    return next;
  });
  return { net, variables: swapped };
}

/** Changes the blocks of every stage, in parameters and state alike. */
function changeStages(
  { params, state }: Variables,
  change: (stage: number, blocks: readonly Tree[]) => readonly Tree[],
): Variables {
  const changed = (tree: Tree): Tree =>
    Object.fromEntries(
      Object.entries(tree as Readonly<Record<string, Tree>>).map(([name, part]) => {
        const stage = /^layer([123])$/.exec(name)?.[1];
        return [name, stage ? change(Number(stage) - 1, part as readonly Tree[]) : part];
      }),
    );
  return { params: changed(params), state: changed(state) };
}
