/**
 * The geometry of windows that slide over an image, axis by axis: convolution and pooling share it.
 * Padding is explicit, as in PyTorch; only `"same"` depends on the size of the input.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import type { Padding2d, Pair } from "../ops.ts";
import type { Shape } from "../tensor.ts";
import { checkInteger, failOption } from "./check.ts";

/** One number for height and width, or one for each. */
export type Extent = number | Pair;

/**
 * Border around an image. A number is that many pixels on every side; pairs are before and after, for
 * height and width; `"valid"` is none. `"same"` gives `ceil(size / stride)` outputs as in TensorFlow:
 * with stride 2 and an even size it pads the far side only, which differs from PyTorch's symmetric
 * padding in nearly every value.
 */
export type Padding = number | "same" | "valid" | Padding2d;

/** A sliding window along one axis. */
export type Axis = {
  /** What the axis is called in messages. */
  readonly name: string;
  /** Number of taps. */
  readonly size: number;
  /** Steps between windows. */
  readonly stride: number;
  /** Distance between taps. */
  readonly dilation: number;
  /** Border before and after. */
  readonly padding: Pair | "same";
};

/** What {@linkcode slidingAxis} needs to know. */
export interface AxisOptions {
  /** Number of taps. */
  readonly size: number;
  /** Steps between windows. */
  readonly stride: number;
  /** Distance between taps; 1 by default. */
  readonly dilation?: number;
  /** Border; by default half of what the window covers, so that stride 1 keeps the size. */
  readonly padding?: number | Pair | "same" | "valid" | undefined;
}

/** Makes a window along one axis of the layer `kind`, and checks its options. */
export function slidingAxis(kind: string, name: string, options: AxisOptions): Axis {
  const { size, stride, dilation = 1 } = options;
  checkInteger(kind, "size", size);
  checkInteger(kind, "stride", stride);
  checkInteger(kind, "dilation", dilation);
  const { padding = symmetric(kind, size, dilation) } = options;
  return { name, size, stride, dilation, padding: checkPadding(kind, padding) };
}

/** The border with which stride 1 keeps the size. */
function symmetric(kind: string, size: number, dilation: number): number {
  const border = (size - 1) * dilation / 2;
  if (Number.isInteger(border)) return border;
  failOption(kind, "size", size, "the option padding, since an even size has no middle");
}

function checkPadding(kind: string, padding: number | Pair | "same" | "valid"): Pair | "same" {
  if (padding === "same") return padding;
  const each = padding === "valid" ? 0 : padding;
  const pair: Pair = typeof each === "number" ? [each, each] : each;
  for (const pixels of pair) checkInteger(kind, "padding", pixels, 0);
  return pair;
}

/** Options of windows over images. */
export interface WindowOptions {
  /** Steps between windows. */
  readonly stride: Extent;
  /** Border around the image. */
  readonly padding?: Padding | undefined;
  /** Distance between taps. */
  readonly dilation?: Extent;
}

/** Makes the windows of the layer `kind` along height and width, and checks their options. */
export function slidingWindow(kind: string, size: Extent, options: WindowOptions): [Axis, Axis] {
  const { stride, padding, dilation = 1 } = options;
  return [along("height", 0), along("width", 1)];
  function along(name: string, i: 0 | 1): Axis {
    const pick = (extent: Extent) => typeof extent === "number" ? extent : extent[i];
    return slidingAxis(kind, name, {
      size: pick(size),
      stride: pick(stride),
      dilation: pick(dilation),
      padding: typeof padding === "object" ? padding[i] : padding,
    });
  }
}

/** Length that the taps of a window cover. */
function reach({ size, dilation }: Axis): number {
  return (size - 1) * dilation + 1;
}

/** Border before and after an axis of `length`. */
export function borderOf(axis: Axis, length: number): Pair {
  if (axis.padding !== "same") return axis.padding;
  const outputs = Math.ceil(length / axis.stride);
  const total = Math.max((outputs - 1) * axis.stride + reach(axis) - length, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** Number of windows along an axis of `length`. */
export function countWindows(kind: string, axis: Axis, length: number): number {
  const [before, after] = borderOf(axis, length);
  const room = before + length + after - reach(axis);
  if (room >= 0) return Math.floor(room / axis.stride) + 1;
  throw new ArgumentError(
    `Cannot apply ${kind} to ${axis.name} ${length} with padding ${before} and ${after}: ` +
      `need at least the ${reach(axis)} that its window covers`,
  );
}

/** Strides, dilations and explicit padding of windows over images of `shape`. */
export function geometryOf(
  [height, width]: readonly [Axis, Axis],
  shape: Shape,
): { strides: Pair; dilations: Pair; padding: Padding2d } {
  return {
    strides: [height.stride, width.stride],
    dilations: [height.dilation, width.dilation],
    padding: [borderOf(height, shape[1]!), borderOf(width, shape[2]!)],
  };
}
