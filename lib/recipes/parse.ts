/**
 * Reading a recipe: what comes from a file or the command line may be anything, and what comes out is a
 * recipe of which every part can be made.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { models } from "./models.ts";
import type {
  AugmentChoice,
  DataChoice,
  LengthChoice,
  MixChoice,
  ModelChoice,
  OptimizerChoice,
  Recipe,
  ScheduleChoice,
  TestCrop,
  WarmupChoice,
} from "./recipe.ts";
import {
  flag,
  list,
  number,
  oneOf,
  optional,
  orElse,
  orNull,
  record,
  text,
  variant,
} from "./schema.ts";
import { trainingParts } from "./training_parts.ts";

const count = number("count");
const fraction = number("fraction");
const share = number("share");
const rate = number("rate");
const positive = number("positive");

const model = record<ModelChoice>({
  name: oneOf(...Object.keys(models)),
  width: optional(count),
  shortcut: optional(oneOf("A", "B", "C", "D")),
  strideIn: optional(oneOf("1x1", "3x3")),
  zeroInit: optional(flag),
  survival: optional(share),
  dropPer: optional(oneOf("batch", "sample")),
});

const data = record<DataChoice>({
  name: oneOf("mnist", "fashion-mnist", "cifar10", "cifar100", "images"),
  normalize: oneOf("channels", "pixel-mean"),
  validation: orNull(count),
  limit: orNull(count),
  testCrop: orNull(record<TestCrop>({ side: count, size: count })),
});

const schedule = variant<ScheduleChoice>({
  "constant": { peak: rate },
  "steps": { peak: rate, at: list(positive), divideBy: positive },
  "plateau": { peak: rate, divideBy: positive, patience: number("position") },
  "cosine": { peak: rate, end: rate },
  "one-cycle": { peak: rate, rise: fraction, start: share, end: fraction },
});

const warmup = variant<WarmupChoice>({
  "linear": { length: positive, start: fraction },
  "until-error": { rate, error: share },
});

const optimizer = variant<OptimizerChoice>({
  "sgd": {
    momentum: fraction,
    nesterov: flag,
    convention: oneOf("torch", "caffe"),
    weightDecay: rate,
    decay: oneOf("all", "weights"),
  },
  "adamw": { beta1: fraction, beta2: fraction, weightDecay: rate, decay: oneOf("all", "weights") },
});

const augment = list(variant<AugmentChoice>({
  "crop": { size: orNull(count), padding: number("position") },
  "flip": { probability: number("probability") },
  "scale": { least: count, most: count },
  "resized-crop": { size: count, least: share },
  "pca-color": { deviation: rate },
  "trivial-augment": {},
  "erase": { probability: number("probability") },
}));

const recipe = record<Recipe>({
  about: text,
  model,
  data,
  batch: count,
  accumulate: orElse(count, 1),
  length: record<LengthChoice>({ unit: oneOf("steps", "epochs"), count }),
  schedule,
  warmup: orNull(warmup),
  optimizer,
  clip: orNull(positive),
  labelSmoothing: orElse(fraction, 0),
  augment: orElse(augment, []),
  augmentNormalized: orElse(augment, []),
  mix: orElse(list(record<MixChoice>({ kind: oneOf("mixup", "cutmix"), alpha: positive })), []),
  ema: orNull(fraction),
  reestimate: orNull(count),
  patience: orNull(count),
  keepBest: orElse(flag, true),
  precision: orElse(oneOf("single", "mixed"), "single"),
  seed: orElse(number("seed"), 0),
});

/**
 * Reads a recipe from what JSON may hold, and checks that all of it can be made. What is left out is not
 * used; all fields come out, in one order, whatever theirs was.
 *
 * @throws {ArgumentError} If a field is missing, is unknown, or is not what it has to be; the path says
 * which. If parts do not fit, such as a boundary after the end.
 *
 * @example A mistake is said with its path
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { ArgumentError } from "@fplusx/nn";
 * import { parseRecipe, recipes } from "@fplusx/nn/recipes";
 *
 * assertThrows(
 *   () => parseRecipe({ ...recipes["quick-mnist"], batch: 0 }),
 *   ArgumentError,
 *   'Cannot use 0 in a recipe: need an integer of at least 1, at "batch"',
 * );
 * ```
 */
export function parseRecipe(value: unknown): Recipe {
  const read = recipe(value);
  const { options } = models[read.model.name]!;
  const other = Object.keys(read.model).find((name) =>
    name !== "name" && !options.some((option) => option === name)
  );
  if (other !== undefined) {
    throw new ArgumentError(
      `Cannot use "${other}" in a recipe: ${read.model.name} has ${options.join(", ") || "none"}`,
      "model",
    );
  }
  if (read.warmup?.kind === "until-error" && read.mix.length > 0) {
    throw new ArgumentError(
      "Cannot take the error of mixed pictures: they have no class",
      "warmup",
    );
  }
  // What is wrong with the size of a batch is found when there are images.
  trainingParts(read, { images: 1e6, classes: 2 });
  return read;
}
