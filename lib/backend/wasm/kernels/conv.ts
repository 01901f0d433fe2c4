/**
 * `Conv2D` by products of tiles. The image is framed with zeros first, which costs a copy of it; then a
 * row of pixels meets, for each row of the kernel, one run of memory.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import { tf } from "../../../tfjs.ts";
import type { Kernel, Scratch, TensorInfo } from "../scratch.ts";
import { type Product, sharesOf } from "../simd/product.ts";
import { COLUMNS } from "../simd/tile.ts";
import { bandsOf, matricesOf, panelsOf } from "./mat_mul.ts";

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
  // For this, XNNPACK has the kernel that makes -∞ of NaN.
  if (sizeOf(filter.shape) === 1) {
    return pad.run("DepthwiseConv2dNative", { x, filter }, attributes);
  }
  // XNNPACK has vectors for what is left over, and kernels with holes.
  if (outChannels % 4 > 0 || dilationHeight * dilationWidth > 1) return;
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
  const out = pad.make(info.outShape);
  const panel = 4 * filterHeight * taps * COLUMNS;
  const product: Product = {
    images: batchSize,
    from: 0,
    rows: outHeight * outWidth,
    perLine: outWidth,
    columns: outChannels,
    inner: taps,
    outer: filterHeight,
    outermost: 1,
    adds: false,
    a: {
      at: pad.address(image),
      image: 4 * height * width * inChannels,
      line: 4 * strideHeight * width * inChannels,
      row: 4 * strideWidth * inChannels,
      inner: 4,
      outer: 4 * width * inChannels,
    },
    b: {
      at: pad.address(panels),
      group: panel,
      inner: 4 * COLUMNS,
      outer: 4 * COLUMNS * taps,
    },
    c: {
      at: pad.address(out),
      image: 4 * outHeight * outWidth * outChannels,
      row: 4 * outChannels,
    },
  };
  const pointwise = filterHeight * filterWidth * strideHeight * strideWidth === 1;
  if (pointwise) {
    // Images that are read pixel by pixel are one matrix.
    const pixels = batchSize * outHeight * outWidth;
    pad.compute("rows", bandsOf({ ...product, images: 1, rows: pixels, perLine: pixels }));
  } else pad.compute(batchSize < pad.parts ? "rows" : "images", [product]);
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
  const image = pad.make([batchSize, height, width, inChannels]);
  const pixel = 4 * inChannels;
  const line = inWidth * pixel;
  const [right, bottom] = [width - left - inWidth, height - top - inHeight];
  const [before, between] = [top * width + left, left + right].map((pixels) => pixels * pixel);
  const after = (right + bottom * width) * pixel;
  const [from, to] = [pad.address(x), pad.address(image)];
  pad.perform(
    sharesOf(batchSize, pad.parts).map(({ first, count }) => [
      "frame",
      from + first * inHeight * line,
      to + first * height * width * pixel,
      ...[count, inHeight, line, before!, between!, after],
    ]),
    sizeOf(x.shape),
  );
  return image;
}
