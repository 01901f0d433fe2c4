/**
 * Arrays of doubles, and the operations of `lib/ops.ts` on them as plain definitions: what each
 * element is, in one line. They are slow and obviously right; the backends are tested against them,
 * and differences of them, which are good to nine digits, against the gradients.
 *
 * @module
 */

import { type Shape, sizeOf } from "../../lib/tensor.ts";

/** An array of doubles, row by row. */
export interface Nd {
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** The values. */
  readonly values: Float64Array;
}

/** Makes an array from what each element is. */
export function build(shape: Shape, f: (...index: number[]) => number): Nd {
  const values = new Float64Array(sizeOf(shape));
  const index = shape.map(() => 0);
  for (let i = 0; i < values.length; i++) {
    values[i] = f(...index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) {
      index[axis] = 0;
    }
  }
  return { shape, values };
}

/** Makes values between `low` and `high` that look random, differ, and are floats. */
export function sample(shape: Shape, seed = 0, low = -1, high = 1): Nd {
  let i = seed * 0.37;
  return build(shape, () => Math.fround(low + (high - low) * ((++i * 0.6180339887498949) % 1)));
}

/** Gives one element; an axis of size one is repeated, and missing axes are in front. */
export function at({ shape, values }: Nd, index: readonly number[]): number {
  const own = index.slice(index.length - shape.length);
  return values[shape.reduce((sum, size, i) => sum * size + (size === 1 ? 0 : own[i]!), 0)]!;
}

/** Gives one element, and `outside` where there is none. */
export function atOr(x: Nd, index: readonly number[], outside: number): number {
  return index.every((i, axis) => i >= 0 && i < x.shape[axis]!) ? at(x, index) : outside;
}

/** The integers from 0 up to `n`. */
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The shape of a broadcast result. */
export function broadcastShape(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const size = (shape: Shape, axis: number) => shape[axis - rank + shape.length] ?? 1;
  return range(rank).map((axis) => size(a, axis) === 1 ? size(b, axis) : size(a, axis));
}

/** Gives the gradient of `Σ f(inputs) · weights` by each input, from differences. */
export function differences(
  f: (...inputs: Nd[]) => Nd,
  inputs: readonly Nd[],
  weights: Nd,
  step = 1e-5,
): Nd[] {
  const total = () => f(...inputs).values.reduce((sum, y, i) => sum + y * weights.values[i]!, 0);
  return inputs.map(({ shape, values }) => ({
    shape,
    values: values.map((x, i) => {
      const [up, down] = [x + step, x - step].map((moved) => {
        values[i] = moved;
        return total();
      });
      values[i] = x;
      return (up! - down!) / (2 * step);
    }),
  }));
}

/** Applies a function to each element. */
export const mapped = (f: (x: number) => number) => (x: Nd): Nd => ({
  shape: x.shape,
  values: x.values.map(f),
});

/** Applies a function to pairs of elements, with broadcasting. */
export const paired = (f: (a: number, b: number) => number) => (a: Nd, b: Nd): Nd =>
  build(broadcastShape(a.shape, b.shape), (...i) => f(at(a, i), at(b, i)));

/** Folds the elements along axes (all when none are named), which are left out or kept as ones. */
export function reduced(
  f: (values: readonly number[]) => number,
  x: Nd,
  axes: readonly number[] = range(x.shape.length),
  keepAxes = false,
): Nd {
  const gone = axes.map((axis) => axis < 0 ? axis + x.shape.length : axis);
  const kept = x.shape.map((size, axis) => gone.includes(axis) ? 1 : size);
  const folded = build(kept, (...index) => {
    const box = x.shape.map((size, axis) => gone.includes(axis) ? size : 1);
    const found: number[] = [];
    build(box, (...offset) => found.push(at(x, index.map((i, axis) => i + offset[axis]!))));
    return f(found);
  });
  const shape = keepAxes ? kept : kept.filter((_, axis) => !gone.includes(axis));
  return { shape, values: folded.values };
}

/** The sum of numbers. */
export const total = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0);

/** Softmax over the last axis. */
export function softmax(x: Nd): Nd {
  const shares = mapped(Math.exp)(x);
  return paired((a, b) => a / b)(shares, reduced(total, shares, [-1], true));
}

/** The matrix product of the last two axes, with broadcasting over those before. */
export function matMul(a: Nd, b: Nd, transposeA = false, transposeB = false): Nd {
  const [rows, inner] = transposed(a.shape.slice(-2), transposeA);
  const [, columns] = transposed(b.shape.slice(-2), transposeB);
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return build([...batch, rows!, columns!], (...index) => {
    const [n, i, j] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
    return total(
      range(inner!).map((k) =>
        at(a, [...n, ...transposed([i, k], transposeA)]) *
        at(b, [...n, ...transposed([k, j], transposeB)])
      ),
    );
  });
}

const transposed = (pair: Shape, swap: boolean): Shape => swap ? [...pair].reverse() : pair;

/** How windows lie on an image: as in `ConvGeometry`, but nothing is left out. */
export interface Windows {
  /** Height and width of the window. */
  readonly size: readonly [number, number];
  /** Steps between windows. */
  readonly strides: readonly [number, number];
  /** Border before and after. */
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  /** Distance between the taps. */
  readonly dilations: readonly [number, number];
}

/** Number of windows along the height and the width. */
function windowsOn(x: Nd, { size, strides, padding, dilations }: Windows): number[] {
  return [0, 1].map((axis) => {
    const [before, after] = padding[axis]!;
    const reach = (size[axis]! - 1) * dilations[axis]! + 1;
    return Math.floor((x.shape[1 + axis]! + before + after - reach) / strides[axis]!) + 1;
  });
}

/** The pixel under tap `[ky, kx]` of window `[i, j]`. */
function pixel({ strides, padding, dilations }: Windows, window: Shape, tap: Shape): number[] {
  return [0, 1].map((axis) =>
    window[axis]! * strides[axis]! + tap[axis]! * dilations[axis]! - padding[axis]![0]
  );
}

/** A convolution of images with kernels `[height, width, in / groups, out]`. */
export function convolution(x: Nd, kernel: Nd, windows: Windows, groups: number): Nd {
  const [height, width, perGroup, out] = kernel.shape as [number, number, number, number];
  return build([x.shape[0]!, ...windowsOn(x, windows), out], (n, i, j, o) => {
    const first = Math.floor(o! / (out / groups)) * perGroup;
    return total(
      range(height * width * perGroup).map((t) => {
        const tap = [Math.floor(t / perGroup / width), Math.floor(t / perGroup) % width];
        const c = t % perGroup;
        const place = [n!, ...pixel(windows, [i!, j!], tap), first + c];
        return atOr(x, place, 0) * at(kernel, [...tap, c, o!]);
      }),
    );
  });
}

/** Folds the pixels of each window that are inside the image, channel by channel. */
export function pooled(f: (values: readonly number[]) => number, x: Nd, windows: Windows): Nd {
  const [height, width] = windows.size;
  return build([x.shape[0]!, ...windowsOn(x, windows), x.shape[3]!], (n, i, j, c) => {
    const pixels = range(height * width).map((t) => {
      const tap = [Math.floor(t / width), t % width];
      return atOr(x, [n!, ...pixel(windows, [i!, j!], tap), c!], NaN);
    });
    return f(pixels.filter((value) => !Number.isNaN(value)));
  });
}
