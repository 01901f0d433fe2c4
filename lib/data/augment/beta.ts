/**
 * Draws of the beta distribution with two equal parameters, by Jöhnk's method: two powers of uniform
 * numbers, drawn again until their sum is at most 1.
 *
 * @module
 */

import { fold, type Key } from "../../key.ts";
import { draws } from "./augmentation.ts";

/** Gives a number from 0 to 1 drawn from Beta(alpha, alpha). */
export function beta(key: Key, alpha: number): number {
  for (let attempt = 0;; attempt++) {
    const [u, v] = draws(fold(key, attempt), 2);
    // In logarithms, since powers of a small alpha underflow.
    const [a, b] = [Math.log(u!) / alpha, Math.log(v!) / alpha];
    const highest = Math.max(a, b);
    const [x, y] = [Math.exp(a - highest), Math.exp(b - highest)];
    if (highest + Math.log(x + y) <= 0) return x / (x + y);
  }
}
