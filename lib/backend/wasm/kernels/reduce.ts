/**
 * `Sum` and `Mean`. The axes are merged into runs that are kept or reduced, and each reduced run is
 * folded by itself, `[outer, rows, columns]` to `[outer, columns]`: wide columns by XNNPACK's average
 * pooling, narrow ones by a loop in double precision. The stock kernels transpose first, and add one
 * number after another in single precision.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import { tf } from "../../../tfjs.ts";
import { WIDEST } from "./pool.ts";
import { type Kernel, type Scratch, type TensorInfo, view } from "../scratch.ts";

/** Rows that one average takes: more would round worse, as it adds up in single precision. */
const WINDOW = 256;

interface Reduction {
  readonly axis: number | number[] | null;
  readonly keepDims: boolean;
}

/** Neighbouring axes that are all reduced, or all kept. */
interface Run {
  size: number;
  readonly reduced: boolean;
}

const reduction = (mean: boolean): Kernel => (pad, { x }, { axis, keepDims }: Reduction) => {
  if (x.dtype !== "float32" || sizeOf(x.shape) === 0) return;
  const shape: number[] = x.shape;
  const axes = tf.util.parseAxisParam(axis as number[], shape);
  const runs = runsOf(shape, axes);
  let y: TensorInfo = x;
  for (const [i, run] of [...runs.entries()].reverse()) {
    if (!run.reduced) continue;
    const columns = sizeOf(runs.slice(i + 1).map(({ size }) => size));
    const outer = sizeOf(y.shape) / (run.size * columns);
    const folded = fold(pad, view(y, [outer, run.size, columns]), mean ? 1 / run.size : 1);
    pad.free(y);
    y = folded;
    run.size = 1;
  }
  return view(y, shape.flatMap((size, i) => !axes.includes(i) ? size : keepDims ? 1 : []));
};

/** `Sum`. */
export const sum: Kernel = reduction(false);
/** `Mean`. */
export const mean: Kernel = reduction(true);

function runsOf(shape: readonly number[], axes: readonly number[]): Run[] {
  const runs: Run[] = [];
  shape.forEach((size, i) => {
    const reduced = axes.includes(i);
    const last = runs.at(-1);
    if (last?.reduced === reduced) last.size *= size;
    else runs.push({ size, reduced });
  });
  return runs;
}

/** The sum over the rows of `[outer, rows, columns]`, times `scale`. */
function fold(pad: Scratch, x: TensorInfo, scale: number): TensorInfo {
  const [, rows, columns] = x.shape as [number, number, number];
  if (columns < 4 || columns > WIDEST || rows * columns < 256) return sumInDouble(pad, x, scale);
  const y = averages(pad, x);
  if (scale * rows !== 1) {
    const values = pad.floats(y);
    for (let i = 0; i < values.length; i++) values[i]! *= scale * rows;
  }
  return y;
}

function averages(pad: Scratch, x: TensorInfo): TensorInfo {
  const [outer, rows, columns] = x.shape as [number, number, number];
  const window = rows <= 4 * WINDOW ? rows : divisor(rows);
  const y = pad.run(
    "AvgPool",
    { x: view(x, [outer * rows / window, window, 1, columns]) },
    { filterSize: [window, 1], strides: 1, pad: "valid" },
  );
  return window === rows ? y : averages(pad, view(y, [outer, rows / window, columns]));
}

/** The largest divisor that is a good window; the number itself if it has none. */
function divisor(rows: number): number {
  for (let window = WINDOW; window > 1; window--) if (rows % window === 0) return window;
  return rows;
}

function sumInDouble(pad: Scratch, x: TensorInfo, scale: number): TensorInfo {
  const [outer, rows, columns] = x.shape as [number, number, number];
  const y = pad.make([outer, columns]);
  const [from, to] = [pad.floats(x), pad.floats(y)];
  if (columns === 1) {
    for (let i = 0; i < outer; i++) to[i] = scale * sumOfRun(from, i * rows, rows);
    return y;
  }
  const sums = new Float64Array(columns);
  for (let i = 0, at = 0; i < outer; i++) {
    sums.fill(0);
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < columns; j++) sums[j]! += from[at++]!;
    }
    for (let j = 0; j < columns; j++) to[i * columns + j] = scale * sums[j]!;
  }
  return y;
}

function sumOfRun(values: Float32Array, start: number, count: number): number {
  // Four sums at once, as each addition has to wait for the one before it.
  let [a, b, c, d] = [0, 0, 0, 0];
  let at = start;
  for (const end = start + count - 3; at < end; at += 4) {
    a += values[at]!;
    b += values[at + 1]!;
    c += values[at + 2]!;
    d += values[at + 3]!;
  }
  for (; at < start + count; at++) a += values[at]!;
  return a + b + (c + d);
}
