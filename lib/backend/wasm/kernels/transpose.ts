/**
 * `Transpose`. First axes of size one go and neighbours that stay together become one axis, so that
 * most permutations turn out to be a plain matrix transpose (or nothing at all). tfjs is fast at
 * that, but for power-of-two pitches, which miss the cache at every element; cutting the matrix in
 * bands of 64 rows first cures that. Whatever moves whole rows is a strided copy.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import { type Kernel, type Scratch, type TensorInfo, view } from "../scratch.ts";
import { stridesOf } from "../strided_copy.ts";

const BAND = 64;

/** Permutes the axes of a tensor of four-byte elements. */
export const transpose: Kernel = (pad, { x }, { perm }: { perm: readonly number[] }) => {
  if (x.dtype !== "float32" && x.dtype !== "int32") return;
  const shape = perm.map((axis) => x.shape[axis]!);
  const merged = mergeAxes(x.shape, perm);
  return view(permute(pad, view(x, merged.shape), merged.perm), shape);
};

function permute(pad: Scratch, x: TensorInfo, perm: readonly number[]): TensorInfo {
  const stock = (of: TensorInfo, order: readonly number[]) =>
    pad.stock("Transpose", { x: of }, { perm: order });
  if (perm.length < 2 || sizeOf(x.shape) === 0) return x;
  if (perm.length === 2) {
    const [rows, columns] = x.shape as [number, number];
    if (rows * columns < 16384) return stock(x, perm);
    if (rows % BAND === 0 && rows > BAND) {
      const bands = stock(view(x, [rows / BAND, BAND, columns]), [0, 2, 1]);
      return stock(view(bands, [rows / BAND, columns, BAND]), [1, 0, 2]);
    }
    if (columns % BAND === 0 && columns > BAND) {
      const bands = stock(view(x, [rows, columns / BAND, BAND]), [1, 0, 2]);
      return stock(view(bands, [columns / BAND, rows, BAND]), [0, 2, 1]);
    }
    return stock(x, perm);
  }
  if (perm.length === 3 && perm[0] === 0) return stock(x, perm);
  const out = pad.make(perm.map((axis) => x.shape[axis]!), x.dtype);
  const from = stridesOf(x.shape);
  pad.copy(out.shape, { of: x, strides: perm.map((axis) => from[axis]!) }, { of: out });
  return out;
}

/** The same permutation with as few axes as it can be written with. */
function mergeAxes(shape: readonly number[], perm: readonly number[]) {
  const kept = perm.filter((axis) => shape[axis] !== 1);
  const sorted = kept.toSorted((a, b) => a - b);
  const groups: number[][] = [];
  for (const axis of kept) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && sorted.indexOf(axis) === sorted.indexOf(last) + 1) {
      groups.at(-1)!.push(axis);
    } else groups.push([axis]);
  }
  const inInput = groups.toSorted((a, b) => a[0]! - b[0]!);
  return {
    shape: inInput.map((group) => sizeOf(group.map((axis) => shape[axis]!))),
    perm: groups.map((group) => inInput.indexOf(group)),
  };
}
