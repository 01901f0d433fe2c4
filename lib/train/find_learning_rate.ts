/**
 * Finding a learning rate: train while the rate grows from far too small to far too large, and look at
 * where the loss falls fastest and where it has fallen furthest.
 *
 * Smith, *Cyclical learning rates for training neural networks* (WACV 2017), section 3.3; smoothing and
 * the rule of a tenth are those of fastai (Gugger 2018, "How do you find a good learning rate").
 *
 * @module
 */

import { ArgumentError, NonFiniteError } from "../errors.ts";
import { check } from "../optim/range.ts";
import { exponentialDecay } from "../optim/schedule.ts";
import type { Tree } from "../tree.ts";
import { train, type TrainOptions } from "./loop.ts";
import type { Batch } from "./step.ts";

/** What to find a learning rate for, and where to look. */
export interface FindLearningRateOptions<P extends Tree, S extends Tree, B extends Batch = Batch>
  extends Omit<TrainOptions<P, S, B>, "schedule" | "firstStep"> {
  /** Number of steps in which the rate grows; 100 by default, as in fastai. */
  readonly steps?: number;
  /** The first rate; 1e-5 by default. */
  readonly from?: number;
  /** The last rate, unless the loss explodes before; 10 by default, as in fastai. */
  readonly to?: number;
  /** Is told of each step. */
  readonly progress?: (point: LearningRatePoint) => void;
}

/** The loss at a learning rate. */
export type LearningRatePoint = {
  /** Number of the step, from 0. */
  readonly step: number;
  /** Its learning rate. */
  readonly learningRate: number;
  /** Loss of its batch. */
  readonly loss: number;
  /** Running average of the losses so far. */
  readonly smoothed: number;
};

/** What {@linkcode findLearningRate} found. */
export type LearningRates = {
  /** The loss by learning rate. */
  readonly points: readonly LearningRatePoint[];
  /** Where the smoothed loss falls fastest as the rate grows by a factor: a rate that is safe. */
  readonly steepest: number;
  /** A tenth of where the smoothed loss is least: a rate to go up to. */
  readonly suggestion: number;
};

/** Share of the running average of the loss that is kept. */
const KEPT = 0.9;
/** The loss has exploded when it is so many times the least. */
const EXPLODED = 4;

/**
 * Trains while the learning rate grows, until the loss is 4 times the least that it was, or is not
 * finite. The training is only for looking: what it comes to is let go of.
 *
 * @throws {ArgumentError} If a number is out of its range, or the loss exploded within ten steps.
 *
 * @example Noisy parabolas, on which rates above 1 diverge
 * ```ts
 * import { assert } from "@std/assert";
 * import { dense, findLearningRate, initTraining, key, meanSquaredError, setup, sgd, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * function* batches() {
 *   for (let i = 0;; i++) yield { x: tensor([1, -1], [2, 1]), y: tensor([2 + i % 2, -2], [2, 1]) };
 * }
 * const parts = { model: dense(1), optimizer: sgd(), loss: meanSquaredError };
 * const state = initTraining(parts, key(0), [2, 1]);
 * const { suggestion, points } = await findLearningRate({ ...parts, state, batches: batches() });
 * assert(suggestion > 0.01 && suggestion < 0.2);
 * assert(points.at(-1)!.learningRate < 10);
 * ```
 */
export async function findLearningRate<P extends Tree, S extends Tree, B extends Batch = Batch>(
  options: FindLearningRateOptions<P, S, B>,
): Promise<LearningRates> {
  const { steps = 100, from = 1e-5, to = 10, progress } = options;
  check("findLearningRate", "count", { steps });
  check("findLearningRate", "positive", { from, to });
  if (steps < LEAST || from >= to) {
    throw new ArgumentError(
      `Cannot look for a learning rate from ${from} to ${to} in ${steps} steps: need a rate that ` +
        `grows, and ${LEAST} steps`,
    );
  }
  using training = train({
    ...options,
    steps,
    schedule: exponentialDecay(from, steps - 1, to / from),
  });
  const points: LearningRatePoint[] = [];
  let sum = 0;
  let least = Infinity;
  try {
    for await (const event of training) {
      if (event.kind !== "loss") continue;
      const { step, learningRate, loss } = event;
      sum = KEPT * sum + (1 - KEPT) * loss;
      const smoothed = sum / (1 - KEPT ** (step + 1));
      least = Math.min(least, smoothed);
      if (smoothed > EXPLODED * least) break;
      const point = { step, learningRate, loss, smoothed };
      points.push(point);
      progress?.(point);
    }
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
  }
  return { points, ...suggested(points, from) };
}

/** Number of points without which there is no curve. */
const LEAST = 10;

/** Finds the two rates on a curve. */
function suggested(points: readonly LearningRatePoint[], from: number) {
  if (points.length < LEAST) {
    throw new ArgumentError(
      `Cannot find a learning rate: the loss exploded at step ${points.length}; need a first rate ` +
        `below ${from}`,
    );
  }
  const lowest = points.reduce((a, b) => b.smoothed < a.smoothed ? b : a);
  // Over a twentieth of the curve, and not at its start, where the average has little to go by.
  const span = Math.max(1, Math.floor(points.length / 20));
  const slope = (i: number) => points[i + span]!.smoothed - points[i]!.smoothed;
  const first = Math.min(LEAST / 2, points.length - span - 1);
  let steepest = first;
  for (let i = first; i + span < points.length; i++) if (slope(i) < slope(steepest)) steepest = i;
  return {
    steepest: points[steepest]!.learningRate,
    suggestion: lowest.learningRate / 10,
  };
}
