/**
 * A strip: pixels side by side that one thread makes. Which pixels of the source their taps meet is the
 * same in all strips, counted from `left`, where the strip starts in the source.
 *
 * @module
 */

import { type Condition, every, range } from "../unrolled.ts";
import { meets, type Walk } from "./conv_sizes.ts";

/** The strips of a row. */
export interface Strips {
  /** The pixels of the source that are met, in their order. */
  readonly seen: readonly number[];
  /** Pixels of a strip that meet one through a tap, each with the number of that one in `seen`. */
  meeting(tap: number): readonly (readonly [pixel: number, seen: number])[];
  /** Whether there is such a pixel of the source. */
  inSource(x: number): Condition;
  /** Whether there is such a pixel of the result, for strips that start at `x`. */
  inResult(pixel: number): Condition;
}

/** Cuts rows into strips of so many pixels. */
export function stripsOf(columns: Walk, pixels: number): Strips {
  const count = Math.ceil(columns.to / pixels);
  const last = (count - 1) * pixels * columns.scale / columns.divide;
  const met = range(pixels * columns.taps)
    .map((i) => meets(columns, Math.floor(i / columns.taps), i % columns.taps))
    .filter((x) => x !== undefined && x + last >= 0 && x < columns.from) as number[];
  const seen = [...new Set(met)].sort((a, b) => a - b);
  return {
    seen,
    meeting: (tap) =>
      range(pixels)
        .map((p) => [p, seen.indexOf(meets(columns, p, tap) ?? NaN)] as const)
        .filter(([, x]) => x >= 0),
    inSource: (x) =>
      every(
        x < 0 ? `left >= ${-x}` : "true",
        x + last >= columns.from ? `left < ${columns.from - x}` : "true",
      ),
    inResult: (pixel) =>
      pixel <= (columns.to - 1) % pixels ? "true" : `x + ${pixel} < ${columns.to}`,
  };
}

/**
 * The lines that find the strip of thread `t`, of which `each` make the same one: where it starts, in
 * row `y` of image `n`. Threads that run side by side skip the same rows of the source.
 */
export function findStrip(each: number, pixels: number, rows: Walk, columns: Walk): string {
  const count = Math.ceil(columns.to / pixels);
  const lines = Math.ceil(rows.to / rows.divide);
  return `let x = t / ${each} % ${count} * ${pixels};
  let left = x * ${columns.scale} / ${columns.divide};
  let line = t / ${each * count} % ${lines * rows.divide};
  let y = line % ${lines} * ${rows.divide} + line / ${lines};
  if (y >= ${rows.to}) { return; }
  let n = t / ${each * count * lines * rows.divide};`;
}

/** How many strips there are in so many images, with those that are skipped. */
export function countStrips(batch: number, pixels: number, rows: Walk, columns: Walk): number {
  return batch * Math.ceil(rows.to / rows.divide) * rows.divide * Math.ceil(columns.to / pixels);
}

/** The lines that find the row `down` of the source that `tap` meets, or go on with the next tap. */
export function findRow({ from, scale, step, shift, divide }: Walk): string {
  return `let down = y * ${scale} + tap * ${step} + ${shift};
    if (down < 0 || down % ${divide} != 0 || down / ${divide} >= ${from}) { continue; }`;
}
