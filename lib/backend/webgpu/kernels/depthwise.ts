/** Convolution of each channel by itself, and its gradients: in as many groups as there are channels. */

import type { tf } from "../../../tfjs.ts";
import type { Kernel } from "../kernels.ts";
import { conv, convFilterGradient, convInputGradient } from "./conv.ts";

type Shape4D = readonly [height: number, width: number, channels: number, multiplier: number];

/** The shape of a kernel `[height, width, channels, multiplier]` as one in groups. */
function grouped([height, width, channels, multiplier]: Shape4D): number[] {
  return [height, width, 1, channels * multiplier];
}

/** The same weights as those of a kernel in groups. */
function asGroups(filter: tf.TensorInfo): tf.TensorInfo {
  return { ...filter, shape: grouped(filter.shape as unknown as Shape4D) };
}

/** `DepthwiseConv2dNative`. */
export const depthwise: Kernel = (backend, { x, filter }, attributes, stock) => {
  const groups = filter.shape[2];
  return conv(backend, { x, filter: asGroups(filter) }, { ...attributes, groups }, stock);
};

/** `DepthwiseConv2dNativeBackpropInput`. */
export const depthwiseInputGradient: Kernel = (backend, { dy, filter }, attributes, stock) => {
  const inputs = { dy, filter: asGroups(filter) };
  return convInputGradient(backend, inputs, { ...attributes, groups: filter.shape[2] }, stock);
};

/** `DepthwiseConv2dNativeBackpropFilter`. */
export const depthwiseFilterGradient: Kernel = (backend, inputs, attributes, stock) => {
  const { filterShape } = attributes;
  const asConv = { ...attributes, groups: filterShape[2], filterShape: grouped(filterShape) };
  const made = convFilterGradient(backend, inputs, asConv, stock);
  return made && { ...made, shape: filterShape };
};
