/**
 * Operations on each element by itself that training spends its time on.
 *
 * @module
 */

import {
  advance,
  AT_MOST,
  type Code,
  countDown,
  type FunctionCode,
  get,
  load,
  loadSplat,
  number,
  repeat,
  set,
  store,
  WITHOUT,
  ZEROS,
} from "./assembler.ts";
import { multiplyAdd } from "./tile.ts";

const { x, y, to, vectors, factor, spread } = number("x y to vectors factor spread");

/** Goes over two arrays, and writes what `step` leaves to a third. */
const overBoth = (step: Code): Code =>
  repeat([
    [get(to), step, store(0)],
    [advance(x, 16), advance(y, 16), advance(to, 16), countDown(vectors)],
  ]);

/** `x + factor y`, with the factor in the heap. */
export function addScaled(fused: boolean): FunctionCode {
  return {
    name: "addScaled",
    parameters: 5,
    integers: 0,
    vectors: 1,
    body: [
      [get(factor), loadSplat(0), set(spread)],
      overBoth(multiplyAdd(fused, [get(y), load(0)], get(spread), [get(x), load(0)])),
    ],
  };
}

/** `y`, but zero where `x` is at most zero. */
export const reluGradient: FunctionCode = {
  name: "reluGradient",
  parameters: 4,
  integers: 0,
  vectors: 0,
  body: overBoth([[get(y), load(0)], [get(x), load(0), ZEROS, AT_MOST], WITHOUT]),
};
