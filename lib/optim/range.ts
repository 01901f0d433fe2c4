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
  fraction: ["a number of at least 0 and less than 1", (x: number) => x >= 0 && x < 1],
  count: ["an integer of at least 1", (x: number) => Number.isSafeInteger(x) && x >= 1],
  position: ["an integer of at least 0", (x: number) => Number.isSafeInteger(x) && x >= 0],
} as const;

/**
 * Checks the numbers that `maker` was given, by name.
 *
 * @throws {ArgumentError} If one is out of its range; names maker, option and value.
 */
export function check(
  maker: string,
  range: keyof typeof RANGES,
  options: Readonly<Record<string, number>>,
): void {
  const [need, allows] = RANGES[range];
  for (const [name, value] of Object.entries(options)) {
    if (!allows(value)) {
      throw new ArgumentError(`Cannot make ${maker} with ${name} ${value}: need ${need}`);
    }
  }
}
