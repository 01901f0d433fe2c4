/**
 * What gradients of convolutions do to images `[batch, height, width, channels]` before they convolve
 * them again: a frame of zeros around or a cut of the edge, and zeros in between.
 *
 * @module
 */

import { tf } from "../../tfjs.ts";

/** How much to add before and after an axis; negative numbers cut off. */
export type Frame = readonly [before: number, after: number];

/** Adds zeros to the height and the width, or cuts pixels off. */
export function frame(x: tf.Tensor, height: Frame, width: Frame): tf.Tensor4D {
  const sides: readonly Frame[] = [[0, 0], height, width, [0, 0]];
  const cut = sides.map(([before, after]) => [Math.max(0, -before), Math.max(0, -after)] as const);
  const begin = cut.map(([before]) => before);
  const size = cut.map(([before, after], i) => x.shape[i]! - before - after);
  const added = sides.map(([before, after]) =>
    [Math.max(0, before), Math.max(0, after)] as [number, number]
  );
  return tf.pad(tf.slice(x, begin, size), added) as tf.Tensor4D;
}

/** Puts zeros between the pixels, and after the last: sizes are multiplied by the strides. */
export function spread(x: tf.Tensor, rows: number, columns: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const cells = tf.reshape(x, [batch * height, 1, width, channels]);
  const padded = tf.pad(cells, [[0, 0], [0, rows - 1], [0, 0], [0, (columns - 1) * channels]]);
  return tf.reshape(padded, [batch, height * rows, width * columns, channels]);
}
