/**
 * What numbers an optimizer or schedule may be made with. Everything is checked when it is made, so
 * that a wrong number is a message at the start and not a diverged run in the morning.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";

const RANGES = {
  rate: ["a finite number of at least 0", (x: number) => x >= 0 && x < Infinity],
  positive: ["a positive number", (x: number) => x > 0 && x < Infinity],
  finite: ["a finite number", (x: number) => Number.isFinite(x)],
  share: ["a number above 0 and of at most 1", (x: number) => x > 0 && x <= 1],
  fraction: ["a number of at least 0 and less than 1", (x: number) => x >= 0 && x < 1],
  count: ["an integer of at least 1", (x: number) => Number.isSafeInteger(x) && x >= 1],
  probability: ["a number from 0 to 1", (x: number) => x >= 0 && x <= 1],
  seed: [
    "an integer from 0 to 4294967295",
    (x: number) => Number.isInteger(x) && x >= 0 && x < 2 ** 32,
  ],
  position: ["an integer of at least 0", (x: number) => Number.isSafeInteger(x) && x >= 0],
} as const;

/** The name of a range. */
export type Range = keyof typeof RANGES;

/** Says what a number of the range has to be, if this one is not in it. */
export function need(range: Range, value: number): string | undefined {
  const [what, allows] = RANGES[range];
  return allows(value) ? undefined : what;
}

/**
 * Checks the numbers that `maker` was given, by name.
 *
 * @throws {ArgumentError} If one is out of its range; names maker, option and value.
 */
export function check(
  maker: string,
  range: Range,
  options: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(options)) {
    const wanted = need(range, value);
    if (wanted !== undefined) {
      throw new ArgumentError(`Cannot make ${maker} with ${name} ${value}: need ${wanted}`);
    }
  }
}
