/**
 * `Conv2D` by products of tiles. The image is framed with zeros first, which costs a copy of it; then a
 * row of pixels meets, for each row of the kernel, one run of memory.
 *
 * @module
 */

import { getThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { tf } from "../../../tfjs.ts";
import type { Kernel, Scratch, TensorInfo } from "../scratch.ts";
import { COLUMNS } from "../simd/product.ts";
import { matricesOf, panelsOf } from "./mat_mul.ts";
import { stridesOf } from "../strided_copy.ts";

/** Sizes, strides and padding of a convolution. */
export type Geometry = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/** The convolution `[batch, height, width, out]` of images with a kernel `[height, width, in, out]`. */
export const conv: Kernel = (pad, { x, filter }, attributes) => {
  const { strides, dilations, pad: padding, dimRoundingMode, dataFormat } = attributes;
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    filter.shape,
    strides,
    dilations,
    padding,
    dimRoundingMode,
    false,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  );
  const { outChannels, dilationHeight, dilationWidth } = info;
  // XNNPACK has vectors for what is left over, threads, and kernels with holes.
  if (outChannels % 4 > 0 || getThreadsCount() > 1 || dilationHeight * dilationWidth > 1) return;
  return convolve(pad, x, filter, info);
};

function convolve(pad: Scratch, x: TensorInfo, filter: TensorInfo, info: Geometry): TensorInfo {
  const { batchSize, inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth } =
    info;
  const { strideHeight, strideWidth } = info;
  const image = framed(pad, x, info);
  const [, height, width] = image.shape as [number, number, number, number];
  const taps = filterWidth * inChannels; // of a row of the kernel, side by side as in the image
  const panels = panelsOf(pad, filter, 0, matricesOf([filterHeight * taps, outChannels]));
  const out = pad.zeros(info.outShape);
  const [from, weights, to] = [pad.address(image), pad.address(panels), pad.address(out)];

  // An image that is read pixel by pixel is one long row.
  const pointwise = filterHeight * filterWidth * strideHeight * strideWidth === 1;
  const [rows, columns] = pointwise ? [1, outHeight * outWidth] : [outHeight, outWidth];
  const panel = 4 * filterHeight * taps * COLUMNS;
  for (let n = 0; n < batchSize; n++) {
    for (let first = 0; first < outChannels; first += COLUMNS) {
      for (let row = 0; row < rows; row++) {
        pad.addProduct({
          rows: columns,
          columns: Math.min(COLUMNS, outChannels - first),
          inner: taps,
          outer: filterHeight,
          a: {
            at: from + 4 * (n * height + row * strideHeight) * width * inChannels,
            row: 4 * strideWidth * inChannels,
            inner: 4,
            outer: 4 * width * inChannels,
          },
          b: {
            at: weights + first / COLUMNS * panel,
            group: panel,
            inner: 4 * COLUMNS,
            outer: 4 * COLUMNS * taps,
          },
          c: {
            at: to + 4 * ((n * rows + row) * columns * outChannels + first),
            row: 4 * outChannels,
          },
        });
      }
    }
  }
  return out;
}

/** The images with as many zeros around as the windows of a convolution reach out. */
export function framed(pad: Scratch, x: TensorInfo, info: Geometry): TensorInfo {
  const { batchSize, inHeight, inWidth, inChannels, padInfo: { top, left } } = info;
  const height = Math.max(
    inHeight + top,
    (info.outHeight - 1) * info.strideHeight + info.filterHeight,
  );
  const width = Math.max(inWidth + left, (info.outWidth - 1) * info.strideWidth + info.filterWidth);
  if (height === inHeight && width === inWidth) return x;
  const image = pad.zeros([batchSize, height, width, inChannels]);
  const strides = stridesOf(image.shape);
  pad.copy([batchSize, inHeight, inWidth, inChannels], { of: x }, {
    of: image,
    at: (top * width + left) * inChannels,
    strides,
  });
  return image;
}
