/**
 * `Add`, `Sub` and `Multiply` of a tensor and one value for each channel. tfjs's take a row of
 * channels at a time, which is slow where a row is short; here many rows side by side meet the
 * channels side by side as often, which is faster than two whole tensors.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import { type Kernel, type TensorInfo, view } from "../scratch.ts";

/** Longest row worth making. */
const ROW = 1024;

const channelwise = (name: string): Kernel => (pad, { a, b }) => {
  const swapped = isVectorFor(a, b);
  if (!swapped && !isVectorFor(b, a)) return;
  const [x, vector]: [TensorInfo, TensorInfo] = swapped ? [b, a] : [a, b];
  const channels = sizeOf(vector.shape);
  const rows = sizeOf(x.shape) / channels;
  let times = 1;
  while (rows % (2 * times) === 0 && 2 * times * channels <= ROW) times *= 2;
  if (times === 1) return;

  const repeated = pad.make([times * channels]);
  const [from, to] = [pad.floats(vector), pad.floats(repeated)];
  for (let at = 0; at < to.length; at += channels) to.set(from, at);
  const wide = view(x, [rows / times, times * channels]);
  const out = pad.stock(name, swapped ? { a: repeated, b: wide } : { a: wide, b: repeated });
  return view(out, x.shape);
};

/** Tells whether `vector` has one value for each of the last axis of `x` and no axes beside. */
function isVectorFor(vector: TensorInfo, x: TensorInfo): boolean {
  const channels = x.shape.at(-1);
  return vector.dtype === "float32" && x.dtype === "float32" &&
    x.shape.length > 1 && x.shape.length >= vector.shape.length &&
    vector.shape.at(-1) === channels && sizeOf(vector.shape) === channels;
}

/** `Add`, with broadcasting. */
export const add: Kernel = channelwise("Add");
/** `Sub`, with broadcasting. */
export const subtract: Kernel = channelwise("Sub");
/** `Multiply`, with broadcasting. */
export const multiply: Kernel = channelwise("Multiply");
