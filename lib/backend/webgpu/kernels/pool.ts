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
import { halvesAmong } from "../halves.ts";
import type { Kernel } from "../kernels.ts";
import type { Program } from "../program.ts";
import { largest } from "./pool/largest.ts";
import { largestGradient } from "./pool/largest_gradient.ts";
import { means } from "./pool/means.ts";
import { meansGradient } from "./pool/means_gradient.ts";
import type { Pooling } from "./pool/windows.ts";

/** A pooling kernel: what is left of windows, or what comes back to an image; it is kept as the image is. */
const pooling = (
  program: (pooling: Pooling, halves: readonly string[]) => Program,
  of: "windows" | "image",
  inputs: readonly ("x" | "dy")[],
): Kernel =>
(backend, given: Readonly<Record<string, tf.TensorInfo>>, attributes: PoolAttributes) => {
  const x = given[of === "image" ? "input" : "x"]!;
  const tensors = { x, dy: given.dy };
  if (x.dtype !== "float32") return;
  const info = poolingInfo(x.shape, attributes);
  const sizes: Pooling = {
    batch: info.batchSize,
    channels: info.inChannels,
    size: [info.inHeight, info.inWidth],
    windows: [info.outHeight, info.outWidth],
    window: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    before: [info.padInfo.top, info.padInfo.left],
  };
  const result = backend.makeTensorInfo(of === "image" ? x.shape : info.outShape, "float32");
  const halves = halvesAmong(backend, tensors);
  if (halves.includes("x")) halves.push(of === "image" ? "dx" : "y");
  dispatch(backend, program(sizes, halves), [result], inputs.map((name) => tensors[name]!));
  return result;
};

/** The largest values `[batch, height, width, channels]` of windows. */
export const maxPool: Kernel = pooling(largest, "windows", ["x"]);
/** The gradient `[batch, height, width, channels]` for the input of a max pooling. */
export const maxPoolGradient: Kernel = pooling(largestGradient, "image", ["dy", "x"]);
/** The means `[batch, height, width, channels]` of windows. */
export const avgPool: Kernel = pooling(means, "windows", ["x"]);
/** The gradient `[batch, height, width, channels]` for the input of an average pooling. */
export const avgPoolGradient: Kernel = pooling(meansGradient, "image", ["dy"]);
