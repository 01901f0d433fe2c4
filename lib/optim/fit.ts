/**
 * Whether a gradient belongs to parameters. A wrong one would often be broadcast into shape, so it is
 * checked in every step, in a way that writes out paths only once something is wrong.
 *
 * @module
 */

import { ShapeError, showShape, TreeError } from "../errors.ts";
import { isTensor, sameShape } from "../tensor.ts";
import { differences, flatten, type Tree } from "../tree.ts";

/**
 * Checks that updates have the paths and shapes of the parameters.
 *
 * @throws {TreeError} If paths differ; names all that are missing or one too many.
 * @throws {ShapeError} If the shape of a leaf differs.
 */
export function checkFit(updates: Tree, params: Tree): void {
  if (fits(updates, params)) return;
  const [have, need] = [flatten(updates), flatten(params)];
  const missing = [...need.keys()].filter((path) => !have.has(path));
  const extra = [...have.keys()].filter((path) => !need.has(path));
  if (missing.length + extra.length === 0) {
    for (const [path, { shape }] of need) checkShape(have.get(path)!.shape, shape, path);
  }
  const reason = differences(missing, extra) || "the same paths in another order";
  throw new TreeError(`Cannot update parameters with this gradient: ${reason}`);
}

function fits(updates: Tree, params: Tree): boolean {
  if (isTensor(updates) || isTensor(params)) {
    return isTensor(updates) && isTensor(params) && sameShape(updates.shape, params.shape);
  }
  const mine = Object.entries(updates);
  const theirs = Object.entries(params);
  return mine.length === theirs.length &&
    mine.every(([name, part], i) => name === theirs[i]![0] && fits(part, theirs[i]![1]));
}

function checkShape(have: readonly number[], need: readonly number[], path: string): void {
  if (sameShape(have, need)) return;
  throw new ShapeError(
    `Cannot update a parameter of shape ${showShape(need)}: ` +
      `the gradient has shape ${showShape(have)}`,
    path,
  );
}
