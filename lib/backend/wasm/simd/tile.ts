/**
 * The heart of convolutions, their gradients and matrix products: a tile of up to 6 rows and 8
 * columns of sums of products that stays in registers. Each step reads one column of `a` and one row
 * of `b`, wherever they lie, and adds their product. Unlike XNNPACK this uses the processor's fused
 * multiply-add, needs neither operand packed or transposed, and reads images in place.
 *
 * @module
 */

import {
  ADD,
  ADD_FLOATS,
  type Code,
  countDown,
  each,
  type FunctionCode,
  get,
  increment,
  IS_EQUAL,
  load,
  loadSplat,
  move,
  MULTIPLY,
  MULTIPLY_ADD,
  number,
  repeat,
  SELECT,
  set,
  store,
  when,
  ZERO,
} from "./assembler.ts";

/** Columns of a tile: two vectors. */
export const COLUMNS = 8;
/** Most rows of a tile: with two vectors each, as much as sixteen registers hold. */
export const ROWS = 6;
/** How many steps may be written out in a row; the number of steps has to be a multiple. */
export const UNROLLS = [4, 3, 2, 1] as const;

/**
 * The parameters of a tile: `a` is the address of its first row, which is number `x` of a line of
 * `perLine`; the next is `aRow` further, or, when it begins another line, `aTurn`.
 */
const { a, x, perLine, aRow, aTurn, aInner, aSkip, aLeap, adds, ...more } = number(
  "a x perLine aRow aTurn aInner aSkip aLeap b bInner bSkip bLeap c cRow inner outer outermost adds",
);
const { b, bInner, bSkip, bLeap, c, cRow, inner, outer, outermost } = more;
/** How many parameters a tile has. */
export const TILE_PARAMETERS = adds + 1;

/**
 * All tiles: for each of the {@linkcode UNROLLS}, those of one vector and those of two, with 1 to
 * {@linkcode ROWS} rows.
 */
export function tiles(fused: boolean): FunctionCode[] {
  return UNROLLS.flatMap((unroll) =>
    [1, 2].flatMap((vectors) =>
      Array.from({ length: ROWS }, (_, i) => tile(i + 1, vectors, unroll, fused))
    )
  );
}

/** Tells the place in {@linkcode tiles} before that of one row. */
export const placeOf = (unroll: number, vectors: number): number =>
  (2 * UNROLLS.findIndex((n) => n === unroll) + vectors - 1) * ROWS - 1;

/** The product of two, added to a third. */
export const multiplyAdd = (fused: boolean, a: Code, b: Code, sum: Code): Code =>
  fused ? [a, b, sum, MULTIPLY_ADD] : [a, b, MULTIPLY, sum, ADD_FLOATS];

function tile(rows: number, vectors: number, unroll: number, fused: boolean): FunctionCode {
  // Two that count, and a pointer for each row but the first.
  const integers = rows + 1;
  const [count, turn] = [TILE_PARAMETERS, TILE_PARAMETERS + 1];
  const pointer = (row: number) => row === 0 ? a : turn + row;
  const firstVector = TILE_PARAMETERS + integers;
  const sum = (row: number, v: number) => firstVector + row * vectors + v;
  const factor = (v: number) => firstVector + rows * vectors + v;
  const splat = firstVector + rows * vectors + vectors;

  const step: Code = [
    each(vectors, (v) => [get(b), load(16 * v), set(factor(v))]),
    move(b, bInner),
    each(rows, (row) => [
      [get(pointer(row)), loadSplat(0), set(splat)],
      move(pointer(row), aInner),
      each(vectors, (v) => [
        multiplyAdd(fused, get(splat), get(factor(v)), get(sum(row, v))),
        set(sum(row, v)),
      ]),
    ]),
  ];
  const turns: Code = [get(x), get(perLine), IS_EQUAL];

  return {
    name: `tile${rows}x${vectors}x${unroll}`,
    parameters: TILE_PARAMETERS,
    integers,
    vectors: rows * vectors + vectors + 1,
    body: [
      each(rows - 1, (i) => [
        increment(x),
        [get(pointer(i)), get(aTurn), get(aRow), turns, SELECT, ADD, set(pointer(i + 1))],
        [ZERO, get(x), turns, SELECT, set(x)],
      ]),
      [get(adds)],
      when([
        [get(c), set(count)],
        each(rows, (row) => [
          each(vectors, (v) => [get(count), load(16 * v), set(sum(row, v))]),
          move(count, cRow),
        ]),
      ]),
      repeat([
        [get(outer), set(turn)],
        repeat([
          [get(inner), set(count)],
          repeat([each(unroll, () => step), countDown(count, unroll)]),
          each(rows, (row) => move(pointer(row), aSkip)),
          [move(b, bSkip), countDown(turn)],
        ]),
        each(rows, (row) => move(pointer(row), aLeap)),
        [move(b, bLeap), countDown(outermost)],
      ]),
      each(rows, (row) => [
        each(vectors, (v) => [get(c), get(sum(row, v)), store(16 * v)]),
        move(c, cRow),
      ]),
    ],
  };
}
