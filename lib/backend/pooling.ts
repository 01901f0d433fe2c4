/**
 * Where pooling windows lie, worked out from what tfjs hands to a pooling kernel.
 *
 * @module
 */

import { tf } from "../tfjs.ts";

/** The attributes of tfjs's pooling kernels. */
export interface PoolAttributes {
  /** Height and width of the window. */
  readonly filterSize: number | [number, number];
  /** Steps between windows. */
  readonly strides: number | [number, number];
  /** Border around the image. */
  readonly pad: "same" | "valid" | number;
  /** How a number of windows that is not whole is rounded. */
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Sizes, steps and border of a pooling of images `[batch, height, width, channels]`. */
export function poolingInfo(
  shape: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}
