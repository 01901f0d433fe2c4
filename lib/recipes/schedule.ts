/**
 * The learning rate of a recipe. Some depend on what was measured on the way; they are still plain
 * functions of the step, made again from all measurements when there is another. A measurement takes
 * effect a few steps later, so that a training which reads its losses late, and one which was resumed
 * and knows them all, do the same.
 *
 * @module
 */

import { within } from "../errors.ts";
import { oneCycle } from "../optim/cycle.ts";
import { type Plateau, reduceOnPlateau } from "../optim/plateau.ts";
import {
  constantRate,
  cosineDecay,
  joinSchedules,
  piecewise,
  type Schedule,
  warmup,
} from "../optim/schedule.ts";
import type { Recipe, ScheduleChoice } from "./recipe.ts";

/** Something that was measured while training, on which the learning rate may depend. */
export type Measurement = {
  /** Number of the step after which it was measured. */
  readonly step: number;
  /** Share of the batch that was classified wrong. */
  readonly error?: number;
  /** Loss on the images that are tested on while training. */
  readonly testLoss?: number;
};

/** Number of steps from that of a measurement to the first that it can change. */
const REACTION = 10;

/** Number of batches whose mean error ends a warm-up. */
const WINDOW = 20;

/** Number of steps of a length in the unit of the recipe. */
export function stepsIn({ length: { unit } }: Recipe, length: number, perEpoch: number): number {
  return Math.round(unit === "steps" ? length : length * perEpoch);
}

/** Gives the learning rate of a recipe, from what was measured so far, by step. */
export function scheduleOf(
  recipe: Recipe,
  perEpoch: number,
  measured: readonly Measurement[],
): Schedule {
  const { schedule, warmup: before } = recipe;
  const climb = before?.kind === "linear" ? stepsIn(recipe, before.length, perEpoch) : 0;
  const main = within("schedule", () => mainSchedule(schedule, recipe, perEpoch, climb, measured));
  switch (before?.kind) {
    case undefined:
      return main;
    case "linear":
      return within("warmup", () => warmup(climb, main, { start: before.start * main(0) }));
    case "until-error": {
      const end = warmupEnd(before.error, measured);
      const low = within("warmup", () => constantRate(before.rate));
      return end === undefined ? low : joinSchedules([end], [low, (step) => main(step + end)]);
    }
  }
}

/** The schedule, counted from the end of a climb. */
function mainSchedule(
  schedule: ScheduleChoice,
  recipe: Recipe,
  perEpoch: number,
  climb: number,
  measured: readonly Measurement[],
): Schedule {
  const { peak } = schedule;
  const steps = stepsIn(recipe, recipe.length.count, perEpoch) - climb;
  // Divided by a power at once, so that a tenth of a tenth of 0.1 is 0.001.
  const down = (at: readonly number[], divideBy: number) =>
    piecewise(at.map((place) => place - climb), [0, ...at].map((_, i) => peak / divideBy ** i));
  switch (schedule.kind) {
    case "constant":
      return constantRate(peak);
    case "steps":
      return down(schedule.at.map((at) => stepsIn(recipe, at, perEpoch)), schedule.divideBy);
    case "plateau":
      return down(plateaus(schedule.patience, measured), schedule.divideBy);
    case "cosine":
      return cosineDecay(peak, steps, { end: schedule.end });
    case "one-cycle": {
      const { rise, start, end } = schedule;
      return oneCycle(peak, steps, { rise, start: peak * start, end: peak * end });
    }
  }
}

/** The steps from which the rate is lower, since more tests than `patience` did not get better. */
function plateaus(patience: number, measured: readonly Measurement[]): number[] {
  const reduce = reduceOnPlateau({ patience, factor: 0.5 });
  let before: Plateau | undefined;
  return measured.flatMap(({ step, testLoss }) => {
    if (testLoss === undefined) return [];
    const now = reduce(before, testLoss);
    const isLower = now.scale < (before?.scale ?? 1);
    before = now;
    return isLower ? [step + REACTION] : [];
  });
}

/** The step at which a warm-up until `error` ends, if that is known. */
function warmupEnd(error: number, measured: readonly Measurement[]): number | undefined {
  const errors = measured.filter((measurement) => measurement.error !== undefined);
  const mean = (last: number) =>
    errors.slice(last - WINDOW, last).reduce((sum, { error }) => sum + error!, 0) / WINDOW;
  for (let last = WINDOW; last <= errors.length; last++) {
    if (mean(last) < error) return errors[last - 1]!.step + REACTION;
  }
}

/** Tells whether the learning rate still depends on the error of the batches. */
export function needsError({ warmup }: Recipe, measured: readonly Measurement[]): boolean {
  return warmup?.kind === "until-error" && warmupEnd(warmup.error, measured) === undefined;
}
