/**
 * What all residual families share: stages of blocks, of which the first in each but the first stage
 * halves the map, and stochastic depth, which drops later blocks more often.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";

/** What a block is told by its place in the network. */
export type BlockPlan = {
  /** 2 in the first block of a later stage, else 1. */
  readonly stride: number;
  /** Probability that the block is kept. */
  readonly survival: number;
};

/**
 * Plans the blocks of each stage. The survival goes down in a line from 1 at the input to `survival`
 * at the last block (Huang et al., [2016](https://arxiv.org/abs/1603.09382), section 3).
 */
export function planBlocks(counts: readonly number[], survival = 1): BlockPlan[][] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let l = 0;
  return counts.map((count, stage) =>
    Array.from({ length: count }, (_, i) => ({
      stride: stage > 0 && i === 0 ? 2 : 1,
      survival: 1 - ++l / total * (1 - survival),
    }))
  );
}

/** Gives n of a depth `perBlock · n + rest`, with n blocks in each of three stages. */
export function blocksOf(network: string, depth: number, perBlock: number, rest: number): number {
  const n = (depth - rest) / perBlock;
  if (Number.isInteger(n) && n > 0) return n;
  throw new ArgumentError(
    `Cannot build ${network} of depth ${depth}: need ${perBlock}n + ${rest}, ` +
      `such as ${perBlock + rest} or ${3 * perBlock + rest}`,
  );
}
