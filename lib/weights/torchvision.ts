/**
 * State dicts of PyTorch, both ways. One table of names turns a path into a key; one rule turns the
 * axes around: a weight is `[pixels, channels, out]` here and `[out, channels, pixels]` there, be it
 * of a convolution (`HWIO` and `OIHW`) or of a dense layer, which has one pixel.
 *
 * Keys: [torchvision](https://github.com/pytorch/vision/blob/main/torchvision/models/resnet.py).
 *
 * @module
 */

import { KeysError } from "../errors.ts";
import type { Variables } from "../layer.ts";
import { clone, tensor, tidy } from "../ops.ts";
import { type Shape, sizeOf, type Tensor, type Values } from "../tensor.ts";
import { type Selector, selects, splitPath } from "../path.ts";
import { entries, map, type Tree } from "../tree.ts";
import type { HostTensor } from "./element_type.ts";
import type { SafetensorsFile } from "./safetensors.ts";
import { formatSafetensors } from "./safetensors_writer.ts";
import { disagreements, hostTensorOf, valuesOf } from "./tree_file.ts";

/** What a name in a path is called in a key; an empty name is left out, others stay as they are. */
export type StateDictNames = Readonly<Record<string, string>>;

/** The names of torchvision and timm. */
export const torchvisionNames: StateDictNames = Object.freeze({
  body: "",
  shortcut: "downsample",
  mean: "running_mean",
  variance: "running_var",
});

/** The names of akamaster's [networks for CIFAR](https://github.com/akamaster/pytorch_resnet_cifar10). */
export const akamasterNames: StateDictNames = Object.freeze({
  body: "",
  fc: "linear",
  mean: "running_mean",
  variance: "running_var",
});

/** Options of {@linkcode toStateDict}. */
export interface StateDictOptions {
  /** What names are called; {@linkcode torchvisionNames} by default. */
  readonly names?: StateDictNames;
  /** The `num_batches_tracked` of each normalisation, which PyTorch only reports; 0 by default. */
  readonly batches?: number;
}

/** Options of {@linkcode saveStateDict}. */
export interface SaveStateDictOptions extends StateDictOptions {
  /** Is written into the metadata, for {@linkcode loadStateDict} to check; left out by default. */
  readonly strideIn?: "1x1" | "3x3";
  /** More metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Options of {@linkcode loadStateDict}. */
export interface LoadStateDictOptions {
  /** What names are called; {@linkcode torchvisionNames} by default. */
  readonly names?: StateDictNames;
  /** Paths of leaves that keep the values they have, such as `"fc.**"` for a new head; none. */
  readonly keep?: Selector;
  /** Keys of the file that are not wanted, such as `"fc.**"` for a model without a head; none. */
  readonly ignore?: Selector;
  /**
   * Which convolution of a bottleneck has the stride in the model: torchvision's `"3x3"` ("v1.5"), the
   * default, or the paper's `"1x1"`. Keys and shapes are the same for both, so a file for the other
   * loads and gives wrong answers; it is refused if its metadata say so.
   */
  readonly strideIn?: "1x1" | "3x3";
}

/** What {@linkcode loadStateDict} gives: variables, and what did not come from the file. */
export type LoadedStateDict<P extends Tree, S extends Tree> = Variables<P, S> & {
  /** Paths of the leaves that kept their values. */
  readonly kept: readonly string[];
  /** Keys of the file that were not used; counts of batches are not listed. */
  readonly ignored: readonly string[];
};

/**
 * Gives the state dict of a model, key by key, with its tensors in PyTorch's layout. It is meant for
 * networks of convolutions, dense layers and normalisations: the weight of an `embedding` would be
 * turned around like that of a dense layer. In the first dense layer after a convolution the rows are
 * put in the order of `[channels, height, width]`, in which PyTorch flattens.
 *
 * @throws {KeysError} If two leaves would have the same key.
 *
 * @example A dense layer and its transpose
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { release, setup, tensor } from "@fplusx/nn";
 * import { toStateDict } from "@fplusx/nn/weights";
 *
 * await setup({ backend: "cpu" });
 * const params = { body: { fc: { weight: tensor([1, 2, 3, 4, 5, 6], [2, 3]) } } };
 * const dict = await toStateDict({ params, state: [] });
 * const data = Float32Array.of(1, 4, 2, 5, 3, 6);
 * assertEquals(dict, new Map([["fc.weight", { dtype: "F32", shape: [3, 2], data }]]));
 * release(params);
 * ```
 */
export async function toStateDict(
  variables: Variables,
  { names = torchvisionNames, batches = 0 }: StateDictOptions = {},
): Promise<Map<string, HostTensor>> {
  const counter = { dtype: "I64", shape: [], data: BigInt64Array.of(BigInt(batches)) } as const;
  const tensors = slotsOf(variables, names).map(async ({ key, leaf, shape, axes }) => {
    const { dtype, data } = await hostTensorOf(leaf);
    return [key, { dtype, shape, data: turn(data as Values, axes) }] as const;
  });
  const dict = new Map<string, HostTensor>(await Promise.all(tensors));
  for (const key of countersOf([...dict.keys()])) dict.set(key, counter);
  return dict;
}

/**
 * Gives the bytes of a safetensors file with the state dict of a model, which PyTorch loads with
 * `model.load_state_dict(safetensors.torch.load_file(path), strict=True)`.
 *
 * @throws {KeysError} If two leaves would have the same key.
 *
 * @example What a bottleneck's metadata say
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { setup } from "@fplusx/nn";
 * import { parseSafetensors, saveStateDict } from "@fplusx/nn/weights";
 *
 * await setup({ backend: "cpu" });
 * const bytes = await saveStateDict({ params: [], state: [] }, { strideIn: "1x1" });
 * assertEquals([...parseSafetensors(bytes).metadata], [["format", "pt"], ["strideIn", "1x1"]]);
 * ```
 */
export async function saveStateDict(
  variables: Variables,
  options: SaveStateDictOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { strideIn, metadata } = options;
  return formatSafetensors(await toStateDict(variables, options), {
    format: "pt",
    ...strideIn && { strideIn },
    ...metadata,
  });
}

/**
 * Loads a state dict into variables of the structure of `like`, of which only leaves that are kept
 * need values: abstract variables will do for the others. Half floats are widened; the prefix
 * `module.` of files from `DataParallel` is seen through; `num_batches_tracked` may be there or not.
 *
 * @throws {KeysError} If a key is missing, one too many, or of another shape or type, or the stride is
 * elsewhere; lists all.
 *
 * @example A trained network with a new head
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, release, setup } from "@fplusx/nn";
 * import { resnetCifar } from "@fplusx/nn/models";
 * import { loadStateDict, openSafetensors, saveStateDict } from "@fplusx/nn/weights";
 *
 * await setup({ backend: "cpu" });
 * const images = [1, 32, 32, 3];
 * const trained = resnetCifar(8).init(key(0), images);
 * const bytes = await saveStateDict(trained);
 * const file = await openSafetensors({
 *   size: bytes.length,
 *   read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
 * });
 * const fresh = resnetCifar(8, { classes: 5 }).init(key(1), images);
 * const loaded = await loadStateDict(fresh, file, { keep: "fc.**" });
 * assertEquals(loaded.kept, ["fc.weight", "fc.bias"]);
 * assertEquals(await loaded.state.bn1.mean.data(), await trained.state.bn1.mean.data());
 * release([trained, fresh, loaded]);
 * ```
 */
export async function loadStateDict<P extends Tree, S extends Tree>(
  like: Variables<P, S>,
  file: SafetensorsFile,
  options: LoadStateDictOptions = {},
): Promise<LoadedStateDict<P, S>> {
  const { names = torchvisionNames, keep = [], ignore = [], strideIn = "3x3" } = options;
  const prefix = prefixOf(file);
  const slots = slotsOf(like, names).map((slot) => ({ ...slot, key: prefix + slot.key }));
  const { kept = [], wanted = [] } = Object.groupBy(
    slots,
    ({ path }) => selects(keep, path) ? "kept" : "wanted",
  );
  const counters = new Set(countersOf(slots.map(({ key }) => key)));
  const unused = new Set(kept.map(({ key }) => key));
  const { ignored = [], used = [] } = Object.groupBy(
    [...file.tensors].filter(([key]) => !counters.has(key)),
    ([key]) => unused.has(key) || selects(ignore, key.slice(prefix.length)) ? "ignored" : "used",
  );
  const problems = [
    ...stridesOf(file, strideIn),
    ...disagreements(
      wanted.map(({ key, shape, leaf: { dtype } }) => [key, { shape, dtype }]),
      new Map(used),
    ),
  ];
  if (problems.length > 0) {
    throw new KeysError(`Cannot load the state dict: ${problems.join("; ")}`);
  }
  const read = await file.read(wanted.map(({ key }) => key));
  const found = new Map(wanted.map((slot) => [slot.path, slot]));
  const load = (leaf: Tensor, path: string) => {
    const slot = found.get(path);
    if (slot === undefined) return clone(leaf);
    const { key, axes: [pixels, channels, out] } = slot;
    return tensor(turn(valuesOf(leaf.dtype, read.get(key)!), [out, channels, pixels]), leaf.shape);
  };
  return {
    ...tidy(() => ({ params: map(load, like.params), state: map(load, like.state) })),
    kept: kept.map(({ path }) => path),
    ignored: ignored.map(([key]) => key),
  };
}

type Axes = readonly [pixels: number, channels: number, out: number];

/** Where a leaf is in a state dict, and how it lies there. */
export type Slot = {
  /** Where it is here. */
  readonly path: string;
  /** The leaf. */
  readonly leaf: Tensor;
  /** What it is called there. */
  readonly key: string;
  /** The shape that it has there. */
  readonly shape: Shape;
  /** The axes that are turned around, as they are here. */
  readonly axes: Axes;
};

/**
 * Finds the place in a state dict of each leaf of a model.
 *
 * @throws {KeysError} If two leaves would have the same key.
 */
export function slotsOf({ params, state }: Variables, names: StateDictNames): Slot[] {
  const paths = new Map<string, string>();
  let convolved = 0; // channels of the convolution just before, if there is one
  return [...entries(params), ...entries(state)].map(([path, leaf]) => {
    const key = keyOf(path, names);
    if (paths.has(key)) {
      throw new KeysError(
        `Cannot name a state dict: "${paths.get(key)}" and "${path}" would both be "${key}"`,
      );
    }
    paths.set(key, path);
    const axes = axesOf(leaf.shape, convolved);
    if (leaf.shape.length > 1) convolved = leaf.shape.length > 2 ? axes[2] : 0;
    const shape = [...leaf.shape.slice(-2).toReversed(), ...leaf.shape.slice(0, -2)];
    return { path, leaf, key, shape, axes };
  });
}

function keyOf(path: string, names: StateDictNames): string {
  const renamed = splitPath(path).map((name) => Object.hasOwn(names, name) ? names[name]! : name);
  return renamed.filter((name) => name !== "").join(".");
}

/** The keys of the counts of batches, one beside each running mean. */
export function countersOf(keys: readonly string[]): string[] {
  const mean = /(?<=^|\.)running_mean$/;
  return keys.filter((key) => mean.test(key)).map((key) =>
    key.replace(mean, "num_batches_tracked")
  );
}

/** Sees a weight as `[pixels, channels, out]`; what has fewer axes has one pixel and one channel. */
function axesOf(shape: Shape, convolved: number): Axes {
  const [channels = 1, out = 1] = shape.slice(-2);
  if (shape.length < 2) return [1, 1, sizeOf(shape)];
  if (shape.length > 2) return [sizeOf(shape.slice(0, -2)), channels, out];
  return channels % convolved === 0 ? [channels / convolved, convolved, out] : [1, channels, out];
}

/** Turns three axes around: from `[a, b, c]` to `[c, b, a]`. */
function turn<T extends Values>(values: T, [a, b, c]: readonly [number, number, number]): T {
  const turned = values.slice() as T;
  let at = 0;
  for (let k = 0; k < c; k++) {
    for (let j = 0; j < b; j++) {
      for (let i = 0; i < a; i++) turned[at++] = values[(i * b + j) * c + k]!;
    }
  }
  return turned;
}

/** Files saved from `DataParallel` have a prefix before every key. */
function prefixOf({ tensors }: SafetensorsFile): string {
  const keys = [...tensors.keys()];
  return keys.length > 0 && keys.every((key) => key.startsWith("module.")) ? "module." : "";
}

function stridesOf({ metadata }: SafetensorsFile, strideIn: string): string[] {
  const is = metadata.get("strideIn") ?? strideIn;
  return is === strideIn ? [] : [`the stride is in the ${is} convolutions, need ${strideIn}`];
}
