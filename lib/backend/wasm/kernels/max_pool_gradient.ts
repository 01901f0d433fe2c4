/**
 * `MaxPoolGrad`. The stock kernel starts looking for a maximum at the smallest positive float, and so
 * sends the gradient of a window without positive values to a wrong place. Here a window's gradient
 * goes to the first of its largest values, or to a NaN where there is one.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";
import type { Kernel } from "../scratch.ts";

/** The gradient `[batch, height, width, channels]` for the input of a max pooling. */
export const maxPoolGradient: Kernel = (pad, { dy, input }, attributes) => {
  const { filterSize, strides, pad: padding, dimRoundingMode } = attributes;
  const info = tf.backend_util.computePool2DInfo(
    input.shape,
    filterSize,
    strides,
    1,
    padding,
    dimRoundingMode,
  );
  const { inHeight, inWidth, inChannels: channels, outHeight, outWidth } = info;
  const dx = pad.zeros(input.shape);
  const [x, dOut, dIn] = [pad.floats(input), pad.floats(dy), pad.floats(dx)];
  const best = new Int32Array(channels);
  let out = 0;
  for (let image = 0; image < info.batchSize; image++) {
    const first = image * inHeight * inWidth * channels;
    for (let row = 0; row < outHeight; row++) {
      const top = row * info.strideHeight - info.padInfo.top;
      const bottom = Math.min(top + info.effectiveFilterHeight, inHeight);
      for (let column = 0; column < outWidth; column++) {
        const left = column * info.strideWidth - info.padInfo.left;
        const right = Math.min(left + info.effectiveFilterWidth, inWidth);
        best.fill(-1);
        for (let i = Math.max(top, 0); i < bottom; i++) {
          for (let j = Math.max(left, 0); j < right; j++) {
            const at = first + (i * inWidth + j) * channels;
            for (let c = 0; c < channels; c++) {
              const old = best[c]!;
              const value = x[at + c]!;
              if (old < 0 || value > x[old]! || Number.isNaN(value)) best[c] = at + c;
            }
          }
        }
        for (let c = 0; c < channels; c++) {
          if (best[c]! >= 0) dIn[best[c]!]! += dOut[out]!;
          out++;
        }
      }
    }
  }
  return dx;
};
