/**
 * Models by name, as recipes, files of weights and the command line name them.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import type { PresetName } from "../images/mod.ts";
import type { Layer } from "../layer.ts";
import {
  mnistResnet,
  plain,
  plainCifar,
  resnet,
  resnetCifar,
  type ResNetDepth,
  vgg,
} from "../models/mod.ts";
import type { Shape } from "../tensor.ts";
import type { ModelChoice } from "./recipe.ts";

/** Options of a model, of those that its family has. */
export type ModelOptions = Omit<ModelChoice, "name">;

/** A model by name: how it is made, and the images it is meant for. */
export type ModelEntry = {
  /** Makes the model for a number of classes. */
  readonly make: (classes: number, options?: ModelOptions) => Layer;
  /** The options that it has. */
  readonly options: readonly (keyof ModelOptions)[];
  /** Height, width and channels of the images it is meant for. */
  readonly input: Shape;
  /** Number of classes it is meant for. */
  readonly classes: number;
  /** How pictures are prepared for it; absent where that depends on the training. */
  readonly preset?: PresetName;
};

type Family = Omit<ModelEntry, "make">;

const DEPTH = ["zeroInit", "survival", "dropPer"] as const;
const IMAGENET: Family = {
  input: [224, 224, 3],
  classes: 1000,
  preset: "imagenet-v1",
  options: ["strideIn", ...DEPTH],
};
const CIFAR: Family = { input: [32, 32, 3], classes: 10, options: ["width", ...DEPTH] };
const IMAGENET_DEPTHS: readonly ResNetDepth[] = [18, 34, 50, 101, 152];
const CIFAR_DEPTHS = [8, 14, 20, 32, 44, 56, 110, 1202] as const;

const withShortcuts = (family: Family): Family => ({
  ...family,
  options: [...family.options, "shortcut"],
});

/** Makes entries by name, one for each depth; the depth tells models of ImageNet and CIFAR apart. */
function family<D extends number>(
  name: string,
  depths: readonly D[],
  make: (depth: D, options: ModelOptions & { readonly classes: number }) => Layer,
  images: Family,
): Readonly<Record<string, ModelEntry>> {
  return Object.fromEntries(
    depths.map((depth) => [
      `${name}${depth}`,
      { make: (classes: number, options) => make(depth, { ...options, classes }), ...images },
    ]),
  );
}

/**
 * The models by name.
 *
 * @example The network of the paper for CIFAR, twice as wide
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { models } from "@fplusx/nn/recipes";
 *
 * const { make, input } = models["resnet20"]!;
 * assertEquals(describe(make(10, { width: 32 }), [1, ...input]).parameters, 1_073_962);
 * ```
 */
export const models: Readonly<Record<string, ModelEntry>> = Object.freeze({
  "mnist-resnet": {
    make: (classes) => mnistResnet({ classes }),
    input: [28, 28, 1],
    classes: 10,
    preset: "mnist",
    options: [],
  },
  ...family("resnet", IMAGENET_DEPTHS, resnet, withShortcuts(IMAGENET)),
  ...family("plain", IMAGENET_DEPTHS, plain, IMAGENET),
  ...family("resnet", CIFAR_DEPTHS, resnetCifar, withShortcuts(CIFAR)),
  ...family("plain", CIFAR_DEPTHS, plainCifar, CIFAR),
  ...family("vgg", [16, 19] as const, vgg, { ...IMAGENET, options: [] }),
});

/**
 * Finds an entry by name.
 *
 * @param what What is looked for, with its article, for the message.
 * @throws {ArgumentError} If there is none; lists those there are.
 *
 * @example A recipe
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { byName, recipes } from "@fplusx/nn/recipes";
 *
 * assertEquals(byName(recipes, "a recipe", "paper-cifar").length.count, 64_000);
 * ```
 */
export function byName<T>(
  entries: Readonly<Record<string, T>>,
  what: string,
  name: string | undefined,
): T {
  if (name !== undefined && Object.hasOwn(entries, name)) return entries[name]!;
  const known = Object.keys(entries).join(", ");
  throw new ArgumentError(
    `Cannot find ${what} ${name === undefined ? "without its name" : `named "${name}"`}: ` +
      `need one of ${known}`,
  );
}
