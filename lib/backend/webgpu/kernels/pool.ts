/**
 * Pooling and its gradients. The stock kernels of `MaxPool` lose NaN, take -1e20 for the smallest
 * number, and send the gradient of a tie to the last of the largest values, where the other backends
 * send it to the first; those of `AvgPool` are right, but do one channel at a time.
 *
 * @module
 */

import type { tf } from "../../../tfjs.ts";
import { type PoolAttributes, poolingInfo } from "../../pooling.ts";
import { dispatch } from "../dispatch.ts";
import type { Kernel } from "../kernels.ts";
import type { Program } from "../program.ts";
import { largest } from "./pool/largest.ts";
import { largestGradient } from "./pool/largest_gradient.ts";
import { means } from "./pool/means.ts";
import { meansGradient } from "./pool/means_gradient.ts";
import type { Pooling } from "./pool/windows.ts";

/** A pooling kernel: what is left of windows, or what comes back to an image from its last input. */
const pooling = (
  program: (pooling: Pooling) => Program,
  of: "windows" | "image",
  inputs: readonly string[],
): Kernel =>
(backend, given: Readonly<Record<string, tf.TensorInfo>>, attributes: PoolAttributes) => {
  const image = given[of === "image" ? "input" : "x"]!;
  if (image.dtype !== "float32") return;
  const info = poolingInfo(image.shape, attributes);
  const sizes: Pooling = {
    batch: info.batchSize,
    channels: info.inChannels,
    size: [info.inHeight, info.inWidth],
    windows: [info.outHeight, info.outWidth],
    window: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    before: [info.padInfo.top, info.padInfo.left],
  };
  const result = backend.makeTensorInfo(of === "image" ? image.shape : info.outShape, "float32");
  dispatch(backend, program(sizes), [result], inputs.map((name) => given[name]!));
  return result;
};

/** The largest values `[batch, height, width, channels]` of windows. */
export const maxPool: Kernel = pooling(largest, "windows", ["x"]);
/** The gradient `[batch, height, width, channels]` for the input of a max pooling. */
export const maxPoolGradient: Kernel = pooling(largestGradient, "image", ["dy", "input"]);
/** The means `[batch, height, width, channels]` of windows. */
export const avgPool: Kernel = pooling(means, "windows", ["x"]);
/** The gradient `[batch, height, width, channels]` for the input of an average pooling. */
export const avgPoolGradient: Kernel = pooling(meansGradient, "image", ["dy"]);
