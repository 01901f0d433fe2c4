/**
 * Sums of products of any size, made of tiles. The loops over the tiles are WebAssembly, too, so that
 * one call from JavaScript does a whole convolution, or the part of it that falls to a thread.
 *
 * @module
 */

import {
  ADD,
  advance,
  callNumbered,
  type Code,
  countDown,
  DIVIDE,
  type FunctionCode,
  get,
  integer,
  IS_GREATER,
  move,
  MUL,
  number,
  repeat,
  set,
  SUB,
  when,
} from "./assembler.ts";
import type { Call } from "./program.ts";
import { COLUMNS, placeOf, ROWS, TILE_PARAMETERS, UNROLLS } from "./tile.ts";

/** Where an operand lies, and how far neighbours along an axis are apart, in bytes; 0 if left out. */
type Operand<Axis extends string> = { readonly at: number } & { readonly [K in Axis]?: number };

/**
 * `c[image, row, column] (+)= Σ a[image, row, …] * b[image, …, column]`, summed over three axes. The
 * rows of `a` lie in lines, as the pixels of an image do; neighbouring columns are neighbours in
 * memory, in groups of {@linkcode COLUMNS}.
 */
export interface Product {
  readonly images: number;
  /** The first row to compute. */
  readonly from: number;
  /** How many rows to compute. */
  readonly rows: number;
  /** How many rows of `a` are in a line. */
  readonly perLine: number;
  /** A multiple of four. */
  readonly columns: number;
  readonly inner: number;
  readonly outer: number;
  readonly outermost: number;
  readonly a: Operand<"image" | "line" | "row" | "inner" | "outer" | "outermost">;
  readonly b: Operand<"image" | "group" | "inner" | "outer" | "outermost">;
  /** Without an `image` step, all images are added up in one place. */
  readonly c: Operand<"image" | "row">;
  /** Adds to what is there; else it is written over. */
  readonly adds: boolean;
}

const local = number(
  "images from rows perLine columns inner outer outermost adds narrow wide",
  "a aImage aLine aRow aTurn aInner aSkip aLeap b bImage bGroup bInner bSkip bLeap c cImage cRow",
  "column row x rest blocks count tiles bAtColumn cAtColumn cAtRow",
);
const PARAMETERS = local.cRow + 1;
type Name = keyof typeof local;

const pushes = (...names: Name[]): Code => names.map((name) => get(local[name]));
const lets = (name: Name, value: Code): Code => [value, set(local[name])];
const copies = (to: Name, from: Name): Code => lets(to, get(local[from]));
const moves = (name: Name, by: Name): Code => move(local[name], local[by]);
const counts = (name: Name, by = 1): Code => countDown(local[name], by);

/** The function that computes products, in a module that begins with all tiles. */
export const product: FunctionCode = {
  name: "product",
  parameters: PARAMETERS,
  integers: Object.keys(local).length - PARAMETERS,
  vectors: 0,
  body: repeat([
    [copies("column", "columns"), copies("bAtColumn", "b"), copies("cAtColumn", "c")],
    repeat([
      copies("tiles", "narrow"),
      [pushes("column"), integer(COLUMNS - 1), IS_GREATER, when(copies("tiles", "wide"))],
      [copies("row", "from"), copies("rest", "rows"), copies("cAtRow", "cAtColumn")],
      lets("blocks", [pushes("rows"), integer(ROWS - 1), ADD, integer(ROWS), DIVIDE]),
      // Blocks of rows as equal as can be, because small ones are slow.
      repeat([
        lets("count", [
          [pushes("rest", "blocks"), ADD, integer(1), SUB],
          [pushes("blocks"), DIVIDE],
        ]),
        // For now, `x` is the number of the line.
        lets("x", [pushes("row", "perLine"), DIVIDE]),
        [pushes("a", "x", "aLine"), MUL, ADD],
        lets("x", [pushes("row", "x", "perLine"), MUL, SUB]),
        [pushes("x", "aRow"), MUL, ADD],
        pushes("x", "perLine", "aRow", "aTurn", "aInner", "aSkip", "aLeap"),
        pushes("bAtColumn", "bInner", "bSkip", "bLeap", "cAtRow", "cRow"),
        pushes("inner", "outer", "outermost", "adds"),
        [pushes("tiles", "count"), ADD, callNumbered(TILE_PARAMETERS)],
        lets("cAtRow", [pushes("cAtRow", "count", "cRow"), MUL, ADD]),
        moves("row", "count"),
        lets("rest", [pushes("rest", "count"), SUB]),
        counts("blocks"),
      ]),
      [moves("bAtColumn", "bGroup"), advance(local.cAtColumn, 4 * COLUMNS)],
      [counts("column", COLUMNS), integer(0), IS_GREATER],
    ]),
    [moves("a", "aImage"), moves("b", "bImage"), moves("c", "cImage"), counts("images")],
  ]),
};

/** The call that computes a product. None of its sizes may be zero. */
export function productCall(p: Product): Call {
  const none = { image: 0, line: 0, row: 0, group: 0, inner: 0, outer: 0, outermost: 0 };
  const [a, b, c] = [{ ...none, ...p.a }, { ...none, ...p.b }, { ...none, ...p.c }];
  const unroll = UNROLLS.find((n) => p.inner % n === 0)!;
  /** From where the inner loops end to where they begin again. */
  const leaps = ({ inner, outer, outermost }: typeof none) => [
    outer - p.inner * inner,
    outermost - p.outer * outer,
  ];
  return [
    "product",
    ...[p.images, p.from, p.rows, p.perLine, p.columns, p.inner, p.outer, p.outermost],
    ...[Number(p.adds), placeOf(unroll, 1), placeOf(unroll, 2)],
    ...[a.at, a.image, a.line, a.row, a.line - (p.perLine - 1) * a.row, a.inner, ...leaps(a)],
    ...[b.at, b.image, b.group, b.inner, ...leaps(b)],
    ...[c.at + p.from * c.row, c.image, c.row],
  ];
}

/** Where the threads share a product: between images, between rows, or between groups of columns. */
export type Axis = "images" | "rows" | "columns";

/** Cuts a product into at most so many parts along an axis, to be computed in any order. */
export function partsOf(p: Product, axis: Axis, most: number): Product[] {
  const skip = <O extends { readonly at: number }>(operand: O, count: number, step = 0): O => ({
    ...operand,
    at: operand.at + count * step,
  });
  const cut = {
    images: (first: number, images: number) => ({
      images,
      a: skip(p.a, first, p.a.image),
      b: skip(p.b, first, p.b.image),
      c: skip(p.c, first, p.c.image),
    }),
    rows: (first: number, rows: number) => ({ from: p.from + first, rows }),
    columns: (first: number, groups: number) => ({
      columns: Math.min(groups * COLUMNS, p.columns - first * COLUMNS),
      b: skip(p.b, first, p.b.group),
      c: skip(p.c, first, 4 * COLUMNS),
    }),
  }[axis];
  const all = axis === "columns" ? Math.ceil(p.columns / COLUMNS) : p[axis];
  return sharesOf(all, most).map(({ first, count }) => ({ ...p, ...cut(first, count) }));
}

/** Splits a number of things into at most so many shares, as equal as can be. */
export function sharesOf(all: number, most: number): { first: number; count: number }[] {
  const shares = Math.min(all, most);
  const start = (i: number) => Math.floor(i * all / shares);
  return Array.from({ length: shares }, (_, i) => ({
    first: start(i),
    count: start(i + 1) - start(i),
  }));
}
