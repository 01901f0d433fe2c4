/**
 * `DepthwiseConv2dNative` of single pixels as a product of each channel with its weight: XNNPACK's
 * kernel for these makes -∞ of NaN. Larger ones it does right.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";
import { type Kernel, view } from "../scratch.ts";
import { stridesOf } from "../strided_copy.ts";
import { framed } from "./conv.ts";

/** The convolution `[batch, height, width, in × multiplier]` of each channel by itself. */
export const depthwise: Kernel = (pad, { x, filter }, attributes) => {
  const { strides, dilations, pad: padding, dimRoundingMode } = attributes;
  const [height, width, channels, multiplier] = filter.shape;
  if (height * width > 1) return;
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    filter.shape,
    strides,
    dilations ?? 1,
    padding,
    dimRoundingMode,
    true,
  );
  const image = framed(pad, x, info);
  const [batch, rows, columns] = info.outShape;
  const shape = [batch, rows, columns, channels];
  const [perImage, perRow, perPixel] = stridesOf(image.shape) as [number, number, number];
  const pixels = pad.make(shape);
  pad.copy(shape, {
    of: image,
    strides: [perImage, info.strideHeight * perRow, info.strideWidth * perPixel, 1],
  }, { of: pixels });
  const [each, weights] = multiplier === 1
    ? [pixels, view(filter, [channels])]
    : [view(pixels, [...shape, 1]), view(filter, [channels, multiplier])];
  return view(pad.run("Multiply", { a: each, b: weights }), info.outShape);
};
