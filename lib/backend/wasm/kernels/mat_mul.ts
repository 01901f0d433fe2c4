/**
 * Matrix products by tiles. tfjs's own take a scalar loop, twenty times slower, for a transposed
 * operand or a second matrix in the batch, and give wrong products when the same memory comes as
 * two shapes of right-hand operand. Here the right-hand matrix is cut in panels, in whichever
 * order it lies, unless so few rows meet it that this would take longer than it saves; the left-hand
 * one is read as it lies.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import { tf } from "../../../tfjs.ts";
import type { Kernel, Scratch, TensorInfo } from "../scratch.ts";
import { partsOf, type Product, sharesOf } from "../simd/product.ts";
import { COLUMNS, ROWS } from "../simd/tile.ts";

/** How many numbers of the left-hand matrix meet all panels before the next: 128 KiB. */
const BAND = 2 ** 15;

interface Transposes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** `BatchMatMul`: `[...batch, m, k]` by `[...batch, k, n]`, where batch axes of size one are repeated. */
export const batchMatMul: Kernel = (pad, { a, b }, { transposeA, transposeB }: Transposes) => {
  const left = matricesOf(a.shape, transposeA);
  const right = matricesOf(b.shape, transposeB);
  const [m, k, n] = [left.rows, left.columns, right.columns];
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(left.batch, right.batch);
  const wide = 4 * Math.ceil(n / 4);
  const shape = [...batch, m, wide];
  const out = k === 0 ? pad.zeros(shape) : pad.make(shape);

  // A single block of rows would read each panel but once, and has nothing but columns to share.
  const inPlace = m <= ROWS && right.column === 1 && wide === n;
  let packed = -1;
  let panels: TensorInfo | undefined;
  const [leftOf, rightOf] = [matrixFor(left.batch, batch), matrixFor(right.batch, batch)];
  for (let i = 0; i < (k === 0 ? 0 : sizeOf(batch)); i++) {
    if (!inPlace && (panels === undefined || packed !== rightOf(i))) {
      packed = rightOf(i);
      panels = panelsOf(pad, b, packed * k * n, right, panels);
    }
    const product: Product = {
      ...{ images: 1, from: 0, rows: m, perLine: m, columns: wide, adds: false },
      ...{ inner: k, outer: 1, outermost: 1 },
      a: {
        at: pad.address(a) + 4 * leftOf(i) * m * k,
        row: 4 * left.row,
        inner: 4 * left.column,
      },
      b: panels === undefined
        ? { at: pad.address(b) + 4 * rightOf(i) * k * n, group: 4 * COLUMNS, inner: 4 * n }
        : { at: pad.address(panels), group: 4 * COLUMNS * k, inner: 4 * COLUMNS },
      c: { at: pad.address(out) + 4 * i * m * wide, row: 4 * wide },
    };
    if (inPlace) pad.compute("columns", [product]);
    else pad.compute("rows", bandsOf(product));
  }
  if (wide === n) return out;
  const begin = out.shape.map(() => 0);
  return pad.run("Slice", { x: out }, { begin, size: [...batch, m, n] });
};

/** A product of matrices in bands of rows, so that what meets all panels stays in the cache. */
export function bandsOf(product: Product): Product[] {
  return partsOf(product, "rows", Math.ceil(product.rows * product.inner / BAND));
}

/** How matrices lie: `row` and `column` are the distances of neighbours. */
export interface Matrices {
  readonly batch: number[];
  readonly rows: number;
  readonly columns: number;
  readonly row: number;
  readonly column: number;
}

/** How matrices lie in a dense tensor. */
export function matricesOf(shape: readonly number[], transposed = false): Matrices {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const batch = shape.slice(0, -2);
  return transposed
    ? { batch, rows: columns, columns: rows, row: 1, column: columns }
    : { batch, rows, columns, row: columns, column: 1 };
}

/** The matrix that starts at element `at`, in panels `[rows, 8]`, the last filled up with zeros. */
export function panelsOf(
  pad: Scratch,
  x: TensorInfo,
  at: number,
  { rows, columns, row, column }: Matrices,
  old?: TensorInfo,
): TensorInfo {
  const fresh = columns % COLUMNS === 0 ? "make" : "zeros";
  const panels = old ?? pad[fresh]([Math.ceil(columns / COLUMNS), rows, COLUMNS]);
  const whole = rows > 0 && column === 1 ? Math.floor(columns / COLUMNS) : 0;
  if (whole > 0) {
    const [from, to] = [pad.address(x) + 4 * at, pad.address(panels)];
    pad.perform(
      sharesOf(rows, pad.parts).map(({ first, count }) => [
        "pack",
        ...[from + 4 * first * row, to + 4 * first * COLUMNS],
        ...[count, 4 * row, whole, 4 * rows * COLUMNS],
      ]),
      rows * columns,
    );
  }
  for (let first = whole * COLUMNS; first < columns; first += COLUMNS) {
    pad.copy(
      [rows, Math.min(COLUMNS, columns - first)],
      { of: x, at: at + first * column, strides: [row, column] },
      { of: panels, at: first * rows, strides: [COLUMNS, 1] },
    );
  }
  return panels;
}

/** Which matrix of an operand with the batch axes `own` belongs to the i-th of the result. */
function matrixFor(own: readonly number[], batch: readonly number[]): (i: number) => number {
  return (i) => {
    let [index, step] = [0, 1];
    for (let back = 1; back <= own.length; back++) {
      const [size, full] = [own.at(-back)!, batch.at(-back)!];
      if (size > 1) index += (i % full) * step;
      step *= size;
      i = Math.floor(i / full);
    }
    return index;
  };
}
