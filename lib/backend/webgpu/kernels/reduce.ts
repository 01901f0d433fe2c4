/**
 * `Sum`, `Mean` and `Max`, along the axes where they lie: the stock kernels first move the axes that
 * are to go to the end. NaN anywhere gives NaN.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import type { Kernel } from "../kernels.ts";
import { type Axes, mergedAxes, product } from "../merged_axes.ts";
import { folded, type Folding, foldOf } from "./fold.ts";

/** The sum over axes. */
export const sum: Kernel = (backend, { x }, { axis, keepDims }) =>
  reduce(backend, x, axis, keepDims, "sum");

/** The mean over axes. */
export const mean: Kernel = (backend, { x }, { axis, keepDims }) =>
  reduce(backend, x, axis, keepDims, "sum", true);

/** The largest value over axes. */
export const max: Kernel = (backend, { x }, { reductionIndices, keepDims }) =>
  reduce(backend, x, reductionIndices, keepDims, "max");

function reduce(
  backend: GuardedBackend,
  x: tf.TensorInfo,
  axis: number | number[],
  keepDims: boolean,
  folding: Folding,
  divides = false,
): tf.TensorInfo | undefined {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const count = axes.reduce((count, axis) => count * x.shape[axis]!, 1);
  if (x.dtype !== "float32" || count <= 1 || x.shape.includes(0)) return;
  const { dataId } = foldAll(backend, x, mergedAxes(x.shape, axes), folding, divides ? count : 1);
  const shape = keepDims
    ? x.shape.map((size, axis) => axes.includes(axis) ? 1 : size)
    : x.shape.filter((_, axis) => !axes.includes(axis));
  return { dataId, dtype: "float32", shape };
}

/** Folds the last of the axes that go, and then the others. */
function foldAll(
  backend: GuardedBackend,
  x: tf.TensorInfo,
  axes: readonly Axes[],
  folding: Folding,
  divisor: number,
): tf.TensorInfo {
  const at = axes.findLastIndex(({ goes }) => goes);
  const [outer, inner] = [product(axes.slice(0, at)), product(axes.slice(at + 1))];
  const fold = foldOf(outer, axes[at]!.size, inner, backend.software);
  const next = axes.with(at, { size: fold.chunks, goes: fold.chunks > 1 });
  const isLast = !next.some(({ goes }) => goes);
  const y = backend.makeTensorInfo([product(next)], "float32");
  dispatch(backend, folded(fold, folding, isLast ? divisor : 1), [y], [x]);
  if (isLast) return y;
  const result = foldAll(backend, y, next, folding, divisor);
  backend.disposeData(y.dataId);
  return result;
}
