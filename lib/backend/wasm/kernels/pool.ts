/**
 * `MaxPool` and `AvgPool`, which sums are made of, too. XNNPACK's have two flaws: they turn NaN into
 * -∞ or lose it, and the second keeps the sums of all channels on the C++ stack of 64 KiB, over whose end it
 * writes unchecked. Where either matters, a plain loop takes its place.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";
import type { Kernel, Scratch, TensorInfo } from "../scratch.ts";

/** Channels that fit the stack with room to spare. */
export const WIDEST = 4096;

/** The largest values `[batch, height, width, channels]` of windows. */
export const maxPool: Kernel = (pad, { x }, attributes) => {
  if (x.dtype !== "float32") return;
  // The order of a window's values decides whether the stock kernel sees a NaN at all.
  if (!pad.floats(x).includes(NaN)) return;
  return pool(pad, x, attributes, -Infinity, Math.max);
};

/** The means `[batch, height, width, channels]` of windows, not counting padding. */
export const avgPool: Kernel = (pad, { x }, attributes) => {
  if (x.dtype !== "float32") return;
  if (x.shape[3] <= WIDEST) {
    const y = pad.stock("AvgPool", { x }, attributes);
    if (!pad.floats(y).includes(-Infinity)) return y;
  }
  return pool(pad, x, attributes, 0, (a, b) => a + b, (sum, count) => sum / count);
};

interface Pooling {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "same" | "valid" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

function pool(
  pad: Scratch,
  x: TensorInfo,
  pooling: Pooling,
  initial: number,
  join: (a: number, b: number) => number,
  finish: (all: number, count: number) => number = (all) => all,
): TensorInfo {
  const info = tf.backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    pooling.filterSize,
    pooling.strides,
    1,
    pooling.pad,
    pooling.dimRoundingMode,
  );
  const { inHeight, inWidth, inChannels: channels } = info;
  const y = pad.make(info.outShape);
  const [from, to] = [pad.floats(x), pad.floats(y)];
  const joined = new Float64Array(channels);
  let out = 0;
  for (let image = 0; image < info.batchSize; image++) {
    for (let row = 0; row < info.outHeight; row++) {
      const top = row * info.strideHeight - info.padInfo.top;
      const [first, last] = [Math.max(top, 0), Math.min(top + info.filterHeight, inHeight)];
      for (let column = 0; column < info.outWidth; column++) {
        const left = column * info.strideWidth - info.padInfo.left;
        const [begin, end] = [Math.max(left, 0), Math.min(left + info.filterWidth, inWidth)];
        joined.fill(initial);
        for (let i = first; i < last; i++) {
          for (let j = begin; j < end; j++) {
            const at = ((image * inHeight + i) * inWidth + j) * channels;
            for (let c = 0; c < channels; c++) joined[c] = join(joined[c]!, from[at + c]!);
          }
        }
        const count = (last - first) * (end - begin);
        for (let c = 0; c < channels; c++) to[out++] = finish(joined[c]!, count);
      }
    }
  }
  return y;
}
