/**
 * `MaxPool` and its gradient. The stock kernels lose NaN, take -1e20 for the smallest number, and
 * send the gradient of a tie to the last of the largest values, where the other backends send it to
 * the first. Here NaN is larger than any number.
 *
 * @module
 */

import type { tf } from "../../../tfjs.ts";
import { type PoolAttributes, poolingInfo } from "../../pooling.ts";
import { runShader } from "../shader.ts";
import type { Kernel } from "../kernels.ts";

/** Finds the position of the largest value in a window, in row `i` and column `j` of the result. */
const LARGEST = `
  fn largest(n: i32, i: i32, j: i32, c: i32) -> i32 {
    var best = -1;
    for (var y = max(i * strideY - top, 0); y < min(i * strideY - top + sizeY, height); y++) {
      for (var x = max(j * strideX - left, 0); x < min(j * strideX - left + sizeX, width); x++) {
        let at = ((n * height + y) * width + x) * channels + c;
        if (best < 0 || isnan(image[at]) || image[at] > image[best]) { best = at; }
      }
    }
    return best;
  }`;

function geometry(image: tf.TensorInfo, attributes: PoolAttributes) {
  const info = poolingInfo(image.shape, attributes);
  const constants = {
    height: info.inHeight,
    width: info.inWidth,
    channels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    sizeY: info.filterHeight,
    sizeX: info.filterWidth,
    strideY: info.strideHeight,
    strideX: info.strideWidth,
    top: info.padInfo.top,
    left: info.padInfo.left,
  };
  return { constants, shape: info.outShape };
}

/** The largest values `[batch, height, width, channels]` of windows. */
export const maxPool: Kernel = (backend, { x }, attributes) =>
  runShader(backend, {
    name: "max_pool",
    ...geometry(x, attributes),
    dtype: x.dtype,
    inputs: { image: x },
    code: `${LARGEST}
      fn element(index: i32) -> f32 {
        let c = index % channels;
        let j = index / channels % outWidth;
        let i = index / (channels * outWidth) % outHeight;
        return image[largest(index / (channels * outWidth * outHeight), i, j, c)];
      }`,
  });

/** The gradient `[batch, height, width, channels]` for the input of a max pooling. */
export const maxPoolGradient: Kernel = (backend, { dy, input }, attributes) =>
  runShader(backend, {
    name: "max_pool_gradient",
    ...geometry(input, attributes),
    shape: input.shape,
    dtype: input.dtype,
    inputs: { dy, image: input },
    code: `${LARGEST}
      fn element(index: i32) -> f32 {
        let c = index % channels;
        let x = index / channels % width;
        let y = index / (channels * width) % height;
        let n = index / (channels * width * height);
        var sum = 0.0;
        for (var i = first(y + top - sizeY, strideY); i <= min((y + top) / strideY, outHeight - 1); i++) {
          for (var j = first(x + left - sizeX, strideX); j <= min((x + left) / strideX, outWidth - 1); j++) {
            if (largest(n, i, j, c) == index) {
              sum += dy[((n * outHeight + i) * outWidth + j) * channels + c];
            }
          }
        }
        return sum;
      }
      fn first(before: i32, stride: i32) -> i32 {
        return select(before / stride + 1, 0, before < 0);
      }`,
  });
