/**
 * What a recipe says, made: model, optimizer, loss, schedule, augmentation. All of it is checked by what
 * it is made of, and an error names the part of the recipe.
 *
 * @module
 */

import {
  type Augmentation,
  type BatchesOptions,
  cutmix,
  inTurn,
  type Mixing,
  mixOneOf,
  mixup,
  pcaColor,
  randomCrop,
  randomErasing,
  randomFlip,
  randomResizedCrop,
  randomScale,
  trivialAugment,
} from "../data/mod.ts";
import { within } from "../errors.ts";
import type { Layer } from "../layer.ts";
import { accumulate } from "../optim/accumulate.ts";
import { adamw } from "../optim/adam.ts";
import { chain } from "../optim/chain.ts";
import { clipByGlobalNorm } from "../optim/clip.ts";
import { ema } from "../optim/ema.ts";
import { weightsOnly } from "../optim/mask.ts";
import type { Schedule } from "../optim/schedule.ts";
import { sgd } from "../optim/sgd.ts";
import type { GradientTransformation } from "../optim/transform.ts";
import { crossEntropy } from "../train/loss.ts";
import type { Loss } from "../train/step.ts";
import { models } from "./models.ts";
import type { AugmentChoice, MixChoice, OptimizerChoice, Recipe } from "./recipe.ts";
import { type Measurement, needsError, scheduleOf, stepsIn } from "./schedule.ts";

/** What a recipe is applied to. */
export type TrainingSize = {
  /** Number of images to learn from. */
  readonly images: number;
  /** Number of classes. */
  readonly classes: number;
};

/** What a recipe says, made. */
export type TrainingParts = {
  /** The model. */
  readonly model: Layer;
  /** How gradients become updates. */
  readonly optimizer: GradientTransformation;
  /** What is minimised. */
  readonly loss: Loss;
  /** Whether WebGPU keeps halves between layers. */
  readonly precision: "single" | "mixed";
  /** Learning rate by step, as long as nothing was measured. */
  readonly schedule: Schedule;
  /** Gives the learning rate by step after some measurements; most recipes do not look at them. */
  readonly scheduleAfter: (measured: readonly Measurement[]) => Schedule;
  /** Tells whether it will look at the error of the next batch. */
  readonly needsError: (measured: readonly Measurement[]) => boolean;
  /** Number of batches to learn from. */
  readonly steps: number;
  /** Number of batches in which the data are gone through. */
  readonly stepsPerEpoch: number;
  /** How the data are cut into batches, but for the key. */
  readonly batches: Omit<BatchesOptions, "key" | "cursor">;
};

/**
 * Makes what a recipe says, for data of some size.
 *
 * @throws {ArgumentError} If a part cannot be made; the path says which.
 *
 * @example The learning rate of the paper
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { recipes, trainingParts } from "@fplusx/nn/recipes";
 *
 * const parts = trainingParts(recipes["paper-cifar"]!, { images: 50_000, classes: 10 });
 * assertEquals([parts.steps, parts.stepsPerEpoch], [64_000, 391]);
 * assertEquals([31_999, 32_000, 47_999, 48_000].map(parts.schedule), [0.1, 0.01, 0.01, 0.001]);
 * ```
 */
export function trainingParts(recipe: Recipe, { images, classes }: TrainingSize): TrainingParts {
  const { batch, labelSmoothing, mix, precision } = recipe;
  const { name, ...options } = recipe.model;
  const stepsPerEpoch = Math.ceil(images / batch);
  const augment = within("augment", () => inTurnOf(recipe.augment));
  const augmentNormalized = within("augmentNormalized", () => inTurnOf(recipe.augmentNormalized));
  return {
    model: within("model", () => models[name]!.make(classes, options)),
    optimizer: optimizerOf(recipe),
    loss: (logits, labels) => crossEntropy(logits, labels, { labelSmoothing }),
    precision,
    schedule: scheduleOf(recipe, stepsPerEpoch, []),
    scheduleAfter: (measured) => scheduleOf(recipe, stepsPerEpoch, measured),
    needsError: (measured) => needsError(recipe, measured),
    steps: stepsIn(recipe, recipe.length.count, stepsPerEpoch),
    stepsPerEpoch,
    batches: {
      size: batch,
      epochs: Infinity,
      ...augment ? { augment } : {},
      ...augmentNormalized ? { augmentNormalized } : {},
      ...mix.length > 0 ? { mix: within("mix", () => mixingOf(mix, classes)) } : {},
    },
  };
}

function optimizerOf({ optimizer, accumulate: batches, clip, ema: kept }: Recipe) {
  const step = within("optimizer", () => stepper(optimizer));
  const clipped = clip === null ? step : chain(clipByGlobalNorm(clip), step);
  const rare = batches === 1 ? clipped : accumulate(batches, clipped);
  return kept === null ? rare : chain(rare, ema(kept));
}

function stepper(choice: OptimizerChoice): GradientTransformation {
  const { weightDecay, decay } = choice;
  const mask = decay === "all" ? "**" : weightsOnly;
  switch (choice.kind) {
    case "sgd": {
      const { momentum, nesterov, convention } = choice;
      return sgd({ momentum, nesterov, convention, weightDecay, mask });
    }
    case "adamw": {
      const { beta1, beta2 } = choice;
      return adamw({ beta1, beta2, weightDecay, mask });
    }
  }
}

function inTurnOf(choices: readonly AugmentChoice[]): Augmentation | undefined {
  if (choices.length === 0) return;
  return inTurn(...choices.map((choice, i) => within(`${i}`, () => augmentationOf(choice))));
}

function augmentationOf(choice: AugmentChoice): Augmentation {
  switch (choice.kind) {
    case "crop": {
      const { size, padding } = choice;
      return randomCrop(size === null ? { padding } : { size, padding });
    }
    case "flip":
      return randomFlip(choice.probability);
    case "scale":
      return randomScale(choice.least, choice.most);
    case "resized-crop":
      return randomResizedCrop(choice.size, { scale: [choice.least, 1] });
    case "pca-color":
      return pcaColor(choice.deviation);
    case "trivial-augment":
      return trivialAugment();
    case "erase":
      return randomErasing({ probability: choice.probability });
  }
}

function mixingOf(choices: readonly MixChoice[], classes: number): Mixing {
  const ways = { mixup, cutmix };
  return mixOneOf(
    ...choices.map(({ kind, alpha }, i) => within(`${i}`, () => ways[kind]({ classes, alpha }))),
  );
}
