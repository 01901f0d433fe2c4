/**
 * Gradients of a convolution with dilation, for every backend, out of convolutions: tfjs's own
 * kernels for them know no dilation. The input's gradient is a convolution of the output's, with
 * zeros between its pixels, with the kernel turned around. The kernel's gradient is a convolution
 * where batch and channels swap roles, and so do stride and dilation.
 *
 * @module
 */

import { tf } from "../../tfjs.ts";
import { frame, spread } from "./framing.ts";

/** Sizes, strides and padding of a convolution. */
export type Geometry = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/** The gradient `[batch, height, width, in]` for the input. */
export function convInputGradient(dy: tf.Tensor, filter: tf.Tensor, info: Geometry): tf.Tensor {
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  return convolve(spreadFor(dy, info), turned, [1, 1], dilationsOf(info));
}

/** The gradient `[height, width, in, out]` for the kernel. */
export function convFilterGradient(x: tf.Tensor, dy: tf.Tensor, info: Geometry): tf.Tensor {
  const images = tf.transpose(frameFor(x, info), [3, 1, 2, 0]);
  const kernel = tf.transpose(dy, [1, 2, 0, 3]);
  const strides: [number, number] = [info.strideHeight, info.strideWidth];
  return tf.transpose(convolve(images, kernel, dilationsOf(info), strides), [1, 2, 0, 3]);
}

/** The output's gradient with zeros in between and around, such that stride 1 gives the input's size. */
export function spreadFor(dy: tf.Tensor, info: Geometry): tf.Tensor4D {
  const { strideHeight, strideWidth, padInfo: { top, left } } = info;
  const { height, width } = reach(info);
  return frame(
    spread(dy, strideHeight, strideWidth),
    [height - top, info.inHeight + top - info.outHeight * strideHeight],
    [width - left, info.inWidth + left - info.outWidth * strideWidth],
  );
}

/** The input with its padding, and without the rows and columns that no window reaches. */
export function frameFor(x: tf.Tensor, info: Geometry): tf.Tensor4D {
  const { strideHeight, strideWidth, padInfo: { top, left } } = info;
  const { height, width } = reach(info);
  return frame(
    x,
    [top, height + (info.outHeight - 1) * strideHeight + 1 - info.inHeight - top],
    [left, width + (info.outWidth - 1) * strideWidth + 1 - info.inWidth - left],
  );
}

/** Dilation of height and width. */
export function dilationsOf(info: Geometry): [number, number] {
  return [info.dilationHeight, info.dilationWidth];
}

/** From the first to the last tap of a window. */
function reach(info: Geometry): { height: number; width: number } {
  return {
    height: (info.filterHeight - 1) * info.dilationHeight,
    width: (info.filterWidth - 1) * info.dilationWidth,
  };
}

function convolve(
  x: tf.Tensor,
  filter: tf.Tensor,
  strides: [number, number],
  dilations: [number, number],
): tf.Tensor {
  // tf.conv2d refuses strides together with dilations, which the kernels can do.
  const attributes = { strides, dilations, pad: "valid", dataFormat: "NHWC" };
  return tf.engine().runKernel("Conv2D", { x, filter }, attributes);
}
