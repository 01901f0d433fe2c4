/**
 * The VGG networks, the deepest before residual learning: 3 × 3 convolutions and max poolings, then
 * three large dense layers. Parts are numbered as in torchvision.
 *
 * Simonyan and Zisserman, [Very deep convolutional networks](https://arxiv.org/abs/1409.1556), 2014.
 *
 * @module
 */

import { named, sequential } from "../combinators/sequential.ts";
import type { Layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import { batchNorm, type BatchNormParams, type BatchNormState } from "../layers/batch_norm.ts";
import { conv, type ConvParams } from "../layers/conv.ts";
import { dense, type DenseParams } from "../layers/dense.ts";
import { dropout } from "../layers/dropout.ts";
import { maxPool } from "../layers/pool.ts";
import { flatten } from "../layers/shape.ts";
import { normal } from "../random.ts";
import type { Empty } from "../tree.ts";

/** Columns D and E of the paper's Table 1: how many convolutions with how many filters. */
const TABLE_1 = {
  16: [[2, 64], [2, 128], [3, 256], [3, 512], [3, 512]],
  19: [[2, 64], [2, 128], [4, 256], [4, 512], [4, 512]],
} as const;

/** Parameters of {@linkcode vgg}. */
export type VggParams = {
  /** Convolutions (with normalisations), activations and poolings. */
  readonly features: readonly (ConvParams | BatchNormParams | Empty)[];
  /** `[batch, 7, 7, 512]` to vectors. */
  readonly flatten: Empty;
  /** Dense layers at 0, 3 and 6, each but the last before an activation and a dropout. */
  readonly classifier: readonly [
    DenseParams,
    Empty,
    Empty,
    DenseParams,
    Empty,
    Empty,
    DenseParams,
  ];
};

/** State of {@linkcode vgg}. */
export type VggState = {
  /** Running averages of the normalisations. */
  readonly features: readonly (BatchNormState | Empty)[];
  /** Nothing. */
  readonly flatten: Empty;
  /** Nothing. */
  readonly classifier: readonly [Empty, Empty, Empty, Empty, Empty, Empty, Empty];
};

/** Options of {@linkcode vgg}. */
export interface VggOptions {
  /** Normalises after each convolution; `false` by default, as in the paper. */
  readonly batchNorm?: boolean;
  /** Number of classes; 1000 by default, as in ImageNet. */
  readonly classes?: number;
  /** Rate of the dropout after the dense layers; 0.5 by default, as in the paper. */
  readonly dropout?: number;
}

/**
 * VGG-16 or VGG-19 for `[batch, 224, 224, 3]` images. (PyTorch flattens channels first, so the rows of
 * the first dense weight are in another order there.)
 *
 * @throws {ArgumentError} If an option is out of range.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example VGG-19 has six times the parameters of ResNet-34
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { vgg } from "@fplusx/nn/models";
 *
 * assertEquals(describe(vgg(19), [1, 224, 224, 3]).parameters, 143_667_240);
 * ```
 */
export function vgg(depth: 16 | 19, options: VggOptions = {}): Layer<VggParams, VggState> {
  const { batchNorm: normalised = false, classes = 1000, dropout: rate = 0.5 } = options;
  const convolution = (filters: number) =>
    normalised ? [conv(filters, 3), batchNorm(), relu] : [conv(filters, 3), relu];
  const features = TABLE_1[depth].flatMap(([count, filters]) => [
    ...Array.from({ length: count }, () => convolution(filters)).flat(),
    maxPool(2),
  ]);
  return named({
    features: sequential(...features), // [batch, 7, 7, 512]
    flatten, // [batch, 25088]
    classifier: sequential(
      connected(4096),
      relu,
      dropout(rate),
      connected(4096),
      relu,
      dropout(rate),
      connected(classes),
    ),
  });
}

/** A dense layer whose weights start as in torchvision. */
function connected(units: number): Layer<DenseParams, Empty> {
  return dense(units, { weightInit: (key, shape) => normal(key, shape, { deviation: 0.01 }) });
}
