/**
 * The small tree that optimizers are tested on: parameters, gradients and learning rates by the
 * formulas of tests/golden/make_optim.py.
 *
 * @module
 */

import { tensor } from "../../lib/ops.ts";
import { sizeOf, type Tensor } from "../../lib/tensor.ts";
import { leaves, type Tree } from "../../lib/tree.ts";

/** Parameters of three leaves. */
export type Small = {
  readonly conv: { readonly weight: Tensor; readonly bias: Tensor };
  readonly scale: Tensor;
};

/** A tree of values by the number of the leaf and of the element. */
export function small(formula: (leaf: number, i: number) => number): Small {
  const leaf = (k: number, shape: number[]) =>
    tensor(Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(formula(k, i))), shape);
  return { conv: { weight: leaf(0, [2, 3]), bias: leaf(1, [3]) }, scale: leaf(2, [4]) };
}

/** The parameters at the start. */
export const start = (leaf: number, i: number): number => Math.sin(1.7 * i + 2.3 * leaf + 1);

/** The gradient of step `t`. */
export const slope = (t: number) => (leaf: number, i: number): number =>
  Math.cos(0.9 * i + 1.1 * leaf + 0.4 * t) * 2 ** (leaf - 1);

/** The learning rate of step `t`; it changes on the way, which is where conventions differ. */
export const rate = (t: number): number => t < 5 ? 0.1 : 0.02;

/** Reads all values of a tree, leaf by leaf. */
export async function valuesOf(tree: Tree): Promise<number[]> {
  const read = await Promise.all(leaves(tree).map((leaf) => leaf.data()));
  return read.flatMap((values) => [...values]);
}
