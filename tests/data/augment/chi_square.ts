/** Whether counts are as even as chance makes them. */

import { assert } from "@std/assert";

/**
 * Checks counts that should be equal with Pearson's chi-square: fails for one of a hundred thousand
 * keys when they are drawn evenly, by the approximation of Wilson and Hilferty.
 */
export function assertUniform(counts: readonly number[]): void {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  const spread = 2 / (9 * freedom);
  const deviations = (Math.cbrt(chiSquare / freedom) - (1 - spread)) / Math.sqrt(spread);
  assert(deviations < 4.27, `chi-square ${chiSquare} of ${freedom} degrees: ${counts.join(", ")}`);
}
