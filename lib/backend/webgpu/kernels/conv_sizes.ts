/**
 * The sizes of a convolution as plain numbers, which its kernels are generated from. All of them walk
 * along an axis in equal steps, and so do the windows of the input's gradient over the output's, if
 * a step may be a fraction of a pixel.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";

/** The windows of a convolution along one axis. */
export interface Windows {
  /** Pixels of the input. */
  readonly size: number;
  /** Number of windows: pixels of the output. */
  readonly count: number;
  /** Pixels in a window. */
  readonly taps: number;
  /** Pixels from a window to the next. */
  readonly stride: number;
  /** Pixels from a tap to the next. */
  readonly dilation: number;
  /** Zeros before the first pixel. */
  readonly before: number;
}

/** The sizes of a convolution. */
export interface ConvSizes {
  /** Number of images. */
  readonly batch: number;
  /** Groups that the channels are split into. */
  readonly groups: number;
  /** Input channels of a group. */
  readonly inputs: number;
  /** Output channels of a group. */
  readonly outputs: number;
  /** Windows along the height. */
  readonly rows: Windows;
  /** Windows along the width. */
  readonly columns: Windows;
}

/** Gives the sizes, or nothing for images that are not `[batch, height, width, channels]`. */
export function convSizes(
  image: readonly number[],
  kernel: readonly number[],
  { strides, dilations = 1, pad, dimRoundingMode, dataFormat, groups = 1 }: ConvAttributes,
): ConvSizes | undefined {
  if (dataFormat !== undefined && dataFormat !== "NHWC") return;
  const [height, width, inputs, outputs] = kernel as Shape4D;
  const info = tf.backend_util.computeConv2DInfo(
    image as Shape4D,
    [height, width, inputs * groups, outputs],
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
  return {
    batch: info.batchSize,
    groups,
    inputs,
    outputs: outputs / groups,
    rows: {
      size: info.inHeight,
      count: info.outHeight,
      taps: height,
      stride: info.strideHeight,
      dilation: info.dilationHeight,
      before: info.padInfo.top,
    },
    columns: {
      size: info.inWidth,
      count: info.outWidth,
      taps: width,
      stride: info.strideWidth,
      dilation: info.dilationWidth,
      before: info.padInfo.left,
    },
  };
}

/** The sizes where a pixel of the output sees just one of the input: products of matrices. */
export function pointwise(
  batch: number,
  pixels: number,
  inputs: number,
  outputs: number,
): ConvSizes {
  const alone = { taps: 1, stride: 1, dilation: 1, before: 0 };
  const one = (size: number): Windows => ({ ...alone, size, count: size });
  return { batch, groups: 1, inputs, outputs, rows: one(1), columns: one(pixels) };
}

/**
 * The sizes with all pixels in rows of the same length, at most `most`, if a pixel of the output sees
 * just one of the input; others as they are.
 */
export function flattened(sizes: ConvSizes, most = Infinity): ConvSizes {
  const { batch, groups, inputs, outputs, rows, columns } = sizes;
  const single = ({ size, count, taps, before }: Windows) =>
    taps === 1 && size === count && before === 0;
  if (groups > 1 || !single(rows) || !single(columns)) return sizes;
  const pixels = batch * rows.count * columns.count;
  let width = Math.min(pixels, most);
  while (pixels % width > 0) width--;
  return pointwise(pixels / width, width, inputs, outputs);
}

/** The attributes of tfjs's convolutions, and the groups of ours. */
export interface ConvAttributes {
  readonly strides: number | [number, number];
  readonly dilations?: number | [number, number];
  readonly pad: "same" | "valid" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly dataFormat?: string;
  readonly groups?: number;
}

type Shape4D = [number, number, number, number];

/**
 * A walk along an axis: pixel `p` of the result reads, through tap `t`, pixel
 * `(p · scale + t · step + shift) / divide` of the source, if there is one.
 */
export interface Walk {
  /** Pixels of the result. */
  readonly to: number;
  /** Pixels of the source. */
  readonly from: number;
  /** Number of taps. */
  readonly taps: number;
  /** What a pixel counts. */
  readonly scale: number;
  /** What a tap counts. */
  readonly step: number;
  /** What counts besides. */
  readonly shift: number;
  /** How many of these make a pixel of the source. */
  readonly divide: number;
}

/** The walk of the output over the input. */
export function forwards({ size, count, taps, stride, dilation, before }: Windows): Walk {
  return { to: count, from: size, taps, scale: stride, step: dilation, shift: -before, divide: 1 };
}

/** The walk of the input's gradient over the output's. */
export function backwards({ size, count, taps, stride, dilation, before }: Windows): Walk {
  return { to: size, from: count, taps, scale: 1, step: -dilation, shift: before, divide: stride };
}

/** The pixel of the source that a tap meets, or nothing where it falls between two. */
export function meets(
  { scale, step, shift, divide }: Walk,
  pixel: number,
  tap: number,
): number | undefined {
  const at = pixel * scale + tap * step + shift;
  return at % divide === 0 ? at / divide : undefined;
}

/**
 * Which taps meet a pixel at all repeats with the pixels and with the taps: in phase `p`, of which there
 * are `divide`, those are every `period`-th, if `(p · scale + lead) % divide` is a multiple of `common`,
 * from that divided by `common`, times `inverse`, modulo `period` on.
 */
export function phasesOf({ step, shift, divide }: Walk): {
  readonly lead: number;
  readonly common: number;
  readonly inverse: number;
  readonly period: number;
} {
  const modulo = (a: number, b: number) => (a % b + b) % b;
  const dilation = modulo(-step, divide);
  let [common, rest] = [divide, dilation];
  while (rest > 0) [common, rest] = [rest, common % rest];
  const period = divide / common;
  let inverse = 0;
  while (modulo(inverse * dilation / common, period) !== 1 % period) inverse++;
  return { lead: modulo(shift, divide), common, inverse, period };
}
