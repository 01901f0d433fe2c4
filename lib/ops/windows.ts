/**
 * Operations that slide a window over images: convolution and pooling. Padding is explicit.
 *
 * @module
 */

import { DTypeError, ShapeError, showShape } from "../errors.ts";
import { hasKernel } from "../fused.ts";
import type { Tensor } from "../tensor.ts";
import { tf } from "../tfjs.ts";
import { tensor } from "./creation.ts";
import { mul } from "./elementwise.ts";
import { native, ours, type Pair, tidy } from "./seam.ts";
import { concat, pad, reshape, slice } from "./shapes.ts";

/** Padding before and after the height and the width, in pixels. */
export type Padding2d = readonly [height: Pair, width: Pair];

/** Geometry of a convolution: steps, padding, distance of taps, and groups of channels. */
export interface ConvGeometry {
  /** Steps between windows, for height and width. */
  readonly strides: Pair;
  /** Zeros before and after, for height and width. */
  readonly padding: Padding2d;
  /** Distance between the taps of the kernel, for height and width. */
  readonly dilations?: Pair;
  /** Number of groups that the channels are split into; equal to the channels it is depthwise. */
  readonly groups?: number;
}

const explicit = ([height, width]: Padding2d): [Pair, Pair, Pair, Pair] => [
  [0, 0],
  height,
  width,
  [0, 0],
];

/**
 * Convolves images `[batch, height, width, in]` with kernels `[height, width, in / groups, out]`.
 *
 * @throws {DTypeError} If an operand is not `float32`.
 * @throws {ShapeError} If the channels do not fit.
 */
export function conv2d(x: Tensor, kernel: Tensor, geometry: ConvGeometry): Tensor {
  const { strides, padding, dilations = [1, 1], groups = 1 } = geometry;
  const channels = x.shape[3]!;
  if (x.dtype !== "float32" || kernel.dtype !== "float32") {
    throw new DTypeError(`Cannot convolve ${x.dtype} with ${kernel.dtype}: need float32`);
  }
  if (x.shape.length !== 4 || channels !== kernel.shape[2]! * groups) {
    throw new ShapeError(
      `Cannot convolve shape ${showShape(x.shape)}: ` +
        `need [batch,height,width,${kernel.shape[2]! * groups}]`,
    );
  }
  type Kernel = "Conv2D" | "DepthwiseConv2dNative" | "FplusxGroupedConv";
  const run = (kernel: Kernel, filter: Tensor): Tensor => {
    const attributes = {
      strides: [...strides],
      dilations: [...dilations],
      pad: explicit(padding),
      dataFormat: "NHWC",
      groups,
    };
    // tfjs's own functions refuse steps together with dilations, which the kernels can do.
    return ours(
      tf.engine().runKernel(
        kernel,
        { x: native(x), filter: native(filter) },
        attributes as unknown as tf.NamedAttrMap,
      ),
    );
  };
  if (groups === 1) return run("Conv2D", kernel);
  const [height, width, perGroup, out] = kernel.shape as [number, number, number, number];
  if (perGroup > 1 && hasKernel("FplusxGroupedConv")) return run("FplusxGroupedConv", kernel);
  return tidy(() => {
    if (perGroup === 1) {
      return run("DepthwiseConv2dNative", reshape(kernel, [height, width, groups, out / groups]));
    }
    const parts = Array.from({ length: groups }, (_, g) =>
      conv2d(
        slice(x, [0, 0, 0, g * perGroup], [-1, -1, -1, perGroup]),
        slice(kernel, [0, 0, 0, g * out / groups], [-1, -1, -1, out / groups]),
        { strides, padding, dilations },
      ));
    return concat(parts, 3);
  });
}

/** Size, steps and padding of a pooling window. */
export interface PoolGeometry {
  /** Height and width of the window. */
  readonly size: Pair;
  /** Steps between windows, for height and width. */
  readonly strides: Pair;
  /** Border before and after, for height and width; it is never the maximum, nor counted. */
  readonly padding: Padding2d;
}

const pooling = (f: typeof tf.maxPool) => (x: Tensor, geometry: PoolGeometry): Tensor => {
  const { size, strides, padding } = geometry;
  return ours(f(
    native<tf.Tensor4D>(x),
    [...size] as [number, number],
    [...strides] as [number, number],
    explicit(padding) as unknown as number,
  ));
};

/** The largest value in each window, channel by channel. */
export const maxPool2d: (x: Tensor, geometry: PoolGeometry) => Tensor = pooling(tf.maxPool);

const wholeMeans = pooling(tf.avgPool);

/** The mean of each window, channel by channel, over the pixels that are inside the image. */
export function avgPool2d(x: Tensor, geometry: PoolGeometry): Tensor {
  const { size, strides, padding } = geometry;
  if (padding.flat().every((pixels) => pixels === 0)) return wholeMeans(x, geometry);
  // tfjs's gradient takes windows at the border for whole ones, so their means are made whole first.
  return tidy(() => {
    const bordered = pad(x, explicit(padding));
    const means = wholeMeans(bordered, { size, strides, padding: [[0, 0], [0, 0]] });
    const [rows, columns] = [0, 1].map((i) =>
      Array.from({ length: means.shape[i + 1]! }, (_, window) => {
        const start = window * strides[i]! - padding[i]![0];
        return size[i]! / (Math.min(start + size[i]!, x.shape[i + 1]!) - Math.max(start, 0));
      })
    ) as [number[], number[]];
    const shares = rows.flatMap((row) => columns.map((column) => row * column));
    return mul(means, tensor(shares, [rows.length, columns.length, 1]));
  });
}
