/**
 * Packing: the columns of a matrix side by side in panels of {@linkcode COLUMNS}, so that a tile
 * reads one run of memory. A convolution of few pixels spends as much time on this as on its products.
 *
 * @module
 */

import {
  advance,
  countDown,
  each,
  type FunctionCode,
  get,
  load,
  move,
  number,
  repeat,
  set,
  store,
} from "./assembler.ts";
import { COLUMNS } from "./tile.ts";

// Addresses, counts, and distances in bytes.
const { from, to, rows, row, panels, panel, source, target, count } = number(
  "from to rows row panels panel source target count",
);

/** Copies rows that lie `row` apart into panels that lie `panel` apart; there, rows are dense. */
export const pack: FunctionCode = {
  name: "pack",
  parameters: 6,
  integers: 3,
  vectors: 0,
  body: repeat([
    [get(from), set(source), get(to), set(target), get(panels), set(count)],
    repeat([
      each(COLUMNS / 4, (v) => [get(target), get(source), load(16 * v), store(16 * v)]),
      [advance(source, 4 * COLUMNS), move(target, panel), countDown(count)],
    ]),
    [move(from, row), advance(to, 4 * COLUMNS), countDown(rows)],
  ]),
};
