/**
 * What runs beside the body of a residual block. Where the body keeps the shape it is the identity;
 * where it does not, the paper knows three ways to make the shapes fit, and a later one a fourth.
 *
 * He et al., [Deep residual learning](https://arxiv.org/abs/1512.03385), 2015, section 3.3;
 * He et al., [Bag of tricks](https://arxiv.org/abs/1812.01187), 2018, for option D.
 *
 * @module
 */

import { type Layer, stateless } from "../layer.ts";
import { batchNorm, type BatchNormParams, type BatchNormState } from "../layers/batch_norm.ts";
import { checkAxes, checkInteger, failShape, IMAGES } from "../layers/check.ts";
import { conv, type ConvParams } from "../layers/conv.ts";
import { avgPool } from "../layers/pool.ts";
import { identity } from "../layers/shape.ts";
import { pad, stridedSlice } from "../ops.ts";
import { type Empty, empty } from "../tree.ts";
import { sequential } from "./sequential.ts";
import { withShape } from "./with_shape.ts";

/**
 * How a shortcut changes the shape: `A` takes every other pixel and adds channels of zeros; `B`
 * projects with a 1 × 1 convolution and batch normalisation where the shape changes, `C` everywhere;
 * `D` is `B` with the stride in an average pooling, so that no pixel is skipped.
 */
export type ShortcutOption = "A" | "B" | "C" | "D";

/** Options of {@linkcode paddedIdentity}. */
export interface PaddedIdentityOptions {
  /**
   * Where the zeros go: after the channels, the default, as in [FAIR's
   * networks](https://github.com/facebookarchive/fb.resnet.torch), or half of them before, as in
   * [akamaster's](https://github.com/akamaster/pytorch_resnet_cifar10). The paper does not say; nets
   * that differ in this alone do not fit each other's weights.
   */
  readonly zeros?: "after" | "around";
}

/** Parameters of {@linkcode shortcut}: nothing, or those of a convolution and a normalisation. */
export type ShortcutParams =
  | Empty
  | readonly [ConvParams, BatchNormParams]
  | readonly [Empty, ConvParams, BatchNormParams];

/** State of {@linkcode shortcut}, in the form of its parameters. */
export type ShortcutState =
  | Empty
  | readonly [Empty, BatchNormState]
  | readonly [Empty, Empty, BatchNormState];

/**
 * The shortcut to a body that gives `filters` channels at a stride; it sees from its input whether
 * it has anything to do.
 *
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example A projection has parameters, the identity has none
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe, shortcut } from "@fplusx/nn";
 *
 * const layer = shortcut("B", 64);
 * assertEquals(describe(layer, [1, 8, 8, 64]).parameters, 0);
 * assertEquals(describe(layer, [1, 8, 8, 32]).parameters, 32 * 64 + 2 * 64);
 * ```
 */
export function shortcut(
  option: ShortcutOption,
  filters: number,
  stride = 1,
  options: PaddedIdentityOptions = {},
): Layer<ShortcutParams, ShortcutState> {
  return withShape<ShortcutParams, ShortcutState>((shape) => {
    checkAxes("shortcut", shape, IMAGES);
    const keepsShape = stride === 1 && shape[3] === filters;
    if (keepsShape && option !== "C") return identity;
    if (option === "A") return paddedIdentity(filters, stride, options);
    if (option !== "D") return sequential(project(filters, stride), batchNorm());
    const pool = stride === 1 ? identity : avgPool(stride, { padding: "same" });
    return sequential(pool, project(filters, 1), batchNorm());
  }, "shortcut");
}

function project(filters: number, stride: number): Layer<ConvParams, Empty> {
  return conv(filters, 1, { stride, bias: false });
}

/**
 * Takes every `stride`-th pixel from the first, and adds channels of zeros until there are `filters`:
 * option A. Its gradient is exactly zero at the pixels that are skipped.
 *
 * @throws {ArgumentError} If `filters` or `stride` is not a positive integer.
 * @throws {ShapeError} From `init`, if the input is not images of at most `filters` channels.
 *
 * @example From four pixels of one channel to one pixel of two
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { evalMode, key, paddedIdentity, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const layer = paddedIdentity(2, 2);
 * const x = tensor([1, 2, 3, 4], [1, 2, 2, 1]);
 * const [y] = layer.apply(layer.init(key(0), x.shape), x, evalMode);
 * assertEquals([...await y.data()], [1, 0]);
 * ```
 */
export function paddedIdentity(
  filters: number,
  stride = 1,
  { zeros = "after" }: PaddedIdentityOptions = {},
): Layer<Empty, Empty> {
  checkInteger("paddedIdentity", "filters", filters);
  checkInteger("paddedIdentity", "stride", stride);
  return stateless<Empty>({
    kind: "paddedIdentity",
    init(_key, shape) {
      checkAxes("paddedIdentity", shape, IMAGES);
      const [batch, height, width, channels] = shape as [number, number, number, number];
      if (channels > filters) {
        failShape("paddedIdentity", shape, `at most ${filters} channels`);
      }
      const pixels = [Math.ceil(height / stride), Math.ceil(width / stride)] as const;
      return { params: empty, shape: [batch, ...pixels, filters] };
    },
    apply(_params, x) {
      const sampled = stridedSlice(x, [1, stride, stride, 1]);
      const missing = filters - x.shape[3]!;
      const before = zeros === "after" ? 0 : missing >> 1;
      return pad(sampled, [[0, 0], [0, 0], [0, 0], [before, missing - before]]);
    },
  });
}
