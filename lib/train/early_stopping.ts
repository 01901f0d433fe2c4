/**
 * Ending a training that no longer gets better. Like a learning rate that falls at a plateau, it is a
 * reducer: from where it stands and a measurement to where it stands next, which is plain data and can
 * be computed again from a history.
 *
 * @module
 */

import { check } from "../optim/range.ts";

/** Where an {@linkcode earlyStopping} stands. */
export type Waiting = {
  /** The best value so far; `null` before the first. */
  readonly best: number | null;
  /** Number of values in a row that were not better. */
  readonly waited: number;
  /** Whether to stop: it has waited for as long as it should. */
  readonly stop: boolean;
};

/** Options of {@linkcode earlyStopping}. */
export interface EarlyStoppingOptions {
  /** How many values in a row may be no better, the last of which stops; 10 by default. */
  readonly patience?: number;
  /** How much better a value has to be; 0 by default, as in Flax. */
  readonly least?: number;
  /** Whether smaller values are better, as of a loss, or larger; `smaller` by default. */
  readonly better?: "smaller" | "larger";
}

/**
 * Gives the reducer that says when to stop. A value that is not a number is not better.
 *
 * @throws {ArgumentError} If a number is out of its range.
 *
 * @example Two losses that are no better
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { earlyStopping, type Waiting } from "@fplusx/nn";
 *
 * const wait = earlyStopping({ patience: 2 });
 * let waiting: Waiting | undefined;
 * const stops = [0.9, 0.5, 0.6, 0.5].map((loss) => (waiting = wait(waiting, loss)).stop);
 * assertEquals(stops, [false, false, false, true]);
 * ```
 */
export function earlyStopping(
  options: EarlyStoppingOptions = {},
): (before: Waiting | undefined, value: number) => Waiting {
  const { patience = 10, least = 0, better = "smaller" } = options;
  check("earlyStopping", "count", { patience });
  check("earlyStopping", "rate", { least });
  const gain = (value: number, best: number) => better === "smaller" ? best - value : value - best;
  return (before, value) => {
    const best = before?.best ?? null;
    const improved = best === null ? !Number.isNaN(value) : gain(value, best) > least;
    const waited = improved ? 0 : (before?.waited ?? 0) + 1;
    return { best: improved ? value : best, waited, stop: waited >= patience };
  };
}
