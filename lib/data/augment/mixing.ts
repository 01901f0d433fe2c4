/**
 * Mixing the pictures of a batch: each with the one before it, and the labels in the same shares. The
 * labels become shares of classes `[batch, classes]`, which `crossEntropy` takes as they are.
 *
 * @module
 */

import { ArgumentError } from "../../errors.ts";
import { fold, type Key } from "../../key.ts";
import { add, concat, mul, oneHot, slice, tensor, tidy } from "../../ops.ts";
import type { Tensor } from "../../tensor.ts";
import type { Batch } from "../../train/step.ts";
import { beta } from "./beta.ts";
import { choose, draws } from "./augmentation.ts";

/** Mixes the pictures of a batch; borrows what it takes and owns what it returns. */
export type Mixing = (batch: Batch, key: Key) => Batch;

/** Options of {@linkcode mixup} and {@linkcode cutmix}. */
export interface MixingOptions {
  /** Number of classes. */
  readonly classes: number;
  /** How even the shares are, above 0 and up to 4: they are drawn from Beta(alpha, alpha). */
  readonly alpha?: number;
}

/**
 * Gives mixup: every picture is laid over the one before it, transparent to a share that is drawn for
 * the batch.
 *
 * Zhang et al., *mixup: beyond empirical risk minimization* (ICLR 2018); `alpha` is 0.2 by default, as
 * they have for ImageNet.
 *
 * @throws {ArgumentError} If an option is out of its range.
 *
 * @example Two pictures of one pixel
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { key, release, setup, tensor } from "@fplusx/nn";
 * import { mixup } from "@fplusx/nn/data";
 *
 * await setup({ backend: "cpu" });
 * const batch = { x: tensor([0, 1], [2, 1, 1, 1]), y: tensor(Int32Array.of(0, 1)) };
 * const mixed = mixup({ classes: 2 })(batch, key(0));
 * const [x, y] = [await mixed.x.data(), await mixed.y.data()];
 * assertAlmostEquals(x[0]!, y[1]!);
 * release([batch, mixed]);
 * ```
 */
export function mixup(options: MixingOptions): Mixing {
  const { classes, alpha = 0.2 } = options;
  checkMixing(classes, alpha);
  return ({ x, y }, key) =>
    tidy(() => {
      const share = beta(key, alpha);
      return { x: blend(x, share), y: blend(oneHot(y, classes), share) };
    });
}

/**
 * Gives CutMix: a rectangle of every picture is that of the one before it. Place and area are drawn for
 * the batch.
 *
 * Yun et al., *CutMix: regularization strategy to train strong classifiers with localizable features*
 * (ICCV 2019); `alpha` is 1 by default, as they have it.
 *
 * @throws {ArgumentError} If an option is out of its range.
 *
 * @example The labels tell how much was exchanged
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { key, ops, release, setup, tensor } from "@fplusx/nn";
 * import { cutmix } from "@fplusx/nn/data";
 *
 * await setup({ backend: "cpu" });
 * const x = ops.concat([ops.zeros([1, 8, 8, 1]), ops.ones([1, 8, 8, 1])], 0);
 * const batch = { x, y: tensor(Int32Array.of(0, 1)) };
 * const mixed = cutmix({ classes: 2 })(batch, key(0));
 * const exchanged = [...await mixed.x.data()].slice(0, 64).filter((value) => value === 1);
 * assertAlmostEquals((await mixed.y.data())[1]!, exchanged.length / 64, 1e-6);
 * release([batch, mixed]);
 * ```
 */
export function cutmix(options: MixingOptions): Mixing {
  const { classes, alpha = 1 } = options;
  checkMixing(classes, alpha);
  return ({ x, y }, key) =>
    tidy(() => {
      const [, height, width] = x.shape as readonly [number, number, number, number];
      const kept = kernel(height, width, beta(key, alpha), draws(fold(key, "place"), 2));
      const share = kept.reduce((sum, value) => sum + value, 0) / kept.length;
      const mask = tensor(kept, [1, height, width, 1]);
      const rest = tensor(kept.map((value) => 1 - value), [1, height, width, 1]);
      return {
        x: add(mul(x, mask), mul(rolled(x), rest)),
        y: blend(oneHot(y, classes), share),
      };
    });
}

/**
 * Mixes in one of several ways, all equally likely for a batch.
 *
 * @throws {ArgumentError} If there is none.
 *
 * @example As torchvision's second recipe does
 * ```ts
 * import { cutmix, mixOneOf, mixup } from "@fplusx/nn/data";
 *
 * mixOneOf(mixup({ classes: 1000 }), cutmix({ classes: 1000 }));
 * ```
 */
export function mixOneOf(...ways: readonly Mixing[]): Mixing {
  if (ways.length === 0) throw new ArgumentError("Cannot mix in one of 0 ways: need at least one");
  return (batch, key) => ways[choose(draws(key, 1)[0]!, ways.length)]!(batch, fold(key, 0));
}

function checkMixing(classes: number, alpha: number): void {
  if (!Number.isInteger(classes) || classes < 1) {
    throw new ArgumentError(`Cannot mix labels of ${classes} classes: need an integer above 0`);
  }
  if (!(alpha > 0 && alpha <= 4)) {
    throw new ArgumentError(`Cannot mix with alpha ${alpha}: need a number above 0 and up to 4`);
  }
}

/** The example before each, and the last before the first. */
function rolled(x: Tensor): Tensor {
  const [count, ...rest] = x.shape;
  const none = rest.map(() => 0);
  return concat([
    slice(x, [count! - 1, ...none], [1, ...rest]),
    slice(x, [0, ...none], [count! - 1, ...rest]),
  ], 0);
}

/** Each example to a share, and the one before it for the rest. */
function blend(x: Tensor, share: number): Tensor {
  return add(mul(x, share), mul(rolled(x), 1 - share));
}

/** 0 where another picture shows: a rectangle of the rest of the area, cut off at the edges. */
function kernel(height: number, width: number, share: number, place: Float32Array): Float32Array {
  const half = 0.5 * Math.sqrt(1 - share);
  const [y, x] = [choose(place[0]!, height), choose(place[1]!, width)];
  const rows = [Math.max(0, y - Math.floor(half * height)), y + Math.floor(half * height)] as const;
  const end = Math.min(width, x + Math.floor(half * width));
  const start = Math.max(0, x - Math.floor(half * width));
  const kept = new Float32Array(height * width).fill(1);
  for (let row = rows[0]; row < Math.min(height, rows[1]); row++) {
    kept.fill(0, row * width + start, row * width + end);
  }
  return kept;
}
