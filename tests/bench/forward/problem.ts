/**
 * What contenders compute for inference: the scores that a residual network for ImageNet gives, all from
 * the same numbers. Weights come from a formula, so that nobody has to be sent a hundred megabytes.
 */

import { formula, images } from "../../formula.ts";
import { encode } from "../lines.ts";
import type { Course } from "../race.ts";
import type { Network } from "./network.ts";

/** A network and the number of images it is to take at once. */
export interface ForwardProblem {
  readonly network: Network;
  readonly batch: number;
}

/** Height and width. */
export const SIZE = 224;
/** Red, green and blue. */
export const COLOURS = 3;

/** A linear map, of windows or of vectors. */
export interface Linear {
  /** `[out, in, size, size]` or `[out, in]`, as in PyTorch. */
  readonly shape: readonly number[];
  readonly weight: Float32Array;
  /** `[out]` */
  readonly bias: Float32Array;
}

/** The ε of batch normalization. */
const EPSILON = 1e-5;

/** Gives a convolution with the normalization after it folded in, which spares peers that do not. */
export function foldedConv(conv: string, norm: string, shape: readonly number[]): Linear {
  const weight = formula(`${conv}.weight`, shape);
  const [scale, shift, mean, variance] = ["weight", "bias", "running_mean", "running_var"]
    .map((name) => formula(`${norm}.${name}`, [shape[0]!])) as [
      ...[scale: Float32Array, shift: Float32Array, mean: Float32Array, variance: Float32Array],
    ];
  const factors = scale.map((value, i) => value / Math.sqrt(variance[i]! + EPSILON));
  const each = weight.length / factors.length;
  return {
    shape,
    weight: weight.map((value, i) => value * factors[Math.floor(i / each)]!),
    bias: shift.map((value, i) => value - mean[i]! * factors[i]!),
  };
}

/** Gives the linear map at the end of a network. */
export function dense(name: string, shape: readonly number[]): Linear {
  return {
    shape,
    weight: formula(`${name}.weight`, shape),
    bias: formula(`${name}.bias`, [shape[0]!]),
  };
}

/** Gives two batches `[batch, height, width, channels]` in turn, so that no result can be kept. */
export function makeBatches(batch: number): () => Float32Array {
  const both = images([2 * batch, SIZE, SIZE, COLOURS]);
  const half = both.length / 2;
  let turn = 0;
  return () => both.subarray(half * (turn++ % 2)).subarray(0, half);
}

/** Like {@linkcode makeBatches}, but `[batch, channels, height, width]`. */
export function makeBatchesChannelsFirst(batch: number): () => Float32Array {
  const next = makeBatches(batch);
  const [first, second] = [next(), next()].map(channelsFirst);
  let turn = 0;
  return () => turn++ % 2 === 0 ? first! : second!;
}

function channelsFirst(images: Float32Array): Float32Array {
  const pixels = SIZE * SIZE;
  return images.map((_, i) => {
    const [image, place] = [Math.floor(i / pixels / COLOURS), i % pixels];
    return images[(image * pixels + place) * COLOURS + Math.floor(i / pixels) % COLOURS]!;
  });
}

/** Gives the race over a network. */
export function courseOf(network: Network, batch: number): Course {
  return { batch, line: (batch) => encode({ network, batch } satisfies ForwardProblem) };
}
