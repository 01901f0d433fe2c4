/**
 * What the command line knows by name: models and data sets.
 *
 * @module
 */

import {
  loadCifar10,
  loadCifar100,
  loadFashionMnist,
  loadImages,
  loadMnist,
  type LoadOptions,
  type TrainAndTest,
} from "../deno/mod.ts";
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
import { progress } from "./progress.ts";

/** A model by name: how it is made, and the images it is meant for. */
export type ModelEntry = {
  /** Makes the model for a number of classes. */
  readonly make: (classes: number) => Layer;
  /** Height, width and channels of the images it is meant for. */
  readonly input: Shape;
  /** Number of classes it is meant for. */
  readonly classes: number;
  /** How pictures are prepared for it; absent where that depends on the training. */
  readonly preset?: PresetName;
};

const IMAGENET = { input: [224, 224, 3], classes: 1000, preset: "imagenet-v1" } as const;
const CIFAR = { input: [32, 32, 3], classes: 10 } as const;
const IMAGENET_DEPTHS: readonly ResNetDepth[] = [18, 34, 50, 101, 152];
const CIFAR_DEPTHS = [8, 14, 20, 32, 44, 56, 110, 1202] as const;

/** Makes entries by name, one for each depth; the depth tells models of ImageNet and CIFAR apart. */
function family<D extends number>(
  name: string,
  depths: readonly D[],
  make: (depth: D, classes: number) => Layer,
  images: Omit<ModelEntry, "make">,
): Readonly<Record<string, ModelEntry>> {
  return Object.fromEntries(
    depths.map((depth) => [
      `${name}${depth}`,
      { make: (classes: number) => make(depth, classes), ...images },
    ]),
  );
}

/** The models that the command line can make. */
export const MODELS: Readonly<Record<string, ModelEntry>> = {
  "mnist-resnet": {
    make: (classes) => mnistResnet({ classes }),
    input: [28, 28, 1],
    classes: 10,
    preset: "mnist",
  },
  ...family("resnet", IMAGENET_DEPTHS, (depth, classes) => resnet(depth, { classes }), IMAGENET),
  ...family("plain", IMAGENET_DEPTHS, (depth, classes) => plain(depth, { classes }), IMAGENET),
  ...family("resnet", CIFAR_DEPTHS, (depth, classes) => resnetCifar(depth, { classes }), CIFAR),
  ...family("plain", CIFAR_DEPTHS, (depth, classes) => plainCifar(depth, { classes }), CIFAR),
  ...family("vgg", [16, 19] as const, (depth, classes) => vgg(depth, { classes }), IMAGENET),
};

export type { TrainAndTest };

/** Loads a data set from a place, or from where it usually is; a quiet one shows no progress. */
export type Loader = (from?: string, quiet?: boolean) => Promise<TrainAndTest>;

/** Loads what may have to be downloaded, with a line that shows how far that is. */
function downloaded(
  load: (from: string | undefined, options: LoadOptions) => Promise<TrainAndTest>,
): Loader {
  return async (from, quiet) => {
    using bar = progress("download", quiet);
    return await load(from, {
      progress: ({ received, total }) => bar.update(received / total),
    });
  };
}

/** The data sets that the command line can load. */
export const DATA: Readonly<Record<string, Loader>> = {
  mnist: (from) => loadMnist(from),
  "fashion-mnist": (from) => loadFashionMnist(from),
  cifar10: downloaded(loadCifar10),
  cifar100: downloaded(loadCifar100),
  images: (from) => loadImages(from),
};

/**
 * Finds an entry by name.
 *
 * @throws {ArgumentError} If there is none; lists those there are.
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
