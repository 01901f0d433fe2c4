/**
 * `DepthwiseConv2dNativeBackpropInput` and `…Filter`, which tfjs lacks on WASM: the compositions that
 * serve dilated convolutions on every backend, as kernels.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";
import type { Geometry } from "../../gradients/conv.ts";
import { depthwiseFilterGradient, depthwiseInputGradient } from "../../gradients/depthwise.ts";
import type { Composition } from "../scratch.ts";

/** The gradient for the input. */
export const depthwiseInput: Composition = ({ dy, filter }, attributes) =>
  depthwiseInputGradient(dy!, filter!, geometry(attributes.inputShape, filter!.shape, attributes));

/** The gradient for the kernel. */
export const depthwiseFilter: Composition = ({ x, dy }, attributes) =>
  depthwiseFilterGradient(x!, dy!, geometry(x!.shape, attributes.filterShape, attributes));

// deno-lint-ignore no-explicit-any -- tfjs's attributes are untyped
function geometry(input: any, filter: any, { strides, pad, dimRoundingMode }: any): Geometry {
  return tf.backend_util.computeConv2DInfo(input, filter, strides, 1, pad, dimRoundingMode, true);
}
