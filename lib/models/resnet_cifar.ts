/**
 * The residual networks for CIFAR-10 of the paper's section 4.2, and their plain twins: 6n + 2 layers
 * in three stages, on maps of 32, 16 and 8 pixels with 16, 32 and 64 filters.
 *
 * He et al., [Deep residual learning for image recognition](https://arxiv.org/abs/1512.03385), 2015.
 *
 * @module
 */

import {
  basicBlock,
  basicBody,
  type BasicParams,
  type BlockParams,
  type BlockState,
  type BodyOptions,
  type BodyState,
  type ShortcutOptions,
} from "../combinators/blocks.ts";
import { named, repeat } from "../combinators/sequential.ts";
import type { Layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import { batchNorm, type BatchNormParams, type BatchNormState } from "../layers/batch_norm.ts";
import { conv, type ConvParams } from "../layers/conv.ts";
import { dense, type DenseParams } from "../layers/dense.ts";
import { globalAveragePool } from "../layers/pool.ts";
import type { Empty, Tree } from "../tree.ts";
import type { PlainBlock } from "./resnet.ts";
import { type BlockPlan, blocksOf, planBlocks } from "./stages.ts";

/** Parameters of a CIFAR network of blocks with parameters `B`. */
export type StagedCifarParams<B extends Tree> = {
  /** 3 × 3. */
  readonly conv1: ConvParams;
  /** After `conv1`. */
  readonly bn1: BatchNormParams;
  /** After `bn1`. */
  readonly relu: Empty;
  /** On 32 × 32 pixels. */
  readonly layer1: readonly B[];
  /** On 16 × 16 pixels. */
  readonly layer2: readonly B[];
  /** On 8 × 8 pixels. */
  readonly layer3: readonly B[];
  /** Means over the pixels. */
  readonly avgpool: Empty;
  /** To the classes. */
  readonly fc: DenseParams;
};

/** State of a CIFAR network of blocks with state `B`. */
export type StagedCifarState<B extends Tree> = {
  readonly [K in keyof StagedCifarParams<Empty>]: K extends "bn1" ? BatchNormState
    : K extends `layer${number}` ? readonly B[]
    : Empty;
};

/** Parameters of {@linkcode resnetCifar}. */
export type ResNetCifarParams = StagedCifarParams<BlockParams<BasicParams>>;
/** State of {@linkcode resnetCifar}. */
export type ResNetCifarState = StagedCifarState<BlockState<BasicParams>>;
/** Parameters of {@linkcode plainCifar}. */
export type PlainCifarParams = StagedCifarParams<PlainBlock<BasicParams>>;
/** State of {@linkcode plainCifar}. */
export type PlainCifarState = StagedCifarState<PlainBlock<BodyState<BasicParams>>>;

/** Options of {@linkcode plainCifar}. */
export interface PlainCifarOptions extends Pick<BodyOptions, "zeroInit" | "squeeze" | "dropPer"> {
  /** Number of classes; 10 by default. */
  readonly classes?: number;
  /** Filters of the first stage; 16 by default. */
  readonly width?: number;
  /** Probability that the last block is kept, see `stochasticDepth`; 1 by default. */
  readonly survival?: number;
}

/** Options of {@linkcode resnetCifar}. */
export interface ResNetCifarOptions extends PlainCifarOptions, Pick<ShortcutOptions, "zeros"> {
  /** How shortcuts change the shape; `"A"` by default, as in the paper's CIFAR experiments. */
  readonly shortcut?: ShortcutOptions["shortcut"];
}

/**
 * A residual network of `depth` 6n + 2 for `[batch, 32, 32, 3]` images.
 *
 * @throws {ArgumentError} If the depth is not 6n + 2 or an option out of range.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example ResNet-20 has 0.27 million parameters
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { resnetCifar } from "@fplusx/nn/models";
 *
 * assertEquals(describe(resnetCifar(20), [1, 32, 32, 3]).parameters, 269_722);
 * ```
 */
export function resnetCifar(
  depth: number,
  options: ResNetCifarOptions = {},
): Layer<ResNetCifarParams, ResNetCifarState> {
  const { shortcut = "A" } = options;
  const block = (filters: number, plan: BlockPlan) =>
    basicBlock(filters, { ...options, ...plan, shortcut });
  return staged("a residual network", depth, options, block);
}

/**
 * The network of {@linkcode resnetCifar} without its shortcuts. Its parameters are those of shortcut
 * option A, leaf by leaf, so either net runs with the parameters of the other.
 *
 * @throws {ArgumentError} If the depth is not 6n + 2 or an option out of range.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example As many parameters as the residual network
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { plainCifar } from "@fplusx/nn/models";
 *
 * assertEquals(describe(plainCifar(20), [1, 32, 32, 3]).parameters, 269_722);
 * ```
 */
export function plainCifar(
  depth: number,
  options: PlainCifarOptions = {},
): Layer<PlainCifarParams, PlainCifarState> {
  const block = (filters: number, plan: BlockPlan) =>
    named({ body: basicBody(filters, { ...options, ...plan }), activation: relu });
  return staged("a plain network", depth, options, block);
}

function staged<P extends Tree, S extends Tree>(
  network: string,
  depth: number,
  options: PlainCifarOptions,
  block: (filters: number, plan: BlockPlan) => Layer<P, S>,
): Layer<StagedCifarParams<P>, StagedCifarState<S>> {
  const { classes = 10, width = 16, survival } = options;
  const n = blocksOf(network, depth, 6, 2);
  const [one, two, three] = planBlocks([n, n, n], survival) as [
    BlockPlan[],
    BlockPlan[],
    BlockPlan[],
  ];
  const stage = (filters: number, plans: readonly BlockPlan[]) =>
    repeat(n, (i) => block(filters, plans[i]!));
  return named({
    conv1: conv(width, 3, { bias: false }), // [batch, 32, 32, 16]
    bn1: batchNorm(),
    relu,
    layer1: stage(width, one), // [batch, 32, 32, 16]
    layer2: stage(2 * width, two), // [batch, 16, 16, 32]
    layer3: stage(4 * width, three), // [batch, 8, 8, 64]
    avgpool: globalAveragePool, // [batch, 64]
    fc: dense(classes),
  });
}
