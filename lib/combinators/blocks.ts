/**
 * The two blocks of the paper's Figure 5, with what later papers changed in them as options. Parts
 * are called as in torchvision.
 *
 * He et al., [Deep residual learning](https://arxiv.org/abs/1512.03385), 2015.
 *
 * @module
 */

import type { Layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import { batchNorm, type BatchNormParams, type BatchNormState } from "../layers/batch_norm.ts";
import { conv, type ConvOptions, type ConvParams } from "../layers/conv.ts";
import type { Empty, Tree } from "../tree.ts";
import { type Branches, residual } from "./residual.ts";
import { named } from "./sequential.ts";
import {
  type PaddedIdentityOptions,
  shortcut,
  type ShortcutOption,
  type ShortcutParams,
  type ShortcutState,
} from "./shortcut.ts";
import {
  squeezeExcitation,
  type SqueezeExcitationParams,
  type SqueezeExcitationState,
} from "./squeeze_excitation.ts";
import { stochasticDepth, type StochasticDepthOptions } from "./stochastic_depth.ts";

/** Parameters of the body of {@linkcode basicBlock}. */
export type BasicParams = {
  /** 3 × 3, with the stride. */
  readonly conv1: ConvParams;
  /** After `conv1`. */
  readonly bn1: BatchNormParams;
  /** After `bn1`. */
  readonly relu1: Empty;
  /** 3 × 3. */
  readonly conv2: ConvParams;
  /** After `conv2`. */
  readonly bn2: BatchNormParams;
  /** Squeeze-and-excitation at the end, if asked for. */
  readonly se?: SqueezeExcitationParams;
};

/** Parameters of the body of {@linkcode bottleneck}. */
export type BottleneckParams = {
  /** 1 × 1, to the width. */
  readonly conv1: ConvParams;
  /** After `conv1`. */
  readonly bn1: BatchNormParams;
  /** After `bn1`. */
  readonly relu1: Empty;
  /** 3 × 3. */
  readonly conv2: ConvParams;
  /** After `conv2`. */
  readonly bn2: BatchNormParams;
  /** After `bn2`. */
  readonly relu2: Empty;
  /** 1 × 1, to the filters. */
  readonly conv3: ConvParams;
  /** After `conv3`. */
  readonly bn3: BatchNormParams;
  /** Squeeze-and-excitation at the end, if asked for. */
  readonly se?: SqueezeExcitationParams;
};

/** State of the body of a block: running averages of each normalisation. */
export type BodyState<P extends BasicParams | BottleneckParams> = {
  readonly [K in keyof P]: K extends `bn${number}` ? BatchNormState
    : K extends "se" ? SqueezeExcitationState
    : Empty;
};

/** Parameters of a residual block. */
export type BlockParams<P extends BasicParams | BottleneckParams> = Branches<P, ShortcutParams>;

/** State of a residual block. */
export type BlockState<P extends BasicParams | BottleneckParams> = Branches<
  BodyState<P>,
  ShortcutState
>;

/** Options of the body of a block. */
export interface BodyOptions {
  /** Stride of the block; 1 by default. */
  readonly stride?: number;
  /** Starts with weight 0 in the last normalisation, so that the block is the identity; off. */
  readonly zeroInit?: boolean;
  /** Reduction of {@linkcode squeezeExcitation} at the end of the body; none by default. */
  readonly squeeze?: number;
  /** Probability that the body is kept, see {@linkcode stochasticDepth}; 1 by default. */
  readonly survival?: number;
  /** What {@linkcode stochasticDepth} drops at once. */
  readonly dropPer?: StochasticDepthOptions["per"];
}

/** Options of the body of {@linkcode bottleneck}. */
export interface BottleneckBodyOptions extends BodyOptions {
  /** Which convolution has the stride: torchvision's `"3x3"`, the default, or the paper's `"1x1"`. */
  readonly strideIn?: "1x1" | "3x3";
  /** Channels in the middle; a fourth of the filters by default. */
  readonly width?: number;
  /** Groups of the 3 × 3 convolution; 1 by default. */
  readonly groups?: number;
}

/** How the shortcut of a block changes the shape. */
export interface ShortcutOptions extends PaddedIdentityOptions {
  /** One of the paper's options, or ResNet-D's; `"B"` by default. */
  readonly shortcut?: ShortcutOption;
}

/**
 * A residual block of two 3 × 3 convolutions, for networks of up to 34 layers.
 *
 * @throws {ArgumentError} If an option is out of range.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example The first block of the second stage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { basicBlock, describe } from "@fplusx/nn";
 *
 * const { output, multiplyAdds } = describe(basicBlock(128, { stride: 2 }), [1, 56, 56, 64]);
 * assertEquals(output, [1, 28, 28, 128]);
 * assertEquals(multiplyAdds, 57_802_752 + 115_605_504 + 6_422_528);
 * ```
 */
export function basicBlock(
  filters: number,
  options: BodyOptions & ShortcutOptions = {},
): Layer<BlockParams<BasicParams>, BlockState<BasicParams>> {
  return block(basicBody(filters, options), filters, options);
}

/** The body of {@linkcode basicBlock} without the shortcut and the last activation. */
export function basicBody(
  filters: number,
  options: BodyOptions = {},
): Layer<BasicParams, BodyState<BasicParams>> {
  const { stride = 1 } = options;
  const body = {
    conv1: normedConv(filters, 3, { stride }),
    bn1: batchNorm(),
    relu1: relu,
    conv2: normedConv(filters, 3),
    bn2: lastNorm(options),
  };
  const { squeeze } = options;
  return kept(
    squeeze === undefined ? named(body) : named({ ...body, se: squeezeExcitation(squeeze) }),
    options,
  );
}

/**
 * A residual block that does its 3 × 3 convolution on fewer channels, between two of 1 × 1, for
 * networks of 50 layers and more.
 *
 * @param filters Channels that come out; a fourth of them in the middle, unless `width` says else.
 * @throws {ArgumentError} If an option is out of range.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example A block of ResNet-50 and of ResNeXt-50
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bottleneck, describe } from "@fplusx/nn";
 *
 * const images = [1, 56, 56, 256];
 * assertEquals(describe(bottleneck(256), images).parameters, 70_400);
 * assertEquals(describe(bottleneck(256, { width: 128, groups: 32 }), images).parameters, 71_168);
 * ```
 */
export function bottleneck(
  filters: number,
  options: BottleneckBodyOptions & ShortcutOptions = {},
): Layer<BlockParams<BottleneckParams>, BlockState<BottleneckParams>> {
  return block(bottleneckBody(filters, options), filters, options);
}

/** The body of {@linkcode bottleneck} without the shortcut and the last activation. */
export function bottleneckBody(
  filters: number,
  options: BottleneckBodyOptions = {},
): Layer<BottleneckParams, BodyState<BottleneckParams>> {
  const { stride = 1, strideIn = "3x3", width = filters / 4, groups = 1 } = options;
  const [first, second] = strideIn === "1x1" ? [stride, 1] : [1, stride];
  const body = {
    conv1: normedConv(width, 1, { stride: first }),
    bn1: batchNorm(),
    relu1: relu,
    conv2: normedConv(width, 3, { stride: second, groups }),
    bn2: batchNorm(),
    relu2: relu,
    conv3: normedConv(filters, 1),
    bn3: lastNorm(options),
  };
  const { squeeze } = options;
  return kept(
    squeeze === undefined ? named(body) : named({ ...body, se: squeezeExcitation(squeeze) }),
    options,
  );
}

function block<P extends BasicParams | BottleneckParams>(
  body: Layer<P, BodyState<P>>,
  filters: number,
  options: BodyOptions & ShortcutOptions,
): Layer<BlockParams<P>, BlockState<P>> {
  const { stride = 1, shortcut: option = "B" } = options;
  return residual(body, shortcut(option, filters, stride, options), { activation: relu });
}

/** A convolution that needs no bias, since the normalisation after it has one. */
function normedConv(
  filters: number,
  size: number,
  options: ConvOptions = {},
): Layer<ConvParams, Empty> {
  return conv(filters, size, { bias: false, ...options });
}

function lastNorm({ zeroInit = false }: BodyOptions): Layer<BatchNormParams, BatchNormState> {
  return batchNorm({ scale: zeroInit ? 0 : 1 });
}

function kept<P extends Tree, S extends Tree>(
  body: Layer<P, S>,
  { survival = 1, dropPer = "batch" }: BodyOptions,
): Layer<P, S> {
  return survival === 1 ? body : stochasticDepth(body, survival, { per: dropPer });
}
