/**
 * Statistics for few seeds: mean and deviation, and two paired tests. The t test assumes that the
 * differences of pairs are normal; the sign test assumes nothing, and with three seeds can never give
 * less than 1/4.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";

/** Mean and spread of some values. */
export type Summary = {
  /** Mean. */
  readonly mean: number;
  /** Standard deviation, with `count - 1`; 0 of a single value. */
  readonly deviation: number;
  /** Number of values. */
  readonly count: number;
};

/**
 * Gives mean and standard deviation.
 *
 * @throws {ArgumentError} If there is no value.
 *
 * @example Three seeds
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { summarize } from "@fplusx/nn/lab";
 *
 * assertEquals(summarize([1, 2, 3]), { mean: 2, deviation: 1, count: 3 });
 * ```
 */
export function summarize(values: readonly number[]): Summary {
  const count = values.length;
  if (count === 0) throw new ArgumentError("Cannot summarize no values: need at least one");
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: count === 1 ? 0 : Math.sqrt(squares / (count - 1)), count };
}

/** What a paired test found. */
export type PairedTest = {
  /** Mean of the differences of pairs. */
  readonly difference: number;
  /** Their standard deviation. */
  readonly deviation: number;
  /** Chance of a mean this far from 0 if there were no difference, by Student's t; two-sided. */
  readonly t: number;
  /** Chance of signs this lopsided if both were as likely; pairs without difference do not count. */
  readonly sign: number;
};

/**
 * Compares two lists of values that belong together in pairs: the same seed, the same data order.
 *
 * @throws {ArgumentError} If there are not as many values in both, or fewer than two.
 *
 * @example The second is larger every time
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { pairedTest } from "@fplusx/nn/lab";
 *
 * const { difference, t, sign } = pairedTest([1, 2, 3], [2, 4, 6]);
 * assertEquals([difference, sign], [2, 0.25]);
 * assertAlmostEquals(t, 0.0742, 1e-4);
 * ```
 */
export function pairedTest(before: readonly number[], after: readonly number[]): PairedTest {
  if (before.length !== after.length || before.length < 2) {
    throw new ArgumentError(
      `Cannot pair ${before.length} values with ${after.length}: need as many, and at least 2`,
    );
  }
  const differences = after.map((value, i) => value - before[i]!);
  const { mean, deviation, count } = summarize(differences);
  const t = mean / (deviation / Math.sqrt(count));
  return {
    difference: mean,
    deviation,
    t: mean === 0 ? 1 : studentTails(t, count - 1),
    sign: signTails(differences.filter((d) => d > 0).length, differences.filter(Boolean).length),
  };
}

/** Chance of `|T| ≥ |t|` by Student's distribution: the incomplete beta function at ν / (ν + t²). */
function studentTails(t: number, freedom: number): number {
  if (!Number.isFinite(t)) return 0;
  const x = freedom / (freedom + t * t);
  const [a, b] = [freedom / 2, 0.5];
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  return x < (a + 1) / (a + b + 2)
    ? front * betaFraction(x, a, b) / a
    : 1 - front * betaFraction(1 - x, b, a) / b;
}

/** The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by Lentz. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / (1 - (a + b) * x / (a + 1));
  let value = d;
  for (let m = 1; m < 200; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    for (const term of [even, odd]) {
      d = 1 / (1 + term * d);
      c = 1 + term / c;
      value *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return value;
}

/** The logarithm of Γ at a positive half or whole number, step by step down to Γ(1) or Γ(1/2). */
function logGamma(x: number): number {
  let sum = 0;
  for (; x > 1; x--) sum += Math.log(x - 1);
  return x === 1 ? sum : sum + Math.log(Math.PI) / 2;
}

/** Chance of at least as lopsided a split of `count` fair coins. */
function signTails(heads: number, count: number): number {
  const most = Math.max(heads, count - heads);
  let ways = 1;
  let tail = 0;
  for (let k = count; k >= most; k--) {
    tail += ways;
    ways *= k / (count - k + 1);
  }
  return Math.min(1, 2 * tail / 2 ** count);
}

/** Writes a summary as `mean ± deviation`. */
export function showSummary({ mean, deviation }: Summary, digits = 2): string {
  return `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
}
