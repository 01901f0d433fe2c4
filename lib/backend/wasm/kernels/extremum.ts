/**
 * `Maximum` and `Minimum`, which take ten nanoseconds an element in tfjs, and `ClipByValue` and `Relu6`,
 * which make a number of NaN there. Here NaN stays.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import { tf } from "../../../tfjs.ts";
import type { Kernel, Scratch, TensorInfo } from "../scratch.ts";
import { stridesOf } from "../strided_copy.ts";

const extremum = (f: (a: number, b: number) => number): Kernel => (pad, { a, b }) => {
  if (a.dtype !== "float32" || b.dtype !== "float32") return;
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const [left, right] = [spread(pad, a, shape), spread(pad, b, shape)];
  const out = pad.make(shape);
  const [x, y, z] = [pad.floats(left), pad.floats(right), pad.floats(out)];
  // A single value needs no spreading.
  const [xs, ys] = [x.length > 1 ? 1 : 0, y.length > 1 ? 1 : 0];
  for (let i = 0, p = 0, q = 0; i < z.length; i++, p += xs, q += ys) z[i] = f(x[p]!, y[q]!);
  return out;
};

/** `Maximum`, with broadcasting. */
export const maximum: Kernel = extremum(Math.max);
/** `Minimum`, with broadcasting. */
export const minimum: Kernel = extremum(Math.min);

const clip = (from: number, to: number) => (pad: Scratch, x: TensorInfo): TensorInfo => {
  const out = pad.make(x.shape);
  const [values, clipped] = [pad.floats(x), pad.floats(out)];
  for (let i = 0; i < values.length; i++) clipped[i] = Math.min(Math.max(values[i]!, from), to);
  return out;
};

/** `ClipByValue`. */
export const clipByValue: Kernel = (pad, { x }, { clipValueMin, clipValueMax }) =>
  x.dtype === "float32" ? clip(clipValueMin, clipValueMax)(pad, x) : undefined;

/** `Relu6`. */
export const relu6: Kernel = (pad, { x }) => x.dtype === "float32" ? clip(0, 6)(pad, x) : undefined;

function spread(pad: Scratch, x: TensorInfo, shape: readonly number[]): TensorInfo {
  if (sizeOf(x.shape) === 1 || sizeOf(x.shape) === sizeOf(shape)) return x;
  const own = [...shape.slice(x.shape.length).fill(1), ...x.shape];
  const strides = stridesOf(own).map((stride, i) => own[i] === 1 ? 0 : stride);
  const out = pad.make(shape);
  pad.copy(shape, { of: x, strides }, { of: out });
  return out;
}
