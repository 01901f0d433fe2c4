/**
 * Pooling: the largest value or the mean of each window, channel by channel. As in PyTorch windows do
 * not overlap and nothing is padded unless told.
 *
 * @module
 */

import { type Layer, stateless } from "../layer.ts";
import { avgPool2d, max, maxPool2d, mean, type PoolGeometry } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { type Empty, empty } from "../tree.ts";
import { checkAxes, checkType, failOption, IMAGES, SEQUENCES } from "./check.ts";
import { countWindows, type Extent, geometryOf, type Padding, slidingWindow } from "./window.ts";

/** Options of {@linkcode maxPool} and {@linkcode avgPool}. */
export interface PoolOptions {
  /** Steps between windows; the size of the window by default. */
  readonly stride?: Extent;
  /** Border around the image; none by default. It is never the maximum, and not counted by the mean. */
  readonly padding?: Padding;
}

/**
 * The largest value of each window: `[batch, height, width, channels]` to the same with fewer pixels.
 * A NaN anywhere in a window gives NaN. `maxPool(3, { stride: 2, padding: 1 })` is torchvision's;
 * padding `"same"` is that of the original Caffe networks, which takes other windows.
 *
 * @throws {ArgumentError} If an option is out of range; from `init`, if a window does not fit.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example The largest of four pixels
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { evalMode, key, maxPool, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const layer = maxPool(2);
 * const x = tensor([1, 2, 3, 4], [1, 2, 2, 1]);
 * const [y] = layer.apply(layer.init(key(0), x.shape), x, evalMode);
 * assertEquals([...await y.data()], [4]);
 * ```
 */
export function maxPool(size: Extent, options: PoolOptions = {}): Layer<Empty, Empty> {
  return pooling("maxPool", maxPool2d, size, options);
}

/**
 * The mean of each window: `[batch, height, width, channels]` to the same with fewer pixels. The mean
 * is over the pixels inside the image only; PyTorch by default also counts the zeros of the border,
 * which here is `sequential(pad(1), avgPool(3))`.
 *
 * @throws {ArgumentError} If an option is out of range; from `init`, if a window does not fit.
 * @throws {ShapeError} From `init`, if the input is not a batch of images.
 *
 * @example The mean of four pixels
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { avgPool, evalMode, key, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const layer = avgPool(2);
 * const x = tensor([1, 2, 3, 4], [1, 2, 2, 1]);
 * const [y] = layer.apply(layer.init(key(0), x.shape), x, evalMode);
 * assertEquals([...await y.data()], [2.5]);
 * ```
 */
export function avgPool(size: Extent, options: PoolOptions = {}): Layer<Empty, Empty> {
  return pooling("avgPool", avgPool2d, size, options);
}

function pooling(
  kind: string,
  pool: (x: Tensor, geometry: PoolGeometry) => Tensor,
  size: Extent,
  { stride = size, padding = "valid" }: PoolOptions,
): Layer<Empty, Empty> {
  const axes = slidingWindow(kind, size, { stride, padding });
  const [height, width] = axes;
  for (const { size, padding } of axes) {
    if (padding === "same" || Math.max(...padding) < size) continue;
    failOption(kind, "padding", Math.max(...padding), `less than the ${size} of its window`);
  }
  return stateless<Empty>({
    kind,
    init(_key, shape) {
      checkAxes(kind, shape, IMAGES);
      const positions = axes.map((axis, i) => countWindows(kind, axis, shape[i + 1]!));
      return { params: empty, shape: [shape[0]!, ...positions, shape[3]!] };
    },
    apply(_params, x) {
      checkType(kind, x, "float32");
      const { strides, padding } = geometryOf(axes, x.shape);
      return pool(x, { size: [height.size, width.size], strides, padding });
    },
  });
}

/**
 * The mean of each channel over all pixels or over time: `[batch, …, channels]` to
 * `[batch, channels]`.
 *
 * @throws {ShapeError} From `init`, if the input is not a batch of images or sequences.
 *
 * @example One value per channel
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe, globalAveragePool } from "@fplusx/nn";
 *
 * assertEquals(describe(globalAveragePool, [1, 7, 7, 512]).output, [1, 512]);
 * ```
 */
export const globalAveragePool: Layer<Empty, Empty> = globalPooling("globalAveragePool", mean);

/**
 * The largest value of each channel over all pixels or over time: `[batch, …, channels]` to
 * `[batch, channels]`.
 *
 * @throws {ShapeError} From `init`, if the input is not a batch of images or sequences.
 */
export const globalMaxPool: Layer<Empty, Empty> = globalPooling("globalMaxPool", max);

function globalPooling(
  kind: string,
  reduce: (x: Tensor, axes: readonly number[]) => Tensor,
): Layer<Empty, Empty> {
  return stateless<Empty>({
    kind,
    init(_key, shape) {
      checkAxes(kind, shape, IMAGES, SEQUENCES);
      return { params: empty, shape: [shape[0]!, shape.at(-1)!] };
    },
    apply(_params, x) {
      checkType(kind, x, "float32");
      return reduce(x, x.shape.slice(1, -1).map((_, axis) => axis + 1));
    },
  });
}
