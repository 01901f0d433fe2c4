/**
 * Framing: copies of images with zeros around them, so that windows of a convolution that reach over
 * the border need no care.
 *
 * @module
 */

import {
  type Code,
  COPY_BYTES,
  countDown,
  FILL_BYTES,
  type FunctionCode,
  get,
  integer,
  move,
  number,
  repeat,
  set,
  when,
} from "./assembler.ts";

// Addresses, counts, and sizes in bytes.
const { from, to, images, lines, line, before, between, after, count } = number(
  "from to images lines line before between after count",
);

const clear = (size: number): Code => [
  [get(to), integer(0), get(size), FILL_BYTES],
  move(to, size),
];

/**
 * Copies dense images, putting zeros before the first line of each, between its lines and after its
 * last line.
 */
export const frame: FunctionCode = {
  name: "frame",
  parameters: 8,
  integers: 1,
  vectors: 0,
  body: repeat([
    clear(before),
    [get(lines), set(count)],
    repeat([
      [get(to), get(from), get(line), COPY_BYTES],
      [move(to, line), move(from, line)],
      [countDown(count), when(clear(between)), get(count)],
    ]),
    clear(after),
    countDown(images),
  ]),
};
