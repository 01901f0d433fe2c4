/**
 * What the command line knows by name: models and data sets.
 *
 * @module
 */

import type { Dataset } from "../data/mod.ts";
import { loadMnist } from "../deno/mod.ts";
import { ArgumentError } from "../errors.ts";
import type { Layer } from "../layer.ts";
import { mnistResnet } from "../models/mod.ts";
import type { Shape } from "../tensor.ts";

/** A model by name: how it is made, and the images it is meant for. */
export type ModelEntry = {
  /** Makes the model for a number of classes. */
  readonly make: (classes: number) => Layer;
  /** Height, width and channels of the images it is meant for. */
  readonly input: Shape;
  /** Number of classes it is meant for. */
  readonly classes: number;
};

/** The models that the command line can make. */
export const MODELS: Readonly<Record<string, ModelEntry>> = {
  "mnist-resnet": {
    make: (classes) => mnistResnet({ classes }),
    input: [28, 28, 1],
    classes: 10,
  },
};

/** A data set in two parts. */
export type TrainAndTest = {
  /** What to learn from. */
  readonly train: Dataset;
  /** What to measure on. */
  readonly test: Dataset;
};

/** The data sets that the command line can load, from a folder or from where they usually are. */
export const DATA: Readonly<Record<string, (folder?: string) => Promise<TrainAndTest>>> = {
  mnist: loadMnist,
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
    `Cannot find ${what} ${
      name === undefined ? "without a name" : `"${name}"`
    }: need one of ${known}`,
  );
}
