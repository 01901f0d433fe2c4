/**
 * Batch normalization, forward and back. All of it goes over long rows, each made of several rows of
 * channels side by side, so that the number of channels need be no multiple of anything. Sums are
 * taken a strip of {@linkcode STRIP} columns at a time, which stay in registers on the way down a
 * block of rows; what a row needs of each channel lies side by side in one array of coefficients.
 *
 * @module
 */

import {
  ADD_FLOATS,
  advance,
  type Code,
  countDown,
  DIVIDE_FLOATS,
  each,
  type FunctionCode,
  get,
  load,
  move,
  MULTIPLY,
  number,
  repeat,
  set,
  SPREAD_INTEGER,
  store,
  SUBTRACT_FLOATS,
  ZEROS,
} from "./assembler.ts";
import { multiplyAdd } from "./tile.ts";

/** Columns of a strip: four vectors, which is a cache line. */
export const STRIP = 16;
const VECTORS = STRIP / 4;

/**
 * What is needed of a block, column by column, to tell its mean and its variance: a pivot close to the
 * mean, and the sums of the differences from it and of their squares; for each strip `STRIP` numbers of
 * each. The block is gone through twice, the second time in the cache, because a difference of
 * large squares would leave nothing of a small variance.
 */
export const moments: FunctionCode = (() => {
  const { x, row, rows, strips, to, at, count, vectors } = number(
    "x row rows strips to at count vectors",
  );
  const pivot = (v: number) => vectors + v;
  const sum = (v: number) => pivot(VECTORS) + v;
  const squares = (v: number) => sum(VECTORS) + v;
  const less = squares(VECTORS);
  const addTo = (local: number): Code => [get(local), ADD_FLOATS, set(local)];
  const down = (step: (v: number) => Code): Code => [
    [get(x), set(at), get(rows), set(count)],
    repeat([each(VECTORS, step), move(at, row), countDown(count)]),
  ];
  return {
    name: "moments",
    parameters: 5,
    integers: 2,
    vectors: 3 * VECTORS + 1,
    body: repeat([
      each(VECTORS, (v) => [ZEROS, set(pivot(v)), ZEROS, set(sum(v)), ZEROS, set(squares(v))]),
      down((v) => [get(at), load(16 * v), addTo(pivot(v))]),
      each(VECTORS, (v) => [
        [get(pivot(v)), get(rows), SPREAD_INTEGER, DIVIDE_FLOATS, set(pivot(v))],
      ]),
      down((v) => [
        [get(at), load(16 * v), get(pivot(v)), SUBTRACT_FLOATS, set(less)],
        [get(less), addTo(sum(v))],
        [get(less), get(less), MULTIPLY, addTo(squares(v))],
      ]),
      each(VECTORS, (v) =>
        [pivot, sum, squares].map((result, i) => [
          [get(to), get(result(v)), store(16 * (i * VECTORS + v))],
        ])),
      [advance(x, 4 * STRIP), advance(to, 12 * STRIP), countDown(strips)],
    ]),
  };
})();

/**
 * The sums of `dy` and of `dy (x - mean)`, column by column, for each strip of a block: `STRIP` of the
 * first, then `STRIP` of the second.
 */
export function gradientSums(fused: boolean): FunctionCode {
  const { dy, x, means, row, rows, strips, to, at, along, count, vectors } = number(
    "dy x means row rows strips to at along count vectors",
  );
  const mean = (v: number) => vectors + v;
  const shift = (v: number) => mean(VECTORS) + v;
  const slope = (v: number) => shift(VECTORS) + v;
  const gradient = slope(VECTORS);
  return {
    name: "gradientSums",
    parameters: 7,
    integers: 3,
    vectors: 3 * VECTORS + 1,
    body: repeat([
      each(VECTORS, (v) => [
        [get(means), load(16 * v), set(mean(v))],
        [ZEROS, set(shift(v)), ZEROS, set(slope(v))],
      ]),
      [get(x), set(at), get(dy), set(along), get(rows), set(count)],
      repeat([
        each(VECTORS, (v) => [
          [get(along), load(16 * v), set(gradient)],
          [get(gradient), get(shift(v)), ADD_FLOATS, set(shift(v))],
          multiplyAdd(
            fused,
            get(gradient),
            [get(at), load(16 * v), get(mean(v)), SUBTRACT_FLOATS],
            get(slope(v)),
          ),
          set(slope(v)),
        ]),
        [move(along, row), move(at, row), countDown(count)],
      ]),
      each(VECTORS, (v) => [
        [get(to), get(shift(v)), store(16 * v)],
        [get(to), get(slope(v)), store(16 * (VECTORS + v))],
      ]),
      [advance(dy, 4 * STRIP), advance(x, 4 * STRIP), advance(means, 4 * STRIP)],
      [advance(to, 8 * STRIP), countDown(strips)],
    ]),
  };
}

/** `(x - mean) scale + bias`; coefficients are those three, vector by vector. */
export function normalize(fused: boolean): FunctionCode {
  const { x, y, coefficients, vectors, rows, at, count } = number(
    "x y coefficients vectors rows at count",
  );
  const coefficient = (i: number): Code => [get(at), load(16 * i)];
  return {
    name: "normalize",
    parameters: 5,
    integers: 2,
    vectors: 0,
    body: repeat([
      [get(coefficients), set(at), get(vectors), set(count)],
      repeat([
        get(y),
        multiplyAdd(
          fused,
          [get(x), load(0), coefficient(0), SUBTRACT_FLOATS],
          coefficient(1),
          coefficient(2),
        ),
        store(0),
        [advance(x, 16), advance(y, 16), advance(at, 48), countDown(count)],
      ]),
      countDown(rows),
    ]),
  };
}

/** `dy scale + ((x - mean) slope + shift)`; coefficients are mean, slope, shift, scale. */
export function normalizeGradient(fused: boolean): FunctionCode {
  const { dy, x, dx, coefficients, vectors, rows, at, count } = number(
    "dy x dx coefficients vectors rows at count",
  );
  const coefficient = (i: number): Code => [get(at), load(16 * i)];
  return {
    name: "normalizeGradient",
    parameters: 6,
    integers: 2,
    vectors: 0,
    body: repeat([
      [get(coefficients), set(at), get(vectors), set(count)],
      repeat([
        get(dx),
        multiplyAdd(
          fused,
          [get(dy), load(0)],
          coefficient(3),
          multiplyAdd(
            fused,
            [get(x), load(0), coefficient(0), SUBTRACT_FLOATS],
            coefficient(1),
            coefficient(2),
          ),
        ),
        store(0),
        [advance(dy, 16), advance(x, 16), advance(dx, 16), advance(at, 64), countDown(count)],
      ]),
      countDown(rows),
    ]),
  };
}
