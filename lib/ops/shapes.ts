/**
 * Operations that move elements about.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { inspect } from "../recording.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { tf } from "../tfjs.ts";
import type { Axes } from "./reductions.ts";
import { native, ours, type Pair } from "./seam.ts";

/** Gives the same values in another shape; one size may be -1. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return ours(tf.reshape(native(x), [...shape]));
}

/** Reorders the axes. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  return ours(tf.transpose(native(x), [...order]));
}

/** Joins tensors along an axis. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length === 0) throw new ArgumentError("Cannot concat tensors: need at least one");
  return ours(tf.concat(parts.map((part) => native(part)), axis));
}

/** Takes `size` elements from `begin` along each axis; a size of -1 takes the rest. */
export function slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor {
  return ours(tf.slice(native(x), [...begin], [...size]));
}

/** Takes every `strides[i]`-th element along each axis, from the first. */
export function stridedSlice(x: Tensor, strides: readonly number[]): Tensor {
  return ours(tf.stridedSlice(native(x), x.shape.map(() => 0), [...x.shape], [...strides]));
}

/** Surrounds a tensor with a constant: `[before, after]` for each axis. */
export function pad(x: Tensor, padding: readonly Pair[], value = 0): Tensor {
  return ours(tf.pad(native(x), padding.map(([before, after]) => [before, after]), value));
}

/**
 * Picks rows (slices along `axis`) by `int32` index. Indices that were computed on a GPU cannot be
 * looked at: there a row that does not exist is zeros.
 *
 * @throws {ArgumentError} If there is no such row.
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  const rows = x.shape[axis]!;
  inspect(indices, (values) => {
    const missing = values.find((row) => row < 0 || row >= rows);
    if (missing === undefined) return;
    throw new ArgumentError(`Cannot gather row ${missing}: need an index from 0 to ${rows - 1}`);
  });
  return ours(tf.gather(native(x), native(indices), axis));
}

/** Reverses the order along axes. */
export function reverse(x: Tensor, axes: Axes): Tensor {
  return ours(tf.reverse(native(x), typeof axes === "number" ? axes : [...axes]));
}
