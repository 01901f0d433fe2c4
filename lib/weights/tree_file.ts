/**
 * Trees in files: each leaf is a tensor whose name is its path. Loading takes the tree to be filled
 * as a pattern, and reports everything that disagrees at once.
 *
 * @module
 */

import { KeysError, showShape } from "../errors.ts";
import { tensor } from "../ops.ts";
import type { DType, Tensor, Values } from "../tensor.ts";
import { entries, map, type Tree } from "../tree.ts";
import { type ElementType, type HostTensor, toFloat32 } from "./element_type.ts";
import type { SafetensorsFile } from "./safetensors.ts";
import type { TensorInfo } from "./safetensors_header.ts";
import { formatSafetensors } from "./safetensors_writer.ts";

/** Element types in files that hold those of tensors; the first is what is written. */
const FILE_TYPES: Readonly<Record<DType, readonly [ElementType, ...ElementType[]]>> = {
  float32: ["F32", "F16", "BF16"],
  int32: ["I32", "I16", "I8", "U16", "U8"],
  bool: ["BOOL"],
};

/**
 * Gives the bytes of a safetensors file with the leaves of a tree, named by their paths.
 *
 * @example Variables of a model
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { release, setup, tensor } from "@fplusx/nn";
 * import { loadTree, openSafetensors, saveTree } from "@fplusx/nn/weights";
 *
 * await setup({ backend: "cpu" });
 * const params = { fc: { weight: tensor([1, 2], [2, 1]) } };
 * const bytes = await saveTree({ params });
 * const file = await openSafetensors({
 *   size: bytes.length,
 *   read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
 * });
 * assertEquals([...file.tensors.keys()], ["params.fc.weight"]);
 * const loaded = await loadTree({ params }, file);
 * assertEquals(await loaded.params.fc.weight.data(), Float32Array.of(1, 2));
 * release([params, loaded]);
 * ```
 */
export async function saveTree(
  tree: Tree,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const tensors = await Promise.all(
    entries(tree).map(async ([path, leaf]) => [path, await hostTensorOf(leaf)] as const),
  );
  return formatSafetensors(new Map(tensors), metadata);
}

/** Reads a tensor as it is written. */
export async function hostTensorOf(leaf: Tensor): Promise<HostTensor> {
  const [dtype] = FILE_TYPES[leaf.dtype];
  return { dtype, shape: leaf.shape, data: await leaf.data() };
}

/**
 * Loads a tree of the structure of `like`, which is only looked at: abstract variables will do. Types
 * are widened where that is exact (half floats, short integers).
 *
 * @throws {KeysError} If a leaf is missing, one too many, or of another shape or type; lists all.
 */
export async function loadTree<T extends Tree>(like: T, file: SafetensorsFile): Promise<T> {
  const wanted = entries(like);
  const problems = disagreements(wanted, file.tensors);
  if (problems.length > 0) throw new KeysError(`Cannot load the tree: ${problems.join("; ")}`);
  const read = await file.read(wanted.map(([path]) => path));
  return map((leaf, path) => tensor(valuesOf(leaf.dtype, read.get(path)!), leaf.shape), like);
}

/** Says everything in which the tensors of a file are not those that are wanted; nothing if they are. */
export function disagreements(
  wanted: readonly [name: string, leaf: Pick<Tensor, "shape" | "dtype">][],
  found: ReadonlyMap<string, TensorInfo>,
): string[] {
  const paths = new Set(wanted.map(([path]) => path));
  const list = (label: string, items: readonly string[]) =>
    items.length === 0 ? [] : [`${label} ${items.join(", ")}`];
  const show = (path: string) => `"${path}"`;
  return [
    ...list("missing", [...paths].filter((path) => !found.has(path)).map(show)),
    ...list("unexpected", [...found.keys()].filter((path) => !paths.has(path)).map(show)),
    ...wanted.flatMap(([path, leaf]) => {
      const info = found.get(path);
      return info === undefined ? [] : differencesOf(show(path), leaf, info);
    }),
  ];
}

function differencesOf(
  path: string,
  leaf: Pick<Tensor, "shape" | "dtype">,
  { shape, dtype }: TensorInfo,
): string[] {
  const [need, got] = [showShape(leaf.shape), showShape(shape)];
  const types = FILE_TYPES[leaf.dtype];
  return [
    ...need === got ? [] : [`${path} has shape ${got}, need ${need}`],
    ...types.includes(dtype) ? [] : [`${path} has type ${dtype}, need ${types.join(" or ")}`],
  ];
}

/** Gives the values of a tensor in a file as a tensor of this type takes them. */
export function valuesOf(dtype: DType, host: HostTensor): Values {
  if (dtype === "float32") return toFloat32(host);
  const { data } = host;
  if (dtype === "int32") return data instanceof Int32Array ? data : Int32Array.from(data, Number);
  return data as Uint8Array;
}
