/**
 * The first layers of an ImageNet network, which bring images down to a fourth of their size before
 * the first block.
 *
 * @module
 */

import { sequential } from "../combinators/sequential.ts";
import type { Layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import { batchNorm, type BatchNormParams, type BatchNormState } from "../layers/batch_norm.ts";
import { conv, type ConvParams } from "../layers/conv.ts";
import { maxPool } from "../layers/pool.ts";
import { identity } from "../layers/shape.ts";
import type { Empty } from "../tree.ts";

/** Parameters of a stem of three 3 × 3 convolutions. */
export type DeepStemParams = readonly [
  ConvParams,
  BatchNormParams,
  Empty,
  ConvParams,
  BatchNormParams,
  Empty,
  ConvParams,
];

/** State of a stem of three 3 × 3 convolutions. */
export type DeepStemState = readonly [
  Empty,
  BatchNormState,
  Empty,
  Empty,
  BatchNormState,
  Empty,
  Empty,
];

/** Which first layers a network has. */
export interface StemOptions {
  /**
   * The first layers: `"imagenet"`, the default, is 7 × 7 with stride 2 and a max pooling; `"deep"`
   * has three 3 × 3 convolutions instead of the 7 × 7, as ResNet-D; `"cifar"` is for small images:
   * 3 × 3 with stride 1, and no pooling.
   */
  readonly stem?: "imagenet" | "deep" | "cifar";
  /** Border of the max pooling: torchvision's, the default, or that of the authors' Caffe nets. */
  readonly pool?: "torchvision" | "caffe";
}

/** Gives the first layers by name. */
export function stem({ stem = "imagenet", pool = "torchvision" }: StemOptions): {
  readonly conv1: Layer<ConvParams | DeepStemParams, Empty | DeepStemState>;
  readonly bn1: Layer<BatchNormParams, BatchNormState>;
  readonly relu: Layer<Empty, Empty>;
  readonly maxpool: Layer<Empty, Empty>;
} {
  const bias = false;
  const conv1 = stem === "imagenet"
    ? conv(64, 7, { stride: 2, bias })
    : stem === "cifar"
    ? conv(64, 3, { bias })
    : sequential(
      conv(32, 3, { stride: 2, bias }),
      batchNorm(),
      relu,
      conv(32, 3, { bias }),
      batchNorm(),
      relu,
      conv(64, 3, { bias }),
    );
  const padding = pool === "caffe" ? "same" : 1;
  const maxpool = stem === "cifar" ? identity : maxPool(3, { stride: 2, padding });
  return { conv1, bn1: batchNorm(), relu, maxpool };
}
