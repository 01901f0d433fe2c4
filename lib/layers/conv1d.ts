/**
 * Convolution of sequences: that of images which are one pixel wide.
 *
 * @module
 */

import { type Layer, stateless } from "../layer.ts";
import { add, conv2d, type Pair, reshape } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import type { Empty } from "../tree.ts";
import { checkAxes, checkInteger, checkType, failOption, SEQUENCES } from "./check.ts";
import { initKernel, type KernelOptions } from "./conv.ts";
import { withRole } from "./role.ts";
import { geometryOf, slidingAxis } from "./window.ts";

/** Parameters of {@linkcode conv1d}. */
export type Conv1dParams = {
  /** `[time, in / groups, out]`. */
  readonly weight: Tensor;
  /** `[out]`; absent without bias. */
  readonly bias?: Tensor;
};

/** Options of {@linkcode conv1d}. */
export interface Conv1dOptions extends KernelOptions {
  /** Steps between windows; 1 by default. */
  readonly stride?: number;
  /** Zeros before and after; by default as many on each side as stride 1 needs to keep the length. */
  readonly padding?: number | Pair | "same" | "valid";
  /** Distance between the taps of the kernel; 1 by default. */
  readonly dilation?: number;
  /** Number of groups that the features are split into; 1 by default. */
  readonly groups?: number;
}

const ACROSS = slidingAxis("conv1d", "width", { size: 1, stride: 1 });

/**
 * A convolution along time: `[batch, time, in]` to `[batch, time, filters]`.
 *
 * @throws {ArgumentError} If an option is out of range; from `init`, if the kernel does not fit.
 * @throws {ShapeError} From `init`, if the input is not a batch of sequences or the groups do not
 * divide its features.
 *
 * @example A causal convolution sees the past only: all padding comes before
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { conv1d, describe } from "@fplusx/nn";
 *
 * const causal = conv1d(16, 3, { padding: [2, 0] });
 * assertEquals(describe(causal, [1, 100, 8]).output, [1, 100, 16]);
 * ```
 */
export function conv1d(
  filters: number,
  size: number,
  options: Conv1dOptions = {},
): Layer<Conv1dParams, Empty> {
  const { stride = 1, padding, dilation = 1, groups = 1 } = options;
  checkInteger("conv1d", "filters", filters);
  checkInteger("conv1d", "groups", groups);
  if (filters % groups !== 0) {
    failOption("conv1d", "filters", filters, `a multiple of the ${groups} groups`);
  }
  const along = slidingAxis("conv1d", "time", { size, stride, padding, dilation });
  const layer = stateless<Conv1dParams>({
    kind: "conv1d",
    init(key, shape) {
      checkAxes("conv1d", shape, SEQUENCES);
      const { params, positions } = initKernel("conv1d", key, shape, {
        axes: [along],
        filters,
        groups,
        options,
      });
      return {
        params,
        shape: [shape[0]!, ...positions, filters],
        multiplyAdds: positions[0]! * params.weight.size,
      };
    },
    apply({ weight, bias }, x) {
      checkType("conv1d", x, "float32");
      const [batch, time, features] = x.shape as [number, number, number];
      const images = reshape(x, [batch, time, 1, features]);
      const kernel = reshape(weight, [size, 1, features / groups, filters]);
      const geometry = geometryOf([along, ACROSS], images.shape);
      const y = reshape(conv2d(images, kernel, { ...geometry, groups }), [batch, -1, filters]);
      return bias === undefined ? y : add(y, bias);
    },
  });
  return withRole(layer, "linear");
}
