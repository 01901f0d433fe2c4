/**
 * Sums over all axes but the last: a tensor `[…, channels]` as rows, and a row as strips of as many
 * channels as are loaded at once. A thread sums a chunk of rows of one strip, and the chunks are put
 * together in their order by a second program, so the result is the same each time.
 *
 * @module
 */

import { sizeOf } from "../../tensor.ts";
import { MOST_ROUNDS } from "./program.ts";

/** How the columns of a tensor are shared out among threads. */
export interface Columns {
  /** Number of rows. */
  readonly rows: number;
  /** Strips of a row. */
  readonly strips: number;
  /** Type of a strip. */
  readonly type: "f32" | "vec4f";
  /** Rows that one thread sums. */
  readonly chunk: number;
  /** Number of chunks; the last may have fewer rows. */
  readonly chunks: number;
  /** Threads that put the chunks of a strip together. */
  readonly lanes: number;
  /** Rows that one thread goes over where nothing is summed. */
  readonly span: number;
}

/** More rows than these would round worse. */
const MOST_ROWS = 128;

/** Shares out the columns of a tensor of at least one element. */
export function columnsOf(shape: readonly number[], software: boolean): Columns {
  const channels = shape.at(-1)!;
  const rows = sizeOf(shape.slice(0, -1));
  const width = channels % 4 === 0 ? 4 : 1;
  const strips = channels / width;
  // A CPU is busy with a few threads; a GPU wants many, but also few chunks to put together.
  const [threads, least, lanes, span] = software ? [1024, 8, 1, 16] : [65_536, 32, 256, 4];
  const wanted = Math.min(MOST_ROWS, Math.max(least, Math.ceil(rows * strips / threads)));
  const chunk = Math.min(Math.max(wanted, Math.ceil(rows / MOST_ROUNDS)), rows);
  const chunks = Math.ceil(rows / chunk);
  return { rows, strips, type: width === 4 ? "vec4f" : "f32", chunk, chunks, lanes, span };
}

/** Begins a body whose thread `t` goes from row `first` up to row `end` of a strip. */
export function chunkOfRows({ rows, strips, chunk }: Columns): string {
  return `  let strip = t % ${strips};
  let first = t / ${strips} * ${chunk};
  let end = min(first + ${chunk}, ${rows});
`;
}

/** The number of threads that run {@linkcode spanOfRows}. */
export const threadsOfSpans = ({ rows, strips, span }: Columns): number =>
  strips * Math.ceil(rows / span);

/** A body whose thread `t` does something for elements `at` of some rows of a strip. */
export function spanOfRows({ rows, strips, span }: Columns, before: string, each: string): string {
  return `  let strip = t % ${strips};
  let first = t / ${strips} * ${span};
${before}
  for (var row = first; row < min(first + ${span}, ${rows}); row++) {
    let at = row * ${strips} + strip;
${each}
  }`;
}
