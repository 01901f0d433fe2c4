/**
 * A part of a tree from a file: what fine-tuning starts from, where a body is that of the file and a
 * head is new. What is to be left out is said in advance, and everything else has to agree, so that a
 * misspelt name cannot quietly leave a layer untrained.
 *
 * @module
 */

import { KeysError } from "../errors.ts";
import { clone, tensor, tidy } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { type Selector, selects } from "../path.ts";
import { entries, map, type Tree } from "../tree.ts";
import type { SafetensorsFile } from "./safetensors.ts";
import { disagreements, valuesOf } from "./tree_file.ts";

/** Options of {@linkcode loadPartial}. */
export interface PartialOptions {
  /** Leaves of the tree that keep the values they have, such as `"params.fc.**"` for a new head; none. */
  readonly keep?: Selector;
  /** Tensors of the file that are not wanted, besides those whose place is kept; none. */
  readonly ignore?: Selector;
}

/** What {@linkcode loadPartial} gives. */
export type LoadedPart<T extends Tree> = {
  /** The tree; owned by the caller. */
  readonly tree: T;
  /** Paths of the leaves that kept their values. */
  readonly kept: readonly string[];
  /** Names of the tensors in the file that were not used. */
  readonly ignored: readonly string[];
};

/**
 * Loads a tree of the structure of `like` from a file, but for the leaves that are kept; only those
 * need values. Types are widened where that is exact, as `loadTree` does.
 *
 * @throws {KeysError} If another leaf is missing, one too many, or of another shape or type, or nothing
 * would be loaded; lists all.
 *
 * @example A trained body under a new head
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, key, named, release, setup } from "@fplusx/nn";
 * import { loadPartial, openSafetensors, saveTree } from "@fplusx/nn/weights";
 *
 * await setup({ backend: "cpu" });
 * const net = (classes: number) => named({ body: dense(4), fc: dense(classes) });
 * const { params: trained } = net(10).init(key(0), [1, 8]);
 * const bytes = await saveTree({ params: trained });
 * const file = await openSafetensors({
 *   size: bytes.length,
 *   read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
 * });
 * const { params: fresh } = net(2).init(key(1), [1, 8]);
 * const { tree, kept } = await loadPartial({ params: fresh }, file, { keep: "params.fc.**" });
 * assertEquals(await tree.params.body.weight.data(), await trained.body.weight.data());
 * assertEquals(tree.params.fc.weight.shape, [4, 2]);
 * assertEquals(kept, ["params.fc.weight", "params.fc.bias"]);
 * release([trained, fresh, tree]);
 * ```
 */
export async function loadPartial<T extends Tree>(
  like: T,
  file: SafetensorsFile,
  { keep = [], ignore = [] }: PartialOptions = {},
): Promise<LoadedPart<T>> {
  const { kept = [], wanted = [] } = Object.groupBy(
    entries(like),
    ([path]) => selects(keep, path) ? "kept" : "wanted",
  );
  const places = new Set(kept.map(([path]) => path));
  const { ignored = [], used = [] } = Object.groupBy(
    file.tensors,
    ([name]) => places.has(name) || selects(ignore, name) ? "ignored" : "used",
  );
  const problems = wanted.length === 0
    ? ["every leaf is to be kept"]
    : disagreements(wanted, new Map(used));
  if (problems.length > 0) throw new KeysError(`Cannot load the tree: ${problems.join("; ")}`);
  const read = await file.read(wanted.map(([path]) => path));
  const load = (leaf: Tensor, path: string) =>
    places.has(path) ? clone(leaf) : tensor(valuesOf(leaf.dtype, read.get(path)!), leaf.shape);
  return {
    tree: tidy(() => map(load, like)),
    kept: [...places],
    ignored: ignored.map(([name]) => name),
  };
}
