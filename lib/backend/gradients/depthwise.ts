/**
 * Gradients of a depthwise convolution out of ordinary operations: for backends that have no kernels
 * for them, and for dilations, which those kernels do not know.
 *
 * @module
 */

import { tf } from "../../tfjs.ts";
import { dilationsOf, frameFor, type Geometry, spreadFor } from "./conv.ts";

/** The gradient `[batch, height, width, channels]` for the input. */
export function depthwiseInputGradient(
  dy: tf.Tensor,
  filter: tf.Tensor,
  info: Geometry,
): tf.Tensor {
  const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
  const { batchSize, outHeight, outWidth } = info;
  const outputs = tf.reshape(dy, [batchSize * outHeight * outWidth, channels, multiplier]);
  const turned = tf.reverse(filter, [0, 1]);
  const parts = Array.from({ length: multiplier }, (_, i) => {
    const part = tf.slice(outputs, [0, 0, i], [-1, -1, 1]);
    return tf.depthwiseConv2d(
      spreadFor(tf.reshape(part, [batchSize, outHeight, outWidth, channels]), info),
      tf.slice(turned, [0, 0, 0, i], [height, width, channels, 1]) as tf.Tensor4D,
      1,
      "valid",
      "NHWC",
      dilationsOf(info),
    );
  });
  return parts.reduce((sum, part) => tf.add(sum, part));
}

/** The gradient `[height, width, channels, multiplier]` for the kernel. */
export function depthwiseFilterGradient(x: tf.Tensor, dy: tf.Tensor, info: Geometry): tf.Tensor {
  const { filterHeight, filterWidth, inChannels, outChannels, strideHeight, strideWidth } = info;
  const { batchSize, outHeight, outWidth, dilationHeight, dilationWidth } = info;
  const multiplier = outChannels / inChannels;
  const pixels = batchSize * outHeight * outWidth;
  const padded = frameFor(x, info);
  const outputs = tf.reshape(dy, [pixels, inChannels, multiplier]);
  const taps: tf.Tensor[] = [];
  for (let i = 0; i < filterHeight; i++) {
    for (let j = 0; j < filterWidth; j++) {
      const [top, left] = [i * dilationHeight, j * dilationWidth];
      const end = [
        top + (outHeight - 1) * strideHeight + 1,
        left + (outWidth - 1) * strideWidth + 1,
      ];
      const seen = tf.stridedSlice(
        padded,
        [0, top, left, 0],
        [batchSize, ...end, inChannels],
        [1, strideHeight, strideWidth, 1],
      );
      taps.push(tf.sum(tf.mul(tf.reshape(seen, [pixels, inChannels, 1]), outputs), 0));
    }
  }
  return tf.reshape(tf.stack(taps), [filterHeight, filterWidth, inChannels, multiplier]);
}
