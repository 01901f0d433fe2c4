/**
 * Schedules that go up and down: a line through given rates, one cycle, and a cosine that starts again.
 *
 * @module
 */

import { check } from "./range.ts";
import {
  between,
  checkBoundaries,
  cosineDecay,
  type Ease,
  easing,
  type Schedule,
  segment,
} from "./schedule.ts";

/** Options of {@linkcode interpolate}. */
export interface InterpolateOptions {
  /** How to go from each rate to the next; `linear` by default. */
  readonly ease?: Ease;
}

/**
 * Goes from `rates[0]` at step 0 through `rates[i + 1]` at step `boundaries[i]`, and stays at the last.
 *
 * @throws {ArgumentError} If there is not one rate more than boundaries, boundaries do not grow, or a
 * number is out of its range.
 *
 * @example Up and down
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { interpolate } from "@fplusx/nn";
 *
 * const schedule = interpolate([10, 30], [0, 1, 0.5]);
 * assertEquals([0, 5, 10, 20, 30, 99].map(schedule), [0, 0.5, 1, 0.75, 0.5, 0.5]);
 * ```
 */
export function interpolate(
  boundaries: readonly number[],
  rates: readonly number[],
  { ease = "linear" }: InterpolateOptions = {},
): Schedule {
  checkBoundaries("interpolate", boundaries, rates.length, "rates");
  for (const rate of rates) check("interpolate", "rate", { rate });
  const along = easing("interpolate", ease);
  return (step) => {
    const i = segment(boundaries, step);
    if (i === boundaries.length) return rates[i]!;
    const from = boundaries[i - 1] ?? 0;
    return between(rates[i + 1]!, rates[i]!, along((step - from) / (boundaries[i]! - from)));
  };
}

/** Options of {@linkcode oneCycle}; the defaults are those of PyTorch and Optax. */
export interface OneCycleOptions {
  /** Share of the steps in which the rate grows; 0.3 by default. */
  readonly rise?: number;
  /** The rate of step 0; a 25th of the peak by default. */
  readonly start?: number;
  /** The rate at the end and after it; a 10,000th of the start by default. */
  readonly end?: number;
  /** How it goes up and down; `cosine` by default. */
  readonly ease?: Ease;
}

/**
 * Goes up to `peak` and down again in `steps` steps
 * ({@link https://arxiv.org/abs/1708.07120 Smith and Topin 2018}).
 *
 * @throws {ArgumentError} If a number is out of its range.
 *
 * @example Its three corners
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { oneCycle } from "@fplusx/nn";
 *
 * assertEquals([0, 30, 100].map(oneCycle(1, 100, { start: 0.25, end: 0 })), [0.25, 1, 0]);
 * ```
 */
export function oneCycle(peak: number, steps: number, options: OneCycleOptions = {}): Schedule {
  const { rise = 0.3, start = peak / 25, end = start / 1e4, ease = "cosine" } = options;
  check("oneCycle", "rate", { peak, start, end });
  check("oneCycle", "count", { steps });
  check("oneCycle", "fraction", { rise });
  return interpolate([Math.floor(rise * steps), steps], [start, peak, end], { ease });
}

/** Options of {@linkcode cosineRestarts}. */
export interface CosineRestartsOptions {
  /** How many times longer each period is than the one before; 1 by default. */
  readonly growth?: number;
  /** How many times higher each period begins than the one before; 1 by default. */
  readonly decay?: number;
  /** The rate that each period goes down to; 0 by default. */
  readonly end?: number;
}

/**
 * Goes down as half a wave of the cosine and starts again, period after period
 * ({@link https://arxiv.org/abs/1608.03983 Loshchilov and Hutter 2017}).
 *
 * @throws {ArgumentError} If a number is out of its range.
 *
 * @example Periods of 10, 20, 40 steps
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { cosineRestarts } from "@fplusx/nn";
 *
 * const schedule = cosineRestarts(1, 10, { growth: 2 });
 * for (const step of [0, 10, 30]) assertAlmostEquals(schedule(step), 1);
 * for (const step of [5, 20, 50]) assertAlmostEquals(schedule(step), 0.5);
 * ```
 */
export function cosineRestarts(
  rate: number,
  period: number,
  { growth = 1, decay = 1, end = 0 }: CosineRestartsOptions = {},
): Schedule {
  check("cosineRestarts", "rate", { rate, decay, end });
  check("cosineRestarts", "count", { period, growth });
  return (step) => {
    // Period number n begins at period · (1 + growth + … + growth^(n - 1)).
    const periods = step / period;
    const n = growth === 1
      ? Math.floor(periods)
      : Math.floor(Math.log1p(periods * (growth - 1)) / Math.log(growth) + 1e-12);
    const begin = growth === 1 ? n * period : period * (growth ** n - 1) / (growth - 1);
    return cosineDecay(rate * decay ** n, period * growth ** n, { end })(step - begin);
  };
}
