/**
 * The gradient of a slice with steps, which tfjs lacks: an element that was taken gets what comes
 * back to it, all others zero.
 *
 * @module
 */

import { tf } from "../../tfjs.ts";

/** The gradient for an input of the shape `shape`. */
export function stridedSliceGradient(
  dy: tf.Tensor,
  shape: readonly number[],
  attributes: tf.NamedAttrMap,
): tf.Tensor {
  // The registry's attributes are untyped; these are the ones of StridedSlice.
  const { begin, end, strides, ...masks } = attributes as unknown as SliceAttributes;
  const taken = tf.slice_util.sliceInfo(
    [...shape],
    begin,
    end,
    strides,
    masks.beginMask,
    masks.endMask,
    masks.ellipsisMask,
    masks.newAxisMask,
    masks.shrinkAxisMask,
  );
  const counts = shape.map((_, i) =>
    Math.max(0, Math.ceil((taken.end[i]! - taken.begin[i]!) / taken.strides[i]!))
  );
  return shape.reduce<tf.Tensor>(
    (x, size, axis) => putBack(x, axis, size, taken.begin[axis]!, taken.strides[axis]!),
    tf.reshape(dy, counts),
  );
}

/** Undoes, along one axis, the taking of every `step`-th element from `first` on. */
function putBack(x: tf.Tensor, axis: number, size: number, first: number, step: number): tf.Tensor {
  const count = x.shape[axis]!;
  if (step < 0) return putBack(tf.reverse(x, axis), axis, size, first + (count - 1) * step, -step);
  const outer = tf.util.sizeFromShape(x.shape.slice(0, axis));
  const inner = tf.util.sizeFromShape(x.shape.slice(axis + 1));
  const spread = tf.reshape(
    tf.pad(tf.reshape(x, [outer, count, 1, inner]), [[0, 0], [0, 0], [0, step - 1], [0, 0]]),
    [outer, count * step, inner],
  );
  const used = Math.min(count * step, size - first);
  const placed = tf.pad(tf.slice(spread, [0, 0, 0], [outer, used, inner]), [
    [0, 0],
    [first, size - first - used],
    [0, 0],
  ]);
  return tf.reshape(placed, [...x.shape.slice(0, axis), size, ...x.shape.slice(axis + 1)]);
}

interface SliceAttributes {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}
