/**
 * Later bottleneck networks for ImageNet: each is `resnet` with a few other options.
 *
 * @module
 */

import type { BottleneckParams } from "../combinators/blocks.ts";
import type { Layer } from "../layer.ts";
import { resnet, type ResNetOptions, type ResNetParams, type ResNetState } from "./resnet.ts";

/** Depths of networks of bottlenecks. */
export type BottleneckDepth = 50 | 101 | 152;

/** A network of bottlenecks for ImageNet. */
export type BottleneckNet = Layer<ResNetParams<BottleneckParams>, ResNetState<BottleneckParams>>;

/**
 * ResNeXt: the 3 × 3 convolutions in groups, by default 32 groups of 4 channels ("32x4d").
 *
 * Xie et al., [Aggregated residual transformations](https://arxiv.org/abs/1611.05431), 2016.
 *
 * @throws {ArgumentError} If an option is out of range.
 *
 * @example As many parameters as ResNet-50, on more channels
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { resnext } from "@fplusx/nn/models";
 *
 * assertEquals(describe(resnext(50), [1, 224, 224, 3]).parameters, 25_028_904);
 * ```
 */
export function resnext(depth: BottleneckDepth, options: ResNetOptions = {}): BottleneckNet {
  return resnet(depth, { groups: 32, groupWidth: 4, ...options });
}

/**
 * A wide residual network for ImageNet: bottlenecks with twice the channels in the middle.
 *
 * Zagoruyko and Komodakis, [Wide residual networks](https://arxiv.org/abs/1605.07146), 2016.
 *
 * @throws {ArgumentError} If an option is out of range.
 *
 * @example Called wide_resnet50_2 in torchvision
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { wideResnet } from "@fplusx/nn/models";
 *
 * assertEquals(describe(wideResnet(50), [1, 224, 224, 3]).parameters, 68_883_240);
 * ```
 */
export function wideResnet(depth: BottleneckDepth, options: ResNetOptions = {}): BottleneckNet {
  return resnet(depth, { groupWidth: 128, ...options });
}

/**
 * ResNet-D: a deep stem, the stride in the 3 × 3 convolutions, and shortcuts that pool.
 *
 * He et al., [Bag of tricks for image classification](https://arxiv.org/abs/1812.01187), 2018.
 *
 * @throws {ArgumentError} If an option is out of range.
 *
 * @example Called resnet50d in timm
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { resnetD } from "@fplusx/nn/models";
 *
 * assertEquals(describe(resnetD(50), [1, 224, 224, 3]).parameters, 25_576_264);
 * ```
 */
export function resnetD(depth: BottleneckDepth, options: ResNetOptions = {}): BottleneckNet {
  return resnet(depth, { stem: "deep", shortcut: "D", ...options });
}

/**
 * SE-ResNet: squeeze-and-excitation with a reduction of 16 at the end of each body.
 *
 * Hu et al., [Squeeze-and-excitation networks](https://arxiv.org/abs/1709.01507), 2017.
 *
 * @throws {ArgumentError} If an option is out of range.
 *
 * @example A tenth more parameters than ResNet-50
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { seResnet } from "@fplusx/nn/models";
 *
 * assertEquals(describe(seResnet(50), [1, 224, 224, 3]).parameters, 28_088_024);
 * ```
 */
export function seResnet(depth: BottleneckDepth, options: ResNetOptions = {}): BottleneckNet {
  return resnet(depth, { squeeze: 16, ...options });
}
