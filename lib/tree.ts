/**
 * Trees: a tensor, or a tuple or record of trees. Parameters, state, gradients and optimizer state
 * are all trees. A leaf has a path, the names on the way to it joined by dots
 * (`layer1.0.body.conv1.weight`), and paths are what files, errors, masks and freezing speak in.
 *
 * @module
 */

import { TreeError } from "./errors.ts";
import { escapeName, type Selector, selects } from "./path.ts";
import { isTensor, type Tensor } from "./tensor.ts";

/** A tensor, or a tuple or record of trees. */
export type Tree = Tensor | readonly Tree[] | { readonly [name: string]: Tree };

/** The tree with nothing in it. */
export type Empty = readonly [];

/** The empty tree. */
export const empty: Empty = Object.freeze([]) as Empty;

/** The children of a tuple or record by name. */
type Children = Readonly<Record<string, Tree>>;

/**
 * Lists the leaves of a tree with their paths, in the order of the tree.
 *
 * @throws {TreeError} If the tree contains itself or something that is not a tree.
 *
 * @example Paths of a small tree
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { entries, setup, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const tree = { fc: { weight: zeros([2, 3]), bias: zeros([3]) }, blocks: [{ scale: zeros([1]) }] };
 * assertEquals(entries(tree).map(([path]) => path), ["fc.weight", "fc.bias", "blocks.0.scale"]);
 * ```
 */
export function entries(tree: Tree): [path: string, leaf: Tensor][] {
  const found: [string, Tensor][] = [];
  const parents = new Set<Tree>();
  // An explicit stack, since a tree may be deeper than the call stack; no path means: leave the tree.
  const trees: Tree[] = [tree];
  const paths: (string | undefined)[] = [""];
  while (trees.length > 0) {
    const tree = trees.pop()!;
    const path = paths.pop();
    if (path === undefined) {
      parents.delete(tree);
      continue;
    }
    if (isTensor(tree)) {
      found.push([path, tree]);
      continue;
    }
    if (!hasChildren(tree)) {
      throw new TreeError(`Cannot walk a tree: need tensors as leaves, got ${kindOf(tree)}`, path);
    }
    if (parents.has(tree)) throw new TreeError("Cannot walk a tree: it contains itself", path);
    parents.add(tree);
    trees.push(tree);
    paths.push(undefined);
    const names = Object.keys(tree);
    for (let i = names.length - 1; i >= 0; i--) {
      const name = names[i]!;
      trees.push((tree as Children)[name]!);
      paths.push(path === "" ? escapeName(name) : `${path}.${escapeName(name)}`);
    }
  }
  return found;
}

/** Tells whether a value is a tuple or a record. */
function hasChildren(value: unknown): boolean {
  if (Array.isArray(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function kindOf(value: unknown): string {
  return typeof value === "object" ? value?.constructor.name ?? "null" : typeof value;
}

/** Lists the leaves of a tree, in the order of the tree. */
export function leaves(tree: Tree): Tensor[] {
  return entries(tree).map(([, leaf]) => leaf);
}

/** Gives the leaves of a tree by path. */
export function flatten(tree: Tree): Map<string, Tensor> {
  return new Map(entries(tree));
}

/**
 * Builds a tree of the structure of `like` from leaves by path.
 *
 * @throws {TreeError} If a path is missing, or one too many; names all of them.
 */
export function unflatten<T extends Tree>(like: T, flat: ReadonlyMap<string, Tensor>): T {
  const paths = entries(like).map(([path]) => path);
  const missing = paths.filter((path) => !flat.has(path));
  const known = new Set(paths);
  const extra = [...flat.keys()].filter((path) => !known.has(path));
  if (missing.length + extra.length > 0) {
    throw new TreeError(`Cannot build the tree: ${differences(missing, extra)}`);
  }
  return map((_, path) => flat.get(path)!, like);
}

/**
 * Applies `f` to every leaf and its path, and gives a tree of the same structure.
 *
 * @example Halving every leaf
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { map, ops, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const halves = map((leaf) => ops.mul(leaf, 0.5), { a: tensor([2, 4]), b: [tensor([6])] });
 * assertEquals([...await halves.a.data()], [1, 2]);
 * ```
 */
export function map<T extends Tree>(f: (leaf: Tensor, path: string) => Tensor, tree: T): T {
  return rebuild(tree, entries(tree).map(([path, leaf]) => f(leaf, path)));
}

/**
 * Applies `f` to the leaves at the same path of several trees, and gives a tree of the structure of
 * the first.
 *
 * @throws {TreeError} If the trees differ in structure; names the first path that differs.
 */
export function zip<T extends Tree>(
  f: (leaves: Tensor[], path: string) => Tensor,
  first: T,
  ...others: readonly Tree[]
): T {
  const mine = entries(first);
  const theirs = others.map((other, i) => aligned(first, other) ?? matching(mine, other, i + 1));
  return rebuild(
    first,
    mine.map(([path, leaf], i) => f([leaf, ...theirs.map((their) => their[i]!)], path)),
  );
}

/** Gives the leaves of `tree` if every name in it is that of `like`: without writing out a path. */
export function aligned(like: Tree, tree: Tree): Tensor[] | undefined {
  const found: Tensor[] = [];
  const likes = [like];
  const trees = [tree];
  while (trees.length > 0) {
    const here = likes.pop()!;
    const there = trees.pop()!;
    if (isTensor(here) !== isTensor(there)) return;
    if (isTensor(there)) {
      found.push(there);
      continue;
    }
    if (!hasChildren(there)) return;
    const names = Object.keys(here);
    const others = Object.keys(there);
    if (names.length !== others.length) return;
    for (let i = names.length - 1; i >= 0; i--) {
      const name = names[i]!;
      if (name !== others[i]) return;
      likes.push((here as Children)[name]!);
      trees.push((there as Children)[name]!);
    }
  }
  return found;
}

/** The leaves of `tree`, whose paths must be these. */
function matching(mine: readonly [string, Tensor][], tree: Tree, which: number): Tensor[] {
  const theirs = entries(tree);
  checkSamePaths(mine, theirs, which);
  return theirs.map(([, leaf]) => leaf);
}

const ORDINALS = ["first", "second", "third", "fourth", "fifth"];

function checkSamePaths(
  mine: readonly [string, Tensor][],
  theirs: readonly [string, Tensor][],
  which: number,
): void {
  const at = mine.findIndex(([path], i) => theirs[i]?.[0] !== path);
  if (at < 0 && mine.length === theirs.length) return;
  const position = at < 0 ? mine.length : at;
  const [here, there] = [mine[position]?.[0], theirs[position]?.[0]];
  const show = (path?: string) => path === undefined ? "no more leaves" : `"${path}"`;
  throw new TreeError(
    `Cannot zip trees: the first has ${show(here)} where the ` +
      `${ORDINALS[which] ?? `number ${which + 1}`} has ${show(there)}`,
  );
}

/** Gives a tree of the structure of `like` with these leaves, in order. */
export function rebuild<T extends Tree>(like: T, newLeaves: readonly Tensor[]): T;
/** Gives a tree of the structure of `like` with these trees in the place of its leaves, in order. */
export function rebuild(like: Tree, newLeaves: readonly Tree[]): Tree;
export function rebuild(like: Tree, newLeaves: readonly Tree[]): Tree {
  let next = 0;
  const root: { tree?: Tree } = {};
  const made: object[] = [];
  const stack: [tree: Tree, into: Record<string, Tree>, name: string][] = [
    [like, root as Record<string, Tree>, "tree"],
  ];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const [tree, into, name] = top;
    if (isTensor(tree)) {
      put(into, name, newLeaves[next++]!);
      continue;
    }
    const value = Array.isArray(tree) ? [] : {};
    put(into, name, value);
    made.push(value);
    const names = Object.keys(tree);
    for (let i = names.length - 1; i >= 0; i--) {
      stack.push([(tree as Children)[names[i]!]!, value as Record<string, Tree>, names[i]!]);
    }
  }
  made.forEach(Object.freeze);
  return root.tree!;
}

function put(into: Record<string, Tree>, name: string, value: Tree): void {
  // Plain assignment to "__proto__" would set the prototype.
  if (name !== "__proto__") into[name] = value;
  else Object.defineProperty(into, name, { value, enumerable: true, writable: true });
}

/** Gives the selected leaves of a tree by path. */
export function select(tree: Tree, selector: Selector): Map<string, Tensor> {
  return new Map(entries(tree).filter(([path]) => selects(selector, path)));
}

/**
 * Gives a tree whose selected leaves are what `f` makes of them; the others are shared.
 *
 * @throws {TreeError} If nothing is selected.
 */
export function replace<T extends Tree>(
  tree: T,
  selector: Selector,
  f: (leaf: Tensor, path: string) => Tensor,
): T {
  const chosen = select(tree, selector);
  if (chosen.size === 0) {
    const name = typeof selector === "function"
      ? "the function"
      : `"${[selector].flat().join(" ")}"`;
    throw new TreeError(`Cannot replace leaves: ${name} selects none`);
  }
  return map((leaf, path) => chosen.has(path) ? f(leaf, path) : leaf, tree);
}

/** Lists paths that are missing and paths that are one too many, for a message. */
export function differences(missing: readonly string[], extra: readonly string[]): string {
  const list = (label: string, paths: readonly string[]) =>
    paths.length === 0 ? [] : [`${label} ${paths.map((path) => `"${path}"`).join(", ")}`];
  return [...list("missing", missing), ...list("unexpected", extra)].join("; ");
}
