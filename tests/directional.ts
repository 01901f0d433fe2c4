/**
 * Derivatives along random directions, of first and second order: by gradients, and by differences,
 * which have digits enough in double precision only.
 *
 * @module
 */

import { assert } from "@std/assert";
import { grad } from "../lib/grad.ts";
import { fold, key } from "../lib/key.ts";
import { add, clone, mul, sum, tidy, zerosLike } from "../lib/ops.ts";
import { release } from "../lib/ownership.ts";
import { normal } from "../lib/random.ts";
import type { Scalar, Tensor } from "../lib/tensor.ts";
import { leaves, map, type Tree, zip } from "../lib/tree.ts";

/** What is differentiated, and where. */
export interface Differentiated<T extends Tree> {
  readonly f: (point: T) => Scalar;
  readonly point: T;
  /** The leaves that it is differentiated by: all of them, if nothing is said. */
  readonly select?: (path: string) => boolean;
  /** The part of a direction that is gone for a difference; 1e-5 if nothing is said. */
  readonly step?: number;
}

export type Order = 1 | 2;

/** Gives the derivative of a function along a direction, or that of this derivative along another. */
export function alongGradient<T extends Tree>(
  subject: Differentiated<T>,
  order: Order,
): Promise<number> {
  return withDirection(subject, order, async ({ f, point, select = () => true }, direction) => {
    const gradient = grad(f, { select })(point);
    const derivative = await read(dot(gradient, direction));
    release(gradient);
    return derivative;
  });
}

/** The same by central differences. */
export function byDifferences<T extends Tree>(
  subject: Differentiated<T>,
  order: Order,
): Promise<number> {
  return withDirection(subject, order, async ({ f, point, step = 1e-5 }, direction) => {
    const at = async (by: number) => {
      const there = moved(point, direction, by);
      const value = await read(f(there));
      release(there, point);
      return value;
    };
    return (await at(step) - await at(-step)) / (2 * step);
  });
}

const DOUBLE = { relative: 1e-6, absolute: 1e-9 };

/** Asserts that the derivative that gradients give is that of differences. */
export async function assertGradient<T extends Tree>(
  subject: Differentiated<T>,
  order: Order,
): Promise<void> {
  assertNear(await alongGradient(subject, order), await byDifferences(subject, order), DOUBLE);
}

/** Asserts that derivatives differ by a part of what is expected, or by a small number. */
export function assertNear(
  actual: number,
  expected: number,
  { relative, absolute }: { readonly relative: number; readonly absolute: number },
): void {
  const error = Math.abs(actual - expected);
  assert(
    error < Math.max(relative * Math.abs(expected), absolute),
    `Expected a derivative of ${expected}, got ${actual}`,
  );
}

/** Hands on a function, which is the derivative along a direction if the order is two. */
async function withDirection<T extends Tree>(
  subject: Differentiated<T>,
  order: Order,
  use: (subject: Differentiated<T>, direction: Tree) => Promise<number>,
): Promise<number> {
  const { f, point, select = () => true } = subject;
  const [first, second] = [7, 8].map((seed) => directionAt(point, select, seed));
  const slope = (at: T) => dot(grad(f, { select })(at), first!);
  const derivative =
    await (order === 1 ? use(subject, first!) : use({ ...subject, f: slope }, second!));
  release([first, second]);
  return derivative;
}

/** A direction for every leaf that is selected, and zero for the others. */
function directionAt(point: Tree, select: (path: string) => boolean, seed: number): Tree {
  return map(
    (leaf, path) => select(path) ? normal(fold(key(seed), path), leaf.shape) : zerosLike(leaf),
    point,
  );
}

function moved<T extends Tree>(point: T, direction: Tree, by: number): T {
  const move = ([leaf, way]: readonly Tensor[]) => {
    if (leaf!.dtype !== "float32") return clone(leaf!);
    return tidy(() => add(leaf!, mul(way!, by)));
  };
  return zip(move, point, direction as T);
}

function dot(a: Tree, b: Tree): Scalar {
  return tidy(() =>
    leaves(a).map((leaf, i) => sum(mul(leaf, leaves(b)[i]!))).reduce((sum, part) => add(sum, part))
  );
}

async function read(x: Tensor): Promise<number> {
  const [value] = await x.data();
  x.dispose();
  return value!;
}
