/**
 * Layers that move values without changing them, and the one that does nothing.
 *
 * @module
 */

import { elementwise, type Layer, stateless } from "../layer.ts";
import * as ops from "../ops.ts";
import { type Shape, sizeOf } from "../tensor.ts";
import { type Empty, empty } from "../tree.ts";
import { ANYTHING, checkAxes, checkFinite, checkInteger, failShape, IMAGES } from "./check.ts";

/** Gives its input: the shortcut of a residual block. */
export const identity: Layer<Empty, Empty> = elementwise("identity", ops.clone);

/**
 * Makes one vector of each example: `[batch, …]` to `[batch, features]`.
 *
 * @throws {ShapeError} From `init`, if the input has no axis.
 *
 * @example From images to vectors
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe, flatten } from "@fplusx/nn";
 *
 * assertEquals(describe(flatten, [1, 28, 28, 1]).output, [1, 784]);
 * ```
 */
export const flatten: Layer<Empty, Empty> = stateless<Empty>({
  kind: "flatten",
  init(_key, shape) {
    checkAxes("flatten", shape, ANYTHING);
    return { params: empty, shape: [shape[0]!, sizeOf(shape.slice(1))] };
  },
  apply: (_params, x) => ops.reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))]),
});

/**
 * Gives each example another shape: `[batch, …]` to `[batch, ...sizes]`.
 *
 * @throws {ArgumentError} If a size is not a positive integer.
 * @throws {ShapeError} From `init`, if the number of values differs.
 *
 * @example From vectors to images
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe, reshape } from "@fplusx/nn";
 *
 * assertEquals(describe(reshape([28, 28, 1]), [1, 784]).output, [1, 28, 28, 1]);
 * ```
 */
export function reshape(sizes: Shape): Layer<Empty, Empty> {
  for (const size of sizes) checkInteger("reshape", "size", size);
  const needed = sizeOf(sizes);
  return stateless<Empty>({
    kind: "reshape",
    init(_key, shape) {
      checkAxes("reshape", shape, ANYTHING);
      if (sizeOf(shape.slice(1)) !== needed) {
        failShape("reshape", shape, `[batch,…] with ${needed} values for each example`);
      }
      return { params: empty, shape: [shape[0]!, ...sizes] };
    },
    apply: (_params, x) => ops.reshape(x, [x.shape[0]!, ...sizes]),
  });
}

/** Options of {@linkcode pad}. */
export interface PadOptions {
  /** Value of the border; 0 by default. */
  readonly value?: number;
}

/**
 * Surrounds images with a constant: `[batch, height, width, channels]` to the same with more pixels.
 *
 * @param border Pixels on every side, or pairs of before and after for height and width.
 * @throws {ArgumentError} If a number of pixels is not an integer of at least 0, or the value not finite.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example Two rows below
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe, pad } from "@fplusx/nn";
 *
 * assertEquals(describe(pad([[0, 2], [0, 0]]), [1, 4, 4, 3]).output, [1, 6, 4, 3]);
 * ```
 */
export function pad(border: number | ops.Padding2d, options: PadOptions = {}): Layer<Empty, Empty> {
  const { value = 0 } = options;
  const [height, width]: ops.Padding2d = typeof border === "number"
    ? [[border, border], [border, border]]
    : border;
  for (const pixels of [...height, ...width]) checkInteger("pad", "border", pixels, 0);
  checkFinite("pad", "value", value);
  return stateless<Empty>({
    kind: "pad",
    init(_key, shape) {
      checkAxes("pad", shape, IMAGES);
      const [batch, rows, columns, channels] = shape as [number, number, number, number];
      return {
        params: empty,
        shape: [batch, rows + height[0] + height[1], columns + width[0] + width[1], channels],
      };
    },
    apply: (_params, x) => ops.pad(x, [[0, 0], height, width, [0, 0]], value),
  });
}
