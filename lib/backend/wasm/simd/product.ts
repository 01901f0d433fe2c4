/**
 * The sums of products that convolutions, their gradients and matrix products are made of, in our
 * own WebAssembly on the heap of tfjs's. A tile of up to 6 rows and 8 columns of results stays in
 * registers; each step reads one column of `a` and one row of `b`, wherever they lie, and adds their
 * product. Unlike XNNPACK this uses the processor's fused multiply-add, needs neither operand packed
 * or transposed, and reads images in place.
 *
 * @module
 */

import {
  ADD,
  ADD_FLOATS,
  assemble,
  type Code,
  type FunctionCode,
  get,
  integer,
  load,
  loadSplat,
  MULTIPLY,
  MULTIPLY_ADD,
  repeat,
  set,
  store,
  SUB,
  tee,
} from "./assembler.ts";

/**
 * `c[row, column] += Σ a[row, inner, outer] * b[inner, outer, column]`. Addresses and steps are in
 * bytes; neighbouring columns are neighbours in memory, in groups of {@linkcode COLUMNS}.
 */
export interface Product {
  readonly rows: number;
  /** A multiple of four. */
  readonly columns: number;
  readonly inner: number;
  readonly outer: number;
  readonly a: {
    readonly at: number;
    readonly row: number;
    readonly inner: number;
    readonly outer: number;
  };
  readonly b: {
    readonly at: number;
    readonly group: number;
    readonly inner: number;
    readonly outer: number;
  };
  readonly c: { readonly at: number; readonly row: number };
}

/** Adds a product to what is there. */
export type AddProduct = (product: Product) => void;

/** Columns of a tile: two vectors. */
export const COLUMNS = 8;
/** Most rows of a tile: with two vectors each, as much as sixteen registers hold. */
const ROWS = 6;
const UNROLLS = [4, 3, 2, 1] as const;

type Tile = (...parameters: number[]) => void;

const known = new WeakMap<WebAssembly.Memory, AddProduct>();

/** Gives the function that adds products in a memory, made when it is first asked for. */
export function productsIn(memory: WebAssembly.Memory): AddProduct {
  let add = known.get(memory);
  if (add === undefined) known.set(memory, add = makeProducts(memory, hasFused()));
  return add;
}

/** Tells whether the engine knows the fused multiply-add, which not every one does yet. */
export function hasFused(): boolean {
  return WebAssembly.validate(assemble([tile(1, 1, 1, true)], false));
}

/** Makes the function that adds products in a memory, with fused multiply-add or without. */
export function makeProducts(memory: WebAssembly.Memory, fused: boolean): AddProduct {
  const functions = UNROLLS.flatMap((unroll) =>
    [1, 2].flatMap((vectors) =>
      Array.from({ length: ROWS }, (_, i) => tile(i + 1, vectors, unroll, fused))
    )
  );
  const shared = !(memory.buffer instanceof ArrayBuffer);
  const module = new WebAssembly.Module(assemble(functions, shared));
  const { exports } = new WebAssembly.Instance(module, { heap: { memory } });
  const table = (vectors: number) =>
    UNROLLS.map((unroll) =>
      Array.from({ length: ROWS + 1 }, (_, rows) => exports[nameOf(rows, vectors, unroll)] as Tile)
    );
  const [narrow, wide] = [table(1), table(2)];

  return ({ rows, columns, inner, outer, a, b, c }) => {
    if (inner === 0 || outer === 0) return;
    const unroll = UNROLLS.findIndex((n) => inner % n === 0);
    const [aSkip, bSkip] = [a.outer - inner * a.inner, b.outer - inner * b.inner];
    const blocks = Math.ceil(rows / ROWS);
    for (let column = 0, from = b.at; column < columns; column += COLUMNS, from += b.group) {
      const tile = (columns - column >= COLUMNS ? wide : narrow)[unroll]!;
      // Blocks of rows as equal as can be, because small ones are slow.
      for (let i = 0, row = 0; i < blocks; i++) {
        const count = Math.ceil((rows - row) / (blocks - i));
        const to = c.at + row * c.row + 4 * column;
        tile[count]!(
          a.at + row * a.row,
          a.row,
          a.inner,
          aSkip,
          from,
          b.inner,
          bSkip,
          to,
          c.row,
          inner,
          outer,
        );
        row += count;
      }
    }
  };
}

const nameOf = (rows: number, vectors: number, unroll: number) => `${rows}x${vectors}x${unroll}`;

/** The parameters of a tile, in order. */
const [A, A_ROW, A_INNER, A_SKIP, B, B_INNER, B_SKIP, C, C_ROW, INNER, OUTER] = Array(11).keys();

function tile(rows: number, vectors: number, unroll: number, fused: boolean): FunctionCode {
  const each = (count: number, f: (i: number) => Code): Code =>
    Array.from({ length: count }, (_, i) => f(i));
  const move = (
    pointer: number,
    step: number,
  ): Code => [get(pointer), get(step), ADD, set(pointer)];

  const integers = rows; // a pointer for each row but the first, and one that goes down or along
  const count = OUTER! + rows;
  const pointer = (row: number) => row === 0 ? A! : OUTER! + row;
  const firstVector = count + 1;
  const sum = (row: number, v: number) => firstVector + row * vectors + v;
  const factor = (v: number) => firstVector + rows * vectors + v;
  const splat = firstVector + rows * vectors + vectors;

  const accumulate = (row: number, v: number): Code =>
    fused
      ? [get(splat), get(factor(v)), get(sum(row, v)), MULTIPLY_ADD, set(sum(row, v))]
      : [get(splat), get(factor(v)), MULTIPLY, get(sum(row, v)), ADD_FLOATS, set(sum(row, v))];
  const step: Code = [
    each(vectors, (v) => [get(B!), load(16 * v), set(factor(v))]),
    move(B!, B_INNER!),
    each(rows, (row) => [
      [get(pointer(row)), loadSplat(0), set(splat)],
      move(pointer(row), A_INNER!),
      each(vectors, (v) => accumulate(row, v)),
    ]),
  ];
  const down = (local: number, by: number): Code => [get(local), integer(by), SUB, tee(local)];

  return {
    name: nameOf(rows, vectors, unroll),
    parameters: 11,
    integers,
    vectors: rows * vectors + vectors + 1,
    body: [
      each(rows - 1, (i) => [get(pointer(i)), get(A_ROW!), ADD, set(pointer(i + 1))]),
      [get(C!), set(count)],
      each(rows, (row) => [
        each(vectors, (v) => [get(count), load(16 * v), set(sum(row, v))]),
        move(count, C_ROW!),
      ]),
      repeat([
        [get(INNER!), set(count)],
        repeat([each(unroll, () => step), down(count, unroll)]),
        each(rows, (row) => move(pointer(row), A_SKIP!)),
        move(B!, B_SKIP!),
        down(OUTER!, 1),
      ]),
      each(rows, (row) => [
        each(vectors, (v) => [get(C!), get(sum(row, v)), store(16 * v)]),
        move(C!, C_ROW!),
      ]),
    ],
  };
}
