/**
 * The gradient of the gradient of a max pooling, which tfjs lacks: what a window gets is at the place of
 * its first largest value. Windows are gone through tap by tap, all at once.
 *
 * @module
 */

import { tf } from "../../tfjs.ts";
import { type PoolAttributes, poolingInfo } from "../pooling.ts";

/** Picks from `slopes`, which are like the image `x`, one for each window. */
export function pickLargest(
  slopes: tf.Tensor,
  x: tf.Tensor,
  attributes: PoolAttributes,
): tf.Tensor {
  const info = poolingInfo(x.shape, attributes);
  const { padInfo, strideHeight, strideWidth } = info;
  const sides: [number, number][] = [
    [0, 0],
    [padInfo.top, padInfo.bottom],
    [padInfo.left, padInfo.right],
    [0, 0],
  ];
  const [image, others] = [tf.pad(x, sides, -Infinity), tf.pad(slopes, sides)];
  const under = (images: tf.Tensor, row: number, column: number) =>
    tf.stridedSlice(
      images,
      [0, row, column, 0],
      [
        info.batchSize,
        row + (info.outHeight - 1) * strideHeight + 1,
        column + (info.outWidth - 1) * strideWidth + 1,
        info.inChannels,
      ],
      [1, strideHeight, strideWidth, 1],
    );
  let [largest, picked] = [under(image, 0, 0), under(others, 0, 0)];
  for (let tap = 1; tap < info.filterHeight * info.filterWidth; tap++) {
    const [row, column] = [Math.floor(tap / info.filterWidth), tap % info.filterWidth];
    const value = under(image, row, column);
    const isFirstNaN = tf.logicalAnd(tf.isNaN(value), tf.logicalNot(tf.isNaN(largest)));
    const isLarger = tf.logicalOr(tf.greater(value, largest), isFirstNaN);
    largest = tf.where(isLarger, value, largest);
    picked = tf.where(isLarger, under(others, row, column), picked);
  }
  return picked;
}
