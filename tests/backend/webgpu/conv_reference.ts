/**
 * Convolutions and their gradients in doubles, element by element, so that large ones can be looked at
 * in some places.
 *
 * @module
 */

import type { ConvSizes, Windows } from "../../../lib/backend/webgpu/kernels/conv_sizes.ts";
import type { Work } from "../../../lib/backend/webgpu/plan.ts";
import { type Shape, sizeOf, type Values } from "../../../lib/tensor.ts";
import { assertClose, sumTolerance } from "../../compare.ts";
import { uniform } from "../../formula.ts";

/** How windows lie along an axis. */
export interface AxisOptions {
  readonly stride?: number;
  readonly dilation?: number;
  readonly before?: number;
  readonly after?: number;
}

/** Windows that start `before` pixels before the first pixel and end at most `after` after the last. */
export function windows(size: number, taps: number, options: AxisOptions = {}): Windows {
  const { stride = 1, dilation = 1, before = (taps - 1) >> 1, after = before } = options;
  const reach = (taps - 1) * dilation + 1;
  const count = Math.floor((size + before + after - reach) / stride) + 1;
  return { size, count, taps, stride, dilation, before };
}

/** A convolution of square images, from so many to so many channels. */
export function square(
  batch: number,
  size: number,
  [inputs, outputs]: readonly [number, number],
  taps: number,
  options: AxisOptions & { readonly groups?: number } = {},
): ConvSizes {
  const axis = windows(size, taps, options);
  const { groups = 1 } = options;
  return {
    batch,
    groups,
    inputs: inputs / groups,
    outputs: outputs / groups,
    rows: axis,
    columns: axis,
  };
}

/** A plan of each kind, the best guess first: what it is but for the numbers, and if it has parts. */
export function plansOfEachKind(work: Work<object>): object[] {
  const plans = new Map<string, object>();
  for (const plan of [true, false].flatMap((software) => work.plans(software))) {
    const kind = JSON.stringify(
      plan,
      (key, value) => key === "splits" ? value > 1 : typeof value === "number" ? 0 : value,
    );
    if (!plans.has(kind)) plans.set(kind, plan);
  }
  return [...plans.values()];
}

/** The array that is asked for: the others are what it is made of. */
export type Direction = "forward" | "inputGradient" | "filterGradient";

/** An array of a convolution: its shape, what it is made of, and its elements. */
export interface Reference {
  readonly shape: Shape;
  readonly inputs: readonly [Shape, Shape];
  /** How many products an element is the sum of, at most. */
  readonly terms: number;
  /** Computes the element at a place. */
  at(inputs: readonly [Values, Values], ...place: number[]): number;
}

/** Multiplications that the reference may do for one array. */
const BUDGET = 1e6;

/** Numbers in [-1, 1) that look random. */
export function numbers(name: string, shape: Shape): Float32Array {
  const random = uniform(name);
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => random(i));
}

/** Checks an array against the reference, in as many places as there is time for. */
export async function assertIsArray(
  actual: Values,
  reference: Reference,
  inputs: readonly [Values, Values],
): Promise<void> {
  const { shape, terms } = reference;
  const size = sizeOf(shape);
  const count = Math.min(size, Math.max(64, Math.ceil(BUDGET / terms)));
  const random = uniform("places");
  const places = Array.from(
    { length: count },
    (_, i) => count === size ? i : i < 2 ? i * (size - 1) : Math.floor((random(i) + 1) / 2 * size),
  );
  const expected = places.map((i) =>
    reference.at(
      inputs,
      ...shape.map((n, axis) => Math.floor(i / sizeOf(shape.slice(axis + 1))) % n),
    )
  );
  await assertClose(places.map((i) => actual[i]!), expected, sumTolerance(terms, expected));
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The taps of an axis with the pixels that they meet in a window. */
function metIn({ size, taps, stride, dilation, before }: Windows, window: number) {
  return range(taps)
    .map((tap) => [tap, window * stride + tap * dilation - before] as const)
    .filter(([, pixel]) => pixel >= 0 && pixel < size);
}

/** The taps of an axis with the windows in which they meet a pixel. */
function meeting({ count, taps, stride, dilation, before }: Windows, pixel: number) {
  return range(taps)
    .map((tap) => [tap, (pixel + before - tap * dilation) / stride] as const)
    .filter(([, window]) => Number.isInteger(window) && window >= 0 && window < count);
}

/** Gives the definition of an array of a convolution. */
export function referenceOf(sizes: ConvSizes, direction: Direction): Reference {
  const { batch, groups, inputs, outputs, rows, columns } = sizes;
  const x = [batch, rows.size, columns.size, groups * inputs];
  const w = [rows.taps, columns.taps, inputs, groups * outputs];
  const y = [batch, rows.count, columns.count, groups * outputs];
  const indexIn = (shape: Shape) => (...place: number[]) =>
    place.reduce((index, at, axis) => index * shape[axis]! + at, 0);
  const [inX, inW, inY] = [indexIn(x), indexIn(w), indexIn(y)] as const;
  const taps = rows.taps * columns.taps;
  return {
    forward: {
      shape: y,
      inputs: [x, w] as const,
      terms: taps * inputs,
      at([image, kernel]: readonly [Values, Values], n: number, i: number, j: number, o: number) {
        const first = Math.floor(o / outputs) * inputs;
        let sum = 0;
        for (const [u, r] of metIn(rows, i)) {
          for (const [v, c] of metIn(columns, j)) {
            for (let k = 0; k < inputs; k++) {
              sum += image[inX(n, r, c, first + k)]! * kernel[inW(u, v, k, o)]!;
            }
          }
        }
        return sum;
      },
    },
    inputGradient: {
      shape: x,
      inputs: [y, w] as const,
      terms: taps * outputs,
      at(
        [dy, kernel]: readonly [Values, Values],
        n: number,
        r: number,
        c: number,
        channel: number,
      ) {
        const [group, k] = [Math.floor(channel / inputs), channel % inputs];
        let sum = 0;
        for (const [u, i] of meeting(rows, r)) {
          for (const [v, j] of meeting(columns, c)) {
            for (let o = group * outputs; o < (group + 1) * outputs; o++) {
              sum += dy[inY(n, i, j, o)]! * kernel[inW(u, v, k, o)]!;
            }
          }
        }
        return sum;
      },
    },
    filterGradient: {
      shape: w,
      inputs: [x, y] as const,
      terms: batch * rows.count * columns.count,
      at([image, dy]: readonly [Values, Values], u: number, v: number, k: number, o: number) {
        const channel = Math.floor(o / outputs) * inputs + k;
        let sum = 0;
        for (let n = 0; n < batch; n++) {
          for (let i = 0; i < rows.count; i++) {
            const r = i * rows.stride + u * rows.dilation - rows.before;
            if (r < 0 || r >= rows.size) continue;
            for (let j = 0; j < columns.count; j++) {
              const c = j * columns.stride + v * columns.dilation - columns.before;
              if (c < 0 || c >= columns.size) continue;
              sum += image[inX(n, r, c, channel)]! * dy[inY(n, i, j, o)]!;
            }
          }
        }
        return sum;
      },
    },
  }[direction] as Reference;
}
