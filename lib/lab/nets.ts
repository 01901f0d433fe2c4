/**
 * The networks of the laboratory: those of the paper for CIFAR-10, with any block, any number of blocks
 * in each of three stages, and any width, so that a CPU can train dozens of them.
 *
 * @module
 */

import { named, sequential } from "../combinators/sequential.ts";
import { ArgumentError } from "../errors.ts";
import type { Layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import { batchNorm } from "../layers/batch_norm.ts";
import { conv } from "../layers/conv.ts";
import { dense } from "../layers/dense.ts";
import { globalAveragePool } from "../layers/pool.ts";
import { identity } from "../layers/shape.ts";
import { type BlockName, type BlockPlace, BLOCKS, type MakeBlock } from "./blocks.ts";

/** A network as data. */
export type Net = {
  /** What it is made of. */
  readonly block: BlockName;
  /** Blocks in each stage. */
  readonly blocks: readonly [number, number, number];
  /** Filters of the first stage; each later one has twice as many. */
  readonly width: number;
};

/**
 * Gives the network of `depth` layers, 6n + 2, of basic blocks; 9n + 2 of bottlenecks.
 *
 * @throws {ArgumentError} If there is no such depth.
 */
export function netOfDepth(block: BlockName, depth: number, width: number): Net {
  const perBlock = 3 * layersIn(block);
  const n = (depth - 2) / perBlock;
  if (!Number.isInteger(n) || n < 1) {
    throw new ArgumentError(`Cannot make a network of depth ${depth}: need ${perBlock}n + 2`);
  }
  return { block, blocks: [n, n, n], width };
}

/** Layers with weights of a network, projections not counted. */
export function depthOf({ block, blocks }: Net): number {
  return layersIn(block) * blocks.reduce((sum, count) => sum + count, 0) + 2;
}

const layersIn = (block: BlockName) => block === "bottleneck" ? 3 : 2;

/** What a network is made with besides its data. */
export interface NetOptions {
  /** Number of classes; 10 by default. */
  readonly classes?: number;
  /** Makes the blocks in place of those that are named, with parameters of the same form. */
  readonly makeBlock?: MakeBlock;
}

/**
 * Makes a network for `[batch, height, width, channels]` images. Its parts are called as those of
 * `resnetCifar`, whose parameters fit where the blocks are the same.
 *
 * @example ResNet-20 of the paper
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { makeNet, netOfDepth } from "@fplusx/nn/lab";
 *
 * assertEquals(describe(makeNet(netOfDepth("A", 20, 16)), [1, 32, 32, 3]).parameters, 269_722);
 * ```
 */
export function makeNet({ block, blocks, width }: Net, options: NetOptions = {}): Layer {
  const { classes = 10, makeBlock = BLOCKS[block] } = options;
  const total = blocks.reduce((sum, count) => sum + count, 0);
  let number = 0;
  const stages = blocks.map((count, stage) =>
    sequential(...Array.from({ length: count }, (_, i) => {
      const place: BlockPlace = {
        filters: width * 2 ** stage,
        stride: stage > 0 && i === 0 ? 2 : 1,
        number: ++number,
        total,
      };
      return makeBlock(place);
    }))
  );
  return named({
    conv1: conv(width, 3, { bias: false }),
    bn1: batchNorm(),
    relu,
    layer1: stages[0]!,
    layer2: stages[1]!,
    layer3: stages[2]!,
    // Version 2 has its last activation after the last addition.
    tail: block === "pre-activation" ? sequential(batchNorm(), relu) : identity,
    avgpool: globalAveragePool,
    fc: dense(classes),
  });
}
