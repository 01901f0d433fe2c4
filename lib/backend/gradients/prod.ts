/**
 * The gradient of a product over axes: for each factor the product of all others. Dividing the whole
 * product by the factor would fail at zeros. tfjs's own fails at negative axes, and always where
 * tensors have no chained methods.
 *
 * @module
 */

import { tf } from "../../tfjs.ts";

/** The gradient for the factors `x`. */
export function prodGradient(dy: tf.Tensor, x: tf.Tensor, axis: number[]): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...kept, ...axes];
  const moved = tf.transpose(x, order);
  const rows = tf.reshape(moved, [dy.size, dy.size === 0 ? 0 : x.size / dy.size]);
  const others = tf.mul(tf.cumprod(rows, 1, true, false), tf.cumprod(rows, 1, true, true));
  const gradient = tf.reshape(tf.mul(others, tf.reshape(dy, [dy.size, 1])), moved.shape);
  return tf.transpose(gradient, order.map((_, i) => order.indexOf(i)));
}
