/**
 * Network in Network for CIFAR: after each convolution two of 1 × 1, which are a small network of
 * their own at every pixel, and the mean of each channel in place of dense layers.
 *
 * Lin, Chen and Yan, [Network in network](https://arxiv.org/abs/1312.4400), 2013.
 *
 * @module
 */

import { named, sequential } from "../combinators/sequential.ts";
import type { Layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import { conv, type ConvParams } from "../layers/conv.ts";
import { dropout } from "../layers/dropout.ts";
import { avgPool, globalAveragePool, maxPool } from "../layers/pool.ts";
import type { Empty } from "../tree.ts";

/** Parameters of a convolution and the small network after it. */
export type MlpConvParams = readonly [ConvParams, Empty, ConvParams, Empty, ConvParams, Empty];
/** State of a convolution and the small network after it: there is none. */
export type MlpConvState = readonly [Empty, Empty, Empty, Empty, Empty, Empty];

/** Parameters of {@linkcode networkInNetwork}. */
export type NetworkInNetworkParams = {
  /** 5 × 5, 192 filters, then 160 and 96. */
  readonly mlpconv1: MlpConvParams;
  /** The largest of 3 × 3. */
  readonly pool1: Empty;
  /** Half of the values. */
  readonly dropout1: Empty;
  /** 5 × 5, 192 filters, then 192 and 192. */
  readonly mlpconv2: MlpConvParams;
  /** The mean of 3 × 3. */
  readonly pool2: Empty;
  /** Half of the values. */
  readonly dropout2: Empty;
  /** 3 × 3, 192 filters, then 192 and the classes. */
  readonly mlpconv3: MlpConvParams;
  /** Means over the pixels. */
  readonly avgpool: Empty;
};

/** State of {@linkcode networkInNetwork}: there is none. */
export type NetworkInNetworkState = {
  readonly [K in keyof NetworkInNetworkParams]: K extends `mlpconv${number}` ? MlpConvState : Empty;
};

/** Options of {@linkcode networkInNetwork}. */
export interface NetworkInNetworkOptions {
  /** Number of classes; 10 by default. */
  readonly classes?: number;
  /** Rate of the dropouts; 0.5 by default, as in the authors' code. */
  readonly dropout?: number;
}

/**
 * The network of three mlpconv layers for `[batch, 32, 32, 3]` images.
 *
 * @throws {ArgumentError} If an option is out of range.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example Under a million parameters, without dense layers
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { networkInNetwork } from "@fplusx/nn/models";
 *
 * assertEquals(describe(networkInNetwork(), [1, 32, 32, 3]).parameters, 966_986);
 * ```
 */
export function networkInNetwork(
  options: NetworkInNetworkOptions = {},
): Layer<NetworkInNetworkParams, NetworkInNetworkState> {
  const { classes = 10, dropout: rate = 0.5 } = options;
  return named({
    mlpconv1: mlpconv(5, 192, 160, 96), // [batch, 32, 32, 96]
    pool1: maxPool(3, { stride: 2, padding: "same" }), // [batch, 16, 16, 96]
    dropout1: dropout(rate),
    mlpconv2: mlpconv(5, 192, 192, 192), // [batch, 16, 16, 192]
    pool2: avgPool(3, { stride: 2, padding: "same" }), // [batch, 8, 8, 192]
    dropout2: dropout(rate),
    mlpconv3: mlpconv(3, 192, 192, classes), // [batch, 8, 8, classes]
    avgpool: globalAveragePool, // [batch, classes]
  });
}

function mlpconv(
  size: number,
  filters: number,
  hidden: number,
  out: number,
): Layer<MlpConvParams, MlpConvState> {
  return sequential(conv(filters, size), relu, conv(hidden, 1), relu, conv(out, 1), relu);
}
