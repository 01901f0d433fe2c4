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
  const { begin: first, end, strides: steps, ...masks } = attributes as unknown as SliceAttributes;
  const taken = tf.slice_util.sliceInfo(
    [...shape],
    first,
    end,
    steps,
    masks.beginMask,
    masks.endMask,
    masks.ellipsisMask,
    masks.newAxisMask,
    masks.shrinkAxisMask,
  );
  const counts = shape.map((_, i) =>
    Math.max(0, Math.ceil((taken.end[i]! - taken.begin[i]!) / taken.strides[i]!))
  );
  // Backwards is forwards from the last that was taken.
  const backwards = taken.strides.flatMap((step, axis) => step < 0 ? [axis] : []);
  const found = tf.reshape(dy, counts);
  const x = backwards.length === 0 ? found : tf.reverse(found, backwards);
  const begin = taken.begin.map((first, axis) =>
    first + Math.min(0, taken.strides[axis]!) * (counts[axis]! - 1)
  );
  const strides = taken.strides.map(Math.abs);
  if (tf.getKernel("FplusxSpread", tf.getBackend()) !== undefined && dy.size > 0) {
    return tf.engine().runKernel("FplusxSpread", { x }, { shape: [...shape], begin, strides });
  }
  return shape.reduce<tf.Tensor>(
    (x, size, axis) => putBack(x, axis, size, begin[axis]!, strides[axis]!),
    x,
  );
}

/** Undoes, along one axis, the taking of every `step`-th element from `first` on. */
function putBack(x: tf.Tensor, axis: number, size: number, first: number, step: number): tf.Tensor {
  const count = x.shape[axis]!;
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
