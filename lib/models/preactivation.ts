/**
 * Version 2 of the residual networks for CIFAR, and the wide networks that are built of its blocks.
 *
 * He et al., [Identity mappings in deep residual networks](https://arxiv.org/abs/1603.05027), 2016;
 * Zagoruyko and Komodakis, [Wide residual networks](https://arxiv.org/abs/1605.07146), 2016.
 *
 * @module
 */

import { named, repeat } from "../combinators/sequential.ts";
import type { Layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import { batchNorm, type BatchNormParams, type BatchNormState } from "../layers/batch_norm.ts";
import { conv, type ConvParams } from "../layers/conv.ts";
import { dense, type DenseParams } from "../layers/dense.ts";
import { globalAveragePool } from "../layers/pool.ts";
import type { Empty, Tree } from "../tree.ts";
import {
  basicV2,
  type BasicV2Params,
  type BlockV2Params,
  type BlockV2State,
  bottleneckV2,
  type BottleneckV2Params,
  type MakeBlock,
} from "./block_v2.ts";
import { blocksOf } from "./stages.ts";

/** Parameters of a network of blocks with bodies `P`. */
export type PreactivationParams<P extends Tree> = {
  /** 3 × 3. */
  readonly conv1: ConvParams;
  /** On 32 × 32 pixels. */
  readonly layer1: readonly BlockV2Params<P>[];
  /** On 16 × 16 pixels. */
  readonly layer2: readonly BlockV2Params<P>[];
  /** On 8 × 8 pixels. */
  readonly layer3: readonly BlockV2Params<P>[];
  /** After the last block. */
  readonly bn: BatchNormParams;
  /** After `bn`. */
  readonly relu: Empty;
  /** Means over the pixels. */
  readonly avgpool: Empty;
  /** To the classes. */
  readonly fc: DenseParams;
};

/** State of a network of blocks with bodies `P`. */
export type PreactivationState<P extends Tree> = {
  readonly [K in keyof PreactivationParams<P>]: K extends "bn" ? BatchNormState
    : K extends `layer${number}` ? readonly BlockV2State<P>[]
    : Empty;
};

/** Options of the networks of version 2. */
export interface PreactivationOptions {
  /** Number of classes; 10 by default. */
  readonly classes?: number;
}

/**
 * A network of version 2 for `[batch, 32, 32, 3]` images, with two 3 × 3 convolutions in a block:
 * `depth` is 6n + 2.
 *
 * @throws {ArgumentError} If the depth is not 6n + 2.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example The identity takes the place of a projection where it can
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { abstractKey } from "@fplusx/nn";
 * import { preactivationResnet } from "@fplusx/nn/models";
 *
 * const { params } = preactivationResnet(20).init(abstractKey, [1, 32, 32, 3]);
 * assertEquals(Object.keys(params.layer1[0]!), ["body", "shortcut"]);
 * assertEquals(Object.keys(params.layer2[0]!), ["bn1", "relu1", "branches"]);
 * ```
 */
export function preactivationResnet(
  depth: number,
  options: PreactivationOptions = {},
): Layer<PreactivationParams<BasicV2Params>, PreactivationState<BasicV2Params>> {
  const n = blocksOf("a pre-activation network", depth, 6, 2);
  return staged(n, [16, 32, 64], options, basicV2(0));
}

/**
 * A network of version 2 for `[batch, 32, 32, 3]` images, with bottlenecks: `depth` is 9n + 2, in the
 * paper 164 or 1001.
 *
 * @throws {ArgumentError} If the depth is not 9n + 2.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example A thousand layers have ten million parameters
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { preactivationBottleneckResnet } from "@fplusx/nn/models";
 *
 * const model = preactivationBottleneckResnet(1001);
 * assertEquals(describe(model, [1, 32, 32, 3]).parameters, 10_327_706);
 * ```
 */
export function preactivationBottleneckResnet(
  depth: number,
  options: PreactivationOptions = {},
): Layer<PreactivationParams<BottleneckV2Params>, PreactivationState<BottleneckV2Params>> {
  const n = blocksOf("a pre-activation network of bottlenecks", depth, 9, 2);
  return staged(n, [64, 128, 256], options, bottleneckV2);
}

/** Options of {@linkcode wideResnetCifar}. */
export interface WideResNetCifarOptions extends PreactivationOptions {
  /** Rate of the dropout between two convolutions; 0 by default, 0.3 in the paper. */
  readonly dropout?: number;
}

/**
 * A wide residual network for `[batch, 32, 32, 3]` images, called WRN-`depth`-`widening`.
 *
 * @param depth 6n + 4, as its authors count: projections included.
 * @param widening How many times as many filters as the networks of 16, 32 and 64.
 * @throws {ArgumentError} If the depth is not 6n + 4.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example WRN-28-10 has 36.5 million parameters
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { wideResnetCifar } from "@fplusx/nn/models";
 *
 * assertEquals(describe(wideResnetCifar(28, 10), [1, 32, 32, 3]).parameters, 36_479_194);
 * ```
 */
export function wideResnetCifar(
  depth: number,
  widening: number,
  options: WideResNetCifarOptions = {},
): Layer<PreactivationParams<BasicV2Params>, PreactivationState<BasicV2Params>> {
  const n = blocksOf("a wide residual network", depth, 6, 4);
  const filters = [16, 32, 64].map((width) => width * widening) as [number, number, number];
  return staged(n, filters, options, basicV2(options.dropout ?? 0));
}

/** Three stages of `n` blocks that give so many filters. */
function staged<P extends Tree>(
  n: number,
  [one, two, three]: readonly [number, number, number],
  options: PreactivationOptions,
  block: MakeBlock<P>,
): Layer<PreactivationParams<P>, PreactivationState<P>> {
  const stage = (filters: number, stride: number) =>
    repeat(n, (i) => block(filters, i === 0 ? stride : 1));
  return named({
    conv1: conv(16, 3, { bias: false }), // [batch, 32, 32, 16]
    layer1: stage(one, 1), // [batch, 32, 32, one]
    layer2: stage(two, 2), // [batch, 16, 16, two]
    layer3: stage(three, 2), // [batch, 8, 8, three]
    bn: batchNorm(),
    relu,
    avgpool: globalAveragePool, // [batch, three]
    fc: dense(options.classes ?? 10),
  });
}
