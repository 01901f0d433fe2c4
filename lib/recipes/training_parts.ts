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
import { oneCycle } from "../optim/cycle.ts";
import { ema } from "../optim/ema.ts";
import { weightsOnly } from "../optim/mask.ts";
import { constantRate, cosineDecay, piecewise, type Schedule, warmup } from "../optim/schedule.ts";
import { sgd } from "../optim/sgd.ts";
import type { GradientTransformation } from "../optim/transform.ts";
import { crossEntropy } from "../train/loss.ts";
import type { Loss } from "../train/step.ts";
import { models } from "./models.ts";
import type { AugmentChoice, MixChoice, OptimizerChoice, Recipe } from "./recipe.ts";

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
  /** Learning rate by step. */
  readonly schedule: Schedule;
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
  const { batch, length, labelSmoothing, mix } = recipe;
  const { name, ...options } = recipe.model;
  const stepsPerEpoch = Math.ceil(images / batch);
  const augment = within("augment", () => inTurnOf(recipe.augment));
  const augmentNormalized = within("augmentNormalized", () => inTurnOf(recipe.augmentNormalized));
  return {
    model: within("model", () => models[name]!.make(classes, options)),
    optimizer: optimizerOf(recipe),
    loss: (logits, labels) => crossEntropy(logits, labels, { labelSmoothing }),
    schedule: scheduleOf(recipe, stepsPerEpoch),
    steps: stepsIn(length, length.count, stepsPerEpoch),
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

/** Number of steps of a length in the unit of the recipe. */
function stepsIn({ unit }: Recipe["length"], length: number, stepsPerEpoch: number): number {
  return unit === "steps" ? Math.round(length) : Math.round(length * stepsPerEpoch);
}

function scheduleOf({ length, schedule, warmup: before }: Recipe, stepsPerEpoch: number): Schedule {
  const stepsOf = (count: number) => stepsIn(length, count, stepsPerEpoch);
  const climb = before ? stepsOf(before.length) : 0;
  const steps = stepsOf(length.count) - climb;
  const { peak } = schedule;
  const main = within("schedule", () => {
    switch (schedule.kind) {
      case "constant":
        return constantRate(peak);
      case "steps": {
        const { at, divideBy } = schedule;
        // Divided by a power at once, so that a tenth of a tenth of 0.1 is 0.001.
        const rates = [0, ...at].map((_, i) => peak / divideBy ** i);
        return piecewise(at.map((place) => stepsOf(place) - climb), rates);
      }
      case "cosine":
        return cosineDecay(peak, steps, { end: schedule.end });
      case "one-cycle": {
        const { rise, start, end } = schedule;
        return oneCycle(peak, steps, { rise, start: peak * start, end: peak * end });
      }
    }
  });
  if (!before) return main;
  return within("warmup", () => warmup(climb, main, { start: before.start * main(0) }));
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
