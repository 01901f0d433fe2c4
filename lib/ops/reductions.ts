/**
 * Operations that fold axes.
 *
 * @module
 */

import { EmptyError, showShape } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { tf } from "../tfjs.ts";
import { fill } from "./creation.ts";
import { type Native, native, ours, type Unary, unary } from "./seam.ts";

/** One axis or several; negative ones count from the end. */
export type Axes = number | readonly number[];
/** Reduces over axes (all when none are named), keeping them with size 1 if asked. */
export type Reduction = (x: Tensor, axes?: Axes, keepAxes?: boolean) => Tensor;
type Fold = (x: Native, axes?: number | number[], keepAxes?: boolean) => Native;

const reduction =
  (name: string, f: Fold, ofNothing?: number) =>
  (x: Tensor, axes?: Axes, keepAxes = false): Tensor => {
    if (x.size === 0) return foldNothing(name, x, axes, keepAxes, ofNothing);
    return ours(f(native(x), typeof axes === "object" ? [...axes] : axes, keepAxes));
  };

/** The backends disagree about tensors without elements, and some give what was in memory before. */
function foldNothing(
  name: string,
  x: Tensor,
  axes: Axes | undefined,
  keepAxes: boolean,
  value?: number,
): Tensor {
  const gone = tf.util.parseAxisParam(axes as number | number[], [...x.shape]);
  const shape = x.shape.map((size, axis) => gone.includes(axis) ? 1 : size);
  if (value === undefined && !shape.includes(0)) {
    throw new EmptyError(
      `Cannot take the ${name} of shape ${showShape(x.shape)}: need at least one element`,
    );
  }
  return fill(keepAxes ? shape : shape.filter((_, axis) => !gone.includes(axis)), value ?? 0);
}

/** The sum over axes (all when none are named). */
export const sum: Reduction = reduction("sum", (...args) => tf.sum(...args), 0);
/**
 * The mean over axes (all when none are named).
 *
 * @throws {EmptyError} If it is of no elements.
 */
export const mean: Reduction = reduction("mean", (...args) => tf.mean(...args));
/**
 * The largest value over axes (all when none are named).
 *
 * @throws {EmptyError} If it is of no elements.
 */
export const max: Reduction = reduction("maximum", (...args) => tf.max(...args));

/** Position of the largest value along an axis, as `int32`; has no gradient. */
export function argMax(x: Tensor, axis = -1): Tensor {
  return ours(tf.argMax(native(x), axis));
}

/** The `k` largest values along the last axis, largest first, and their positions (`int32`). */
export function topK(x: Tensor, k: number): [values: Tensor, indices: Tensor] {
  const { values, indices } = tf.topk(native(x), k, true);
  return [ours(values), ours(indices)];
}

/** Softmax over the last axis. */
export const softmax: Unary = unary((x) => tf.softmax(x));
/** Logarithm of the softmax over the last axis, without overflow. */
export const logSoftmax: Unary = unary((x) => tf.logSoftmax(x));
