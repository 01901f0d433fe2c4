/**
 * Convolution of images with learned kernels, in groups of channels or channel by channel. Padding is
 * symmetric by default, so stride 1 keeps the size and weights from PyTorch fit.
 *
 * @module
 */

import { fold, type Key } from "../key.ts";
import { type Layer, stateless } from "../layer.ts";
import { add, conv2d } from "../ops.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import type { Empty } from "../tree.ts";
import { checkAxes, checkInteger, checkType, failOption, failShape, IMAGES } from "./check.ts";
import { constant, heNormal, type Initializer } from "./initializers.ts";
import { withRole } from "./role.ts";
import {
  type Axis,
  countWindows,
  type Extent,
  geometryOf,
  type Padding,
  slidingWindow,
} from "./window.ts";

/** Parameters of {@linkcode conv} and {@linkcode depthwiseConv}. */
export type ConvParams = {
  /** `[height, width, in / groups, out]`. */
  readonly weight: Tensor;
  /** `[out]`; absent without bias. */
  readonly bias?: Tensor;
};

/** What all convolutions can be told about their parameters. */
export interface KernelOptions {
  /** Adds a learned value to each output channel; on by default, as in PyTorch. */
  readonly bias?: boolean;
  /** First value of the weight; `heNormal({ fan: "out" })` by default, as in torchvision's ResNets. */
  readonly weightInit?: Initializer;
  /** First value of the bias; zero by default. */
  readonly biasInit?: Initializer;
}

/** Options of {@linkcode depthwiseConv}, and of {@linkcode conv} but for the groups. */
export interface ImageConvOptions extends KernelOptions {
  /** Steps between windows; 1 by default. */
  readonly stride?: Extent;
  /** Zeros around the image; by default as many on each side as stride 1 needs to keep the size. */
  readonly padding?: Padding;
  /** Distance between the taps of the kernel; 1 by default. */
  readonly dilation?: Extent;
}

/** Options of {@linkcode conv}. */
export interface ConvOptions extends ImageConvOptions {
  /** Number of groups that the channels are split into; 1 by default. */
  readonly groups?: number;
}

/** Options of {@linkcode depthwiseConv}. */
export interface DepthwiseConvOptions extends ImageConvOptions {
  /** Output channels per input channel; 1 by default. */
  readonly multiplier?: number;
}

/**
 * A two-dimensional convolution: `[batch, height, width, in]` to `[batch, height, width, filters]`.
 *
 * @param filters Number of output channels.
 * @param size Size of the kernels: one number for squares, or `[height, width]`.
 * @throws {ArgumentError} If an option is out of range; from `init`, if the kernel does not fit.
 * @throws {ShapeError} From `init`, if the input is not a batch of images or the groups do not divide
 * its channels.
 *
 * @example The first layer of a ResNet
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { conv, describe } from "@fplusx/nn";
 *
 * const stem = conv(64, 7, { stride: 2, bias: false });
 * const { output, parameters, multiplyAdds } = describe(stem, [1, 224, 224, 3]);
 * assertEquals(output, [1, 112, 112, 64]);
 * assertEquals(parameters, 9_408);
 * assertEquals(multiplyAdds, 118_013_952);
 * ```
 */
export function conv(
  filters: number,
  size: Extent,
  options: ConvOptions = {},
): Layer<ConvParams, Empty> {
  const { groups = 1 } = options;
  checkInteger("conv", "filters", filters);
  checkInteger("conv", "groups", groups);
  if (filters % groups !== 0) {
    failOption("conv", "filters", filters, `a multiple of the ${groups} groups`);
  }
  return convolution("conv", size, options, () => ({ filters, groups }));
}

/**
 * A convolution of each channel by itself: `[batch, height, width, channels]` to
 * `[batch, height, width, channels · multiplier]`. The weight is `[height, width, 1, out]`.
 *
 * @throws {ArgumentError} If an option is out of range; from `init`, if the kernel does not fit.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example A separable convolution: each channel by itself, then all of them
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { conv, depthwiseConv, describe, sequential } from "@fplusx/nn";
 *
 * const separable = sequential(depthwiseConv(3, { bias: false }), conv(64, 1));
 * assertEquals(describe(separable, [1, 8, 8, 32]).parameters, 9 * 32 + 32 * 64 + 64);
 * ```
 */
export function depthwiseConv(
  size: Extent,
  options: DepthwiseConvOptions = {},
): Layer<ConvParams, Empty> {
  const { multiplier = 1 } = options;
  checkInteger("depthwiseConv", "multiplier", multiplier);
  return convolution("depthwiseConv", size, options, (channels) => ({
    filters: channels * multiplier,
    groups: channels,
  }));
}

function convolution(
  kind: string,
  size: Extent,
  options: ImageConvOptions,
  plan: (channels: number) => { filters: number; groups: number },
): Layer<ConvParams, Empty> {
  const { stride = 1, padding, dilation = 1 } = options;
  const axes = slidingWindow(kind, size, { stride, padding, dilation });
  const layer = stateless<ConvParams>({
    kind,
    init(key, shape) {
      checkAxes(kind, shape, IMAGES);
      const { filters, groups } = plan(shape[3]!);
      const { params, positions } = initKernel(kind, key, shape, {
        axes,
        filters,
        groups,
        options,
      });
      return {
        params,
        shape: [shape[0]!, ...positions, filters],
        multiplyAdds: sizeOf(positions) * params.weight.size,
      };
    },
    apply({ weight, bias }, x) {
      checkType(kind, x, "float32");
      const { groups } = plan(x.shape[3]!);
      const y = conv2d(x, weight, { ...geometryOf(axes, x.shape), groups });
      return bias === undefined ? y : add(y, bias);
    },
  });
  return withRole(layer, "linear");
}

/** What the kernel of a convolution looks like. */
interface KernelPlan {
  readonly axes: readonly Axis[];
  readonly filters: number;
  readonly groups: number;
  readonly options: KernelOptions;
}

/** Makes the kernel `[...window, in / groups, out]`, and counts the windows along each axis. */
export function initKernel(
  kind: string,
  key: Key,
  shape: Shape,
  { axes, filters, groups, options }: KernelPlan,
): { params: { weight: Tensor; bias?: Tensor }; positions: number[] } {
  const { bias = true, weightInit = heNormal({ fan: "out" }), biasInit = constant(0) } = options;
  const channels = shape.at(-1)!;
  if (channels % groups !== 0) failShape(kind, shape, `channels in ${groups} equal groups`);
  const positions = axes.map((axis, i) => countWindows(kind, axis, shape[i + 1]!));
  const window = axes.map(({ size }) => size);
  const weight = weightInit(fold(key, "weight"), [...window, channels / groups, filters]);
  const params = bias ? { weight, bias: biasInit(fold(key, "bias"), [filters]) } : { weight };
  return { params, positions };
}
