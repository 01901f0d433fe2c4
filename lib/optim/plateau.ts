/**
 * A learning rate that falls when a metric no longer gets better. What it does depends on what was
 * measured, so it is not a schedule, which is a function of the step alone, but a reducer: from where
 * it stands and a measurement to where it stands next. That is plain data, to be kept in a checkpoint
 * beside the training; a schedule is multiplied with its `scale`.
 *
 * @module
 */

import { check } from "./range.ts";

/** Where a {@linkcode reduceOnPlateau} stands. */
export type Plateau = {
  /** What to multiply the learning rate with. */
  readonly scale: number;
  /** The best value so far; `null` before the first. */
  readonly best: number | null;
  /** Number of values in a row that were not better. */
  readonly waited: number;
  /** Number of values that are still let pass after a reduction. */
  readonly resting: number;
};

/** Options of {@linkcode reduceOnPlateau}; the defaults are those of PyTorch. */
export interface ReduceOnPlateauOptions {
  /** What the rate is multiplied with at a plateau, in (0, 1); 0.1 by default. */
  readonly factor?: number;
  /** How many values in a row may be no better; 10 by default. */
  readonly patience?: number;
  /** How much better a value has to be, as a share of the best; 1e-4 by default. */
  readonly threshold?: number;
  /** How many values are let pass after a reduction; 0 by default. */
  readonly cooldown?: number;
  /** The least scale; 0 by default. */
  readonly least?: number;
  /** Whether smaller values are better, as of a loss, or larger; `smaller` by default. */
  readonly better?: "smaller" | "larger";
}

/** Gives where a plateau stands after a value, from where it stood (`undefined` at the start). */
export type PlateauReducer = (before: Plateau | undefined, value: number) => Plateau;

/**
 * Gives the reducer that lowers the scale when a metric does not get better. A value that is not a
 * number is not better.
 *
 * @throws {ArgumentError} If a number is out of its range.
 *
 * @example A tenth of the rate after two losses that are no better
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cosineDecay, type Plateau, reduceOnPlateau } from "@fplusx/nn";
 *
 * const reduce = reduceOnPlateau({ patience: 1 });
 * const base = cosineDecay(0.5, 1000);
 * let plateau: Plateau | undefined;
 * const schedule = (step: number) => base(step) * (plateau?.scale ?? 1);
 * for (const loss of [2, 1, 1, 1.5]) plateau = reduce(plateau, loss);
 * assertEquals(schedule(0), 0.05);
 * ```
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions = {}): PlateauReducer {
  const { factor = 0.1, patience = 10, threshold = 1e-4, cooldown = 0, least = 0 } = options;
  const { better = "smaller" } = options;
  check("reduceOnPlateau", "fraction", { factor, threshold });
  check("reduceOnPlateau", "positive", { factor });
  check("reduceOnPlateau", "position", { patience, cooldown });
  check("reduceOnPlateau", "rate", { least });
  const isBetter = (value: number, best: number | null): boolean => {
    if (best === null) return !Number.isNaN(value);
    return better === "smaller" ? value < best * (1 - threshold) : value > best * (1 + threshold);
  };
  return (before = START, value) => {
    const improved = isBetter(value, before.best);
    const best = improved ? value : before.best;
    const waited = improved || before.resting > 0 ? 0 : before.waited + 1;
    const { scale } = before;
    return waited > patience
      ? { scale: Math.max(scale * factor, least), best, waited: 0, resting: cooldown }
      : { scale, best, waited, resting: Math.max(before.resting - 1, 0) };
  };
}

const START: Plateau = Object.freeze({ scale: 1, best: null, waited: 0, resting: 0 });
