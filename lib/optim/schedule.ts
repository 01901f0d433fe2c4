/**
 * Schedules: how the learning rate goes from step to step. A schedule is a plain function on the
 * host, so it is exact, can be drawn before it is used, and one's own needs nothing but an arrow.
 * Steps count from 0.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { check } from "./range.ts";

/** Gives the learning rate of a step, counted from 0. */
export type Schedule = (step: number) => number;

/**
 * Gives the same rate at every step.
 *
 * @throws {ArgumentError} If the rate is negative or not finite.
 *
 * @example The same now and later
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { constantRate } from "@fplusx/nn";
 *
 * assertEquals([0, 1e6].map(constantRate(0.1)), [0.1, 0.1]);
 * ```
 */
export function constantRate(rate: number): Schedule {
  check("constantRate", "rate", { rate });
  return () => rate;
}

/**
 * Gives `rates[i]` from step `boundaries[i - 1]` on.
 *
 * @throws {ArgumentError} If there is not one rate more than boundaries, boundaries do not grow, or a
 * number is out of its range.
 *
 * @example The schedule of the ResNet paper for CIFAR-10
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { piecewise } from "@fplusx/nn";
 *
 * const schedule = piecewise([32_000, 48_000], [0.1, 0.01, 0.001]);
 * assertEquals([31_999, 32_000, 48_000].map(schedule), [0.1, 0.01, 0.001]);
 * ```
 */
export function piecewise(boundaries: readonly number[], rates: readonly number[]): Schedule {
  checkBoundaries("piecewise", boundaries, rates.length, "rates");
  for (const rate of rates) check("piecewise", "rate", { rate });
  return (step) => rates[segment(boundaries, step)]!;
}

/** The number of boundaries at or before a step. */
export function segment(boundaries: readonly number[], step: number): number {
  return boundaries.filter((boundary) => boundary <= step).length;
}

/** Checks that boundaries grow, and that there is one thing more than there are boundaries. */
export function checkBoundaries(
  maker: string,
  boundaries: readonly number[],
  count: number,
  of: string,
): void {
  for (const boundary of boundaries) check(maker, "position", { boundary });
  if (count !== boundaries.length + 1) {
    throw new ArgumentError(
      `Cannot make ${maker} with ${boundaries.length} boundaries and ${count} ${of}: ` +
        `need ${boundaries.length + 1} ${of}`,
    );
  }
  if (boundaries.some((boundary, i) => boundary <= (boundaries[i - 1] ?? -1))) {
    throw new ArgumentError(
      `Cannot make ${maker} with boundaries [${boundaries}]: need them to grow`,
    );
  }
}

/**
 * Multiplies the rate by `factor` after every `every` steps.
 *
 * @throws {ArgumentError} If a number is out of its range.
 *
 * @example Half after every ten steps
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { stepDecay } from "@fplusx/nn";
 *
 * assertEquals([9, 10, 20].map(stepDecay(8, 10, 0.5)), [8, 4, 2]);
 * ```
 */
export function stepDecay(rate: number, every: number, factor = 0.1): Schedule {
  check("stepDecay", "rate", { rate, factor });
  check("stepDecay", "count", { every });
  return (step) => rate * factor ** Math.floor(step / every);
}

/**
 * Multiplies the rate by `factor` over `steps` steps, and again over the next, smoothly.
 *
 * @throws {ArgumentError} If a number is out of its range.
 *
 * @example A quarter over ten steps is a half over five
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { exponentialDecay } from "@fplusx/nn";
 *
 * assertEquals([0, 5, 10].map(exponentialDecay(8, 10, 0.25)), [8, 4, 2]);
 * ```
 */
export function exponentialDecay(rate: number, steps: number, factor: number): Schedule {
  check("exponentialDecay", "rate", { rate });
  check("exponentialDecay", "positive", { factor });
  check("exponentialDecay", "count", { steps });
  return (step) => rate * factor ** (step / steps);
}

/** Options of {@linkcode polynomialDecay}. */
export interface PolynomialDecayOptions {
  /** The rate at the end and after it; 0 by default. */
  readonly end?: number;
  /** The power: 1, the default, is a straight line. */
  readonly power?: number;
}

/**
 * Goes from `rate` to `end` over `steps` steps as a power of the steps that are left.
 *
 * @throws {ArgumentError} If a number is out of its range.
 *
 * @example A straight line, and a parabola
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { polynomialDecay } from "@fplusx/nn";
 *
 * assertEquals([0, 5, 10].map(polynomialDecay(8, 10)), [8, 4, 0]);
 * assertEquals([0, 5, 10].map(polynomialDecay(8, 10, { power: 2 })), [8, 2, 0]);
 * ```
 */
export function polynomialDecay(
  rate: number,
  steps: number,
  { end = 0, power = 1 }: PolynomialDecayOptions = {},
): Schedule {
  check("polynomialDecay", "rate", { rate, end });
  check("polynomialDecay", "positive", { power });
  check("polynomialDecay", "count", { steps });
  return (step) => between(rate, end, (1 - Math.min(step / steps, 1)) ** power);
}

/** `rate` for a share of 1 and `end` for a share of 0, both exactly. */
export function between(rate: number, end: number, share: number): number {
  return rate * share + end * (1 - share);
}

/** Options of {@linkcode cosineDecay}. */
export interface CosineDecayOptions {
  /** The rate at the end and after it; 0 by default. */
  readonly end?: number;
}

/**
 * Goes from `rate` to `end` over `steps` steps as half a wave of the cosine
 * ({@link https://arxiv.org/abs/1608.03983 Loshchilov and Hutter 2017}, without restarts).
 *
 * @throws {ArgumentError} If a number is out of its range.
 *
 * @example Half way there
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { cosineDecay } from "@fplusx/nn";
 *
 * assertAlmostEquals(cosineDecay(0.1, 1000)(500), 0.05);
 * ```
 */
export function cosineDecay(
  rate: number,
  steps: number,
  { end = 0 }: CosineDecayOptions = {},
): Schedule {
  check("cosineDecay", "rate", { rate, end });
  check("cosineDecay", "count", { steps });
  return (step) => between(rate, end, (1 + Math.cos(Math.PI * Math.min(step / steps, 1))) / 2);
}

/** How to go from one rate to another: in a line, as half a wave of the cosine, or as a power. */
export type Ease = "linear" | "cosine" | number;

/** Gives the share of the way that is behind from the share of the steps that are; 0 and 1 are exact. */
export function easing(maker: string, ease: Ease): (share: number) => number {
  if (ease === "linear") return (share) => share;
  if (ease === "cosine") return (share) => (1 - Math.cos(Math.PI * share)) / 2;
  check(maker, "positive", { ease });
  return (share) => share ** ease;
}

/** Options of {@linkcode warmup}. */
export interface WarmupOptions {
  /** The rate of step 0; 0 by default. */
  readonly start?: number;
  /** How it climbs; `linear` by default. */
  readonly ease?: Ease;
}

/**
 * Climbs over `steps` steps to where `then` begins, and goes on with `then`, whose own step 0 is at the
 * end of the climb.
 *
 * @throws {ArgumentError} If a number is out of its range.
 *
 * @example Five steps up, then a cosine down
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cosineDecay, warmup } from "@fplusx/nn";
 *
 * const schedule = warmup(5, cosineDecay(0.5, 100));
 * assertEquals([0, 1, 5, 105].map(schedule), [0, 0.1, 0.5, 0]);
 * ```
 */
export function warmup(
  steps: number,
  then: Schedule,
  { start = 0, ease = "linear" }: WarmupOptions = {},
): Schedule {
  check("warmup", "count", { steps });
  check("warmup", "rate", { start });
  const [top, climb] = [then(0), easing("warmup", ease)];
  return joinSchedules([steps], [(step) => between(top, start, climb(step / steps)), then]);
}

/**
 * Follows one schedule after the other: the next from each boundary on, at its own step 0 there.
 *
 * @throws {ArgumentError} If there is not one schedule more than boundaries, or boundaries do not
 * grow.
 *
 * @example A plateau, then a slope
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { constantRate, joinSchedules, polynomialDecay } from "@fplusx/nn";
 *
 * const schedule = joinSchedules([10], [constantRate(1), polynomialDecay(1, 10)]);
 * assertEquals([9, 10, 15, 20].map(schedule), [1, 1, 0.5, 0]);
 * ```
 */
export function joinSchedules(
  boundaries: readonly number[],
  schedules: readonly Schedule[],
): Schedule {
  checkBoundaries("joinSchedules", boundaries, schedules.length, "schedules");
  return (step) => {
    const i = segment(boundaries, step);
    return schedules[i]!(step - (boundaries[i - 1] ?? 0));
  };
}
