/**
 * The residual networks for ImageNet: Table 1 of the paper, and the plain networks that it compares
 * them with. Parts are called as in torchvision, whose defaults are ours.
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
  type BodyState,
  bottleneck,
  bottleneckBody,
  type BottleneckBodyOptions,
  type BottleneckParams,
  type ShortcutOptions,
} from "../combinators/blocks.ts";
import { named, repeat } from "../combinators/sequential.ts";
import { ArgumentError } from "../errors.ts";
import type { Layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import type { BatchNormParams, BatchNormState } from "../layers/batch_norm.ts";
import type { ConvParams } from "../layers/conv.ts";
import { dense, type DenseParams } from "../layers/dense.ts";
import { globalAveragePool } from "../layers/pool.ts";
import type { Empty, Tree } from "../tree.ts";
import { type BlockPlan, planBlocks } from "./stages.ts";
import { type DeepStemParams, type DeepStemState, stem, type StemOptions } from "./stem.ts";

/** Depths of Table 1: layers with weights, without those of shortcuts. */
export type ResNetDepth = 18 | 34 | 50 | 101 | 152;

/** Table 1: the kind of block, and how many of them are in each stage. */
const TABLE_1 = {
  18: { block: "basic", counts: [2, 2, 2, 2] },
  34: { block: "basic", counts: [3, 4, 6, 3] },
  50: { block: "bottleneck", counts: [3, 4, 6, 3] },
  101: { block: "bottleneck", counts: [3, 4, 23, 3] },
  152: { block: "bottleneck", counts: [3, 8, 36, 3] },
} as const;

function row(
  depth: ResNetDepth,
  { groups = 1, groupWidth = 64 }: PlainOptions,
): (typeof TABLE_1)[ResNetDepth] {
  if (!Object.hasOwn(TABLE_1, depth)) {
    throw new ArgumentError(
      `Cannot build an ImageNet network of depth ${depth}: need one of ${Object.keys(TABLE_1)}`,
    );
  }
  const row = TABLE_1[depth];
  if (row.block === "basic" && (groups !== 1 || groupWidth !== 64)) {
    throw new ArgumentError(
      `Cannot build a network of depth ${depth} with ${groups} groups of width ${groupWidth}: ` +
        "need bottlenecks, which begin at depth 50",
    );
  }
  return row;
}

/** Parameters of an ImageNet network of blocks with parameters `B`. */
export type StagedParams<B extends Tree> = {
  /** 7 × 7, or what else the stem is. */
  readonly conv1: ConvParams | DeepStemParams;
  /** After `conv1`. */
  readonly bn1: BatchNormParams;
  /** After `bn1`. */
  readonly relu: Empty;
  /** 3 × 3, stride 2. */
  readonly maxpool: Empty;
  /** The paper's conv2_x, on 56 × 56 pixels. */
  readonly layer1: readonly B[];
  /** The paper's conv3_x, on 28 × 28 pixels. */
  readonly layer2: readonly B[];
  /** The paper's conv4_x, on 14 × 14 pixels. */
  readonly layer3: readonly B[];
  /** The paper's conv5_x, on 7 × 7 pixels. */
  readonly layer4: readonly B[];
  /** Means over the pixels. */
  readonly avgpool: Empty;
  /** To the classes. */
  readonly fc: DenseParams;
};

/** State of an ImageNet network of blocks with state `B`. */
export type StagedState<B extends Tree> = {
  readonly [K in keyof StagedParams<Empty>]: K extends "conv1" ? Empty | DeepStemState
    : K extends "bn1" ? BatchNormState
    : K extends `layer${number}` ? readonly B[]
    : Empty;
};

/** The body of a block, by its parameters: basic up to 34 layers, a bottleneck from 50. */
export type BodyParams = BasicParams | BottleneckParams;

/** Parameters of {@linkcode resnet}. */
export type ResNetParams<P extends BodyParams = BodyParams> = StagedParams<BlockParams<P>>;
/** State of {@linkcode resnet}. */
export type ResNetState<P extends BodyParams = BodyParams> = StagedState<BlockState<P>>;

/** Variables of a block of {@linkcode plain}, at the same paths as those of a residual block. */
export type PlainBlock<P extends Tree> = {
  /** The layers. */
  readonly body: P;
  /** Nothing. */
  readonly activation: Empty;
};

/** Parameters of {@linkcode plain}. */
export type PlainParams<P extends BodyParams = BodyParams> = StagedParams<PlainBlock<P>>;
/** State of {@linkcode plain}. */
export type PlainState<P extends BodyParams = BodyParams> = StagedState<PlainBlock<BodyState<P>>>;

/** Options of {@linkcode plain}. */
export interface PlainOptions
  extends
    StemOptions,
    Pick<BottleneckBodyOptions, "strideIn" | "zeroInit" | "squeeze" | "dropPer"> {
  /** Number of classes; 1000 by default, as in ImageNet. */
  readonly classes?: number;
  /** Groups of the 3 × 3 convolution, for bottlenecks only; 1 by default, 32 in ResNeXt. */
  readonly groups?: number;
  /** Channels of a group in the first stage, likewise; 64 by default, 4 in ResNeXt, 128 if wide. */
  readonly groupWidth?: number;
  /** Probability that the last block is kept, see `stochasticDepth`; 1 by default. */
  readonly survival?: number;
}

/** Options of {@linkcode resnet}. */
export interface ResNetOptions extends PlainOptions, ShortcutOptions {}

/**
 * A residual network for `[batch, 224, 224, 3]` images, or others that are not too small.
 *
 * @throws {ArgumentError} If the depth is not in Table 1 or an option out of range.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example ResNet-50, as torchvision has it
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { resnet } from "@fplusx/nn/models";
 *
 * const { parameters, multiplyAdds } = describe(resnet(50), [1, 224, 224, 3]);
 * assertEquals(parameters, 25_557_032);
 * assertEquals(multiplyAdds, 4_089_184_256);
 * ```
 */
export function resnet(
  depth: 18 | 34,
  options?: ResNetOptions,
): Layer<ResNetParams<BasicParams>, ResNetState<BasicParams>>;
/** A residual network of bottlenecks. */
export function resnet(
  depth: 50 | 101 | 152,
  options?: ResNetOptions,
): Layer<ResNetParams<BottleneckParams>, ResNetState<BottleneckParams>>;
/** A residual network of a depth that is not known to the compiler. */
export function resnet(
  depth: ResNetDepth,
  options?: ResNetOptions,
): Layer<ResNetParams, ResNetState>;
export function resnet(
  depth: ResNetDepth,
  options: ResNetOptions = {},
): Layer<ResNetParams, ResNetState> {
  return row(depth, options).block === "basic"
    ? staged(depth, options, (filters, plan) => basicBlock(filters, { ...options, ...plan }))
    : staged(
      depth,
      options,
      (filters, plan) =>
        bottleneck(4 * filters, { ...options, ...plan, width: widthOf(filters, options) }),
    );
}

/**
 * The network of {@linkcode resnet} without its shortcuts. Its parameters are those of shortcut option
 * A, leaf by leaf, so either net runs with the parameters of the other.
 *
 * @throws {ArgumentError} If the depth is not in Table 1 or an option out of range.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example A plain network costs as much as a residual one
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { plain, resnet } from "@fplusx/nn/models";
 *
 * const images = [1, 224, 224, 3];
 * const { multiplyAdds } = describe(plain(34), images);
 * assertEquals(multiplyAdds, describe(resnet(34, { shortcut: "A" }), images).multiplyAdds);
 * ```
 */
export function plain(
  depth: 18 | 34,
  options?: PlainOptions,
): Layer<PlainParams<BasicParams>, PlainState<BasicParams>>;
/** A plain network of bottlenecks. */
export function plain(
  depth: 50 | 101 | 152,
  options?: PlainOptions,
): Layer<PlainParams<BottleneckParams>, PlainState<BottleneckParams>>;
/** A plain network of a depth that is not known to the compiler. */
export function plain(depth: ResNetDepth, options?: PlainOptions): Layer<PlainParams, PlainState>;
export function plain(
  depth: ResNetDepth,
  options: PlainOptions = {},
): Layer<PlainParams, PlainState> {
  return row(depth, options).block === "basic"
    ? staged(
      depth,
      options,
      (filters, plan) =>
        named({ body: basicBody(filters, { ...options, ...plan }), activation: relu }),
    )
    : staged(depth, options, (filters, plan) => {
      const width = widthOf(filters, options);
      const body = bottleneckBody(4 * filters, { ...options, ...plan, width });
      return named({ body, activation: relu });
    });
}

/** Channels in the middle of a bottleneck. */
function widthOf(filters: number, { groups = 1, groupWidth = 64 }: PlainOptions): number {
  return filters / 64 * groupWidth * groups;
}

/** The columns of Table 1. */
function staged<P extends Tree, S extends Tree>(
  depth: ResNetDepth,
  options: PlainOptions,
  block: (filters: number, plan: BlockPlan) => Layer<P, S>,
): Layer<StagedParams<P>, StagedState<S>> {
  const [one, two, three, four] = planBlocks(row(depth, options).counts, options.survival) as Plans;
  const stage = (filters: number, plans: readonly BlockPlan[]) =>
    repeat(plans.length, (i) => block(filters, plans[i]!));
  return named({
    ...stem(options), // [batch, 56, 56, 64]
    layer1: stage(64, one), // [batch, 56, 56, 64], or 256 channels after bottlenecks
    layer2: stage(128, two), // [batch, 28, 28, 128], or 512
    layer3: stage(256, three), // [batch, 14, 14, 256], or 1024
    layer4: stage(512, four), // [batch, 7, 7, 512], or 2048
    avgpool: globalAveragePool, // [batch, 512], or 2048
    fc: dense(options.classes ?? 1000),
  });
}

type Plans = [BlockPlan[], BlockPlan[], BlockPlan[], BlockPlan[]];
