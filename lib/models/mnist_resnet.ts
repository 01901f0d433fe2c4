/**
 * A residual network that is small enough to learn MNIST's digits in a minute on one core: the
 * paper's CIFAR design with one block a stage, on maps of 14, 7 and 4 pixels.
 *
 * @module
 */

import {
  basicBlock,
  type BasicParams,
  type BlockParams,
  type BlockState,
} from "../combinators/blocks.ts";
import { named, sequential } from "../combinators/sequential.ts";
import type { Layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import { batchNorm, type BatchNormParams, type BatchNormState } from "../layers/batch_norm.ts";
import { conv, type ConvParams } from "../layers/conv.ts";
import { dense, type DenseParams } from "../layers/dense.ts";
import { globalAveragePool } from "../layers/pool.ts";
import type { Empty } from "../tree.ts";

/** Parameters of {@linkcode mnistResnet}. */
export type MnistResnetParams = {
  /** 3 × 3, 16 filters, stride 2. */
  readonly conv1: ConvParams;
  /** After `conv1`. */
  readonly bn1: BatchNormParams;
  /** After `bn1`. */
  readonly relu: Empty;
  /** 16 filters on 14 × 14 pixels. */
  readonly layer1: readonly [BlockParams<BasicParams>];
  /** 32 filters on 7 × 7 pixels. */
  readonly layer2: readonly [BlockParams<BasicParams>];
  /** 64 filters on 4 × 4 pixels. */
  readonly layer3: readonly [BlockParams<BasicParams>];
  /** Means over the pixels. */
  readonly avgpool: Empty;
  /** To the classes. */
  readonly fc: DenseParams;
};

/** State of {@linkcode mnistResnet}. */
export type MnistResnetState = {
  /** Nothing. */
  readonly conv1: Empty;
  /** Running averages. */
  readonly bn1: BatchNormState;
  /** Nothing. */
  readonly relu: Empty;
  /** Running averages. */
  readonly layer1: readonly [BlockState<BasicParams>];
  /** Running averages. */
  readonly layer2: readonly [BlockState<BasicParams>];
  /** Running averages. */
  readonly layer3: readonly [BlockState<BasicParams>];
  /** Nothing. */
  readonly avgpool: Empty;
  /** Nothing. */
  readonly fc: Empty;
};

/** Options of {@linkcode mnistResnet}. */
export interface MnistResnetOptions {
  /** Number of classes; 10 by default. */
  readonly classes?: number;
}

/**
 * A residual network of 8 layers with weights, for `[batch, 28, 28, 1]` images of digits or clothes.
 *
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example What it costs
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { mnistResnet } from "@fplusx/nn/models";
 *
 * const { parameters, multiplyAdds } = describe(mnistResnet(), [1, 28, 28, 1]);
 * assertEquals(parameters, 77_754);
 * assertEquals(multiplyAdds, 2_552_000);
 * ```
 */
export function mnistResnet(
  options: MnistResnetOptions = {},
): Layer<MnistResnetParams, MnistResnetState> {
  return named({
    conv1: conv(16, 3, { stride: 2, bias: false }), // [batch, 14, 14, 16]
    bn1: batchNorm(),
    relu,
    layer1: sequential(basicBlock(16)),
    layer2: sequential(basicBlock(32, { stride: 2 })), // [batch, 7, 7, 32]
    layer3: sequential(basicBlock(64, { stride: 2 })), // [batch, 4, 4, 64]
    avgpool: globalAveragePool, // [batch, 64]
    fc: dense(options.classes ?? 10),
  });
}
