/**
 * The kernels that only move elements, as strided copies. tfjs has most of them, but goes element by
 * element, or copies the whole input first to take a part of it.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import { tf } from "../../../tfjs.ts";
import type { Kernel, TensorInfo } from "../scratch.ts";
import { stridesOf } from "../strided_copy.ts";

const hasFourBytes = ({ dtype }: TensorInfo): boolean => dtype === "float32" || dtype === "int32";
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** `Slice`. */
export const slice: Kernel = (pad, { x }, { begin, size }) => {
  if (!hasFourBytes(x)) return;
  const [first, shape] = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
  const out = pad.make(shape, x.dtype);
  const strides = stridesOf(x.shape);
  pad.copy(shape, { of: x, at: dot(first, strides), strides }, { of: out });
  return out;
};

/** `PadV2`. */
export const padding: Kernel = (pad, { x }, { paddings, constantValue }) => {
  if (x.dtype !== "float32" || sizeOf(x.shape) === 0) return;
  const sizes: [number, number][] = paddings;
  const out = pad.make(sizes.map(([before, after], i) => before + x.shape[i]! + after));
  pad.floats(out).fill(constantValue);
  const strides = stridesOf(out.shape);
  pad.copy(x.shape, { of: x }, {
    of: out,
    at: dot(sizes.map(([before]) => before), strides),
    strides,
  });
  return out;
};

/** `Reverse`. */
export const reverse: Kernel = (pad, { x }, { dims }) => {
  if (!hasFourBytes(x)) return;
  const axes = tf.util.parseAxisParam(dims, x.shape);
  const out = pad.make(x.shape, x.dtype);
  const dense = stridesOf(x.shape);
  const last = x.shape.map((size: number, i: number) => axes.includes(i) ? size - 1 : 0);
  const strides = dense.map((stride, i) => axes.includes(i) ? -stride : stride);
  pad.copy(x.shape, { of: x, at: dot(last, dense), strides }, { of: out });
  return out;
};

/** `Tile`, which is also what broadcasting to a shape comes to. */
export const tile: Kernel = (pad, { x }, { reps }) => {
  if (!hasFourBytes(x)) return;
  const times: number[] = reps;
  const out = pad.make(times.map((count, i) => count * x.shape[i]!), x.dtype);
  const blocks = times.flatMap((count, i) => [count, x.shape[i]!]);
  const strides = stridesOf(x.shape).flatMap((stride) => [0, stride]);
  pad.copy(blocks, { of: x, strides }, { of: out });
  return out;
};

/** `StridedSlice`. */
export const stridedSlice: Kernel = (pad, { x }, attributes) => {
  if (!hasFourBytes(x)) return;
  const { begin, end, strides: steps } = attributes;
  const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
  const info = tf.slice_util.sliceInfo(
    x.shape,
    begin,
    end,
    steps,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
  const dense = stridesOf(x.shape);
  const out = pad.make(info.finalShape, x.dtype);
  const strides = dense.map((stride, i) => stride * info.strides[i]!);
  const counts = strides.map((_, i) =>
    Math.max(0, Math.ceil((info.end[i]! - info.begin[i]!) / info.strides[i]!))
  );
  pad.copy(counts, { of: x, at: dot(info.begin, dense), strides }, { of: out });
  return out;
};
