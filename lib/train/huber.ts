/**
 * The loss of Huber: a parabola for small differences, and straight lines for large ones, so that a few
 * targets that are far off do not decide everything.
 *
 * @module
 */

import { abs, clip, mul, sub } from "../ops.ts";
import { check } from "../optim/range.ts";
import type { Tensor } from "../tensor.ts";
import { checkSameShape, type LossOptions, reduced, withSlope } from "./loss.ts";

/** Options of {@linkcode huberLoss}. */
export interface HuberOptions extends LossOptions {
  /** The difference from which on the loss is a line; 1 by default. */
  readonly delta?: number;
}

/**
 * Gives `d²/2` for each difference d of at most `delta`, and `delta · (|d| - delta/2)` for larger ones
 * ({@link https://doi.org/10.1214/aoms/1177703732 Huber 1964}). Targets are constants.
 *
 * @throws {ArgumentError} If `delta` is not positive.
 * @throws {ShapeError} If the shapes differ.
 *
 * @example One near, one far
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { huberLoss, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const losses = huberLoss(tensor([1, 9]), tensor([2, 0]), { reduction: "none" });
 * assertEquals([...await losses.data()], [0.5, 8.5]);
 * ```
 */
export function huberLoss(
  predictions: Tensor,
  targets: Tensor,
  options: HuberOptions = {},
): Tensor {
  const { delta = 1 } = options;
  check("huberLoss", "positive", { delta });
  checkSameShape(predictions, targets);
  const loss = withSlope((predictions) => {
    const difference = sub(predictions, targets);
    const slope = clip(difference, -delta, delta);
    // |s|·(|d| - |s|/2): a half of d² where nothing is clipped, and s = ±delta beyond.
    const size = abs(slope);
    return [mul(size, sub(abs(difference), mul(size, 0.5))), slope];
  });
  return reduced(options, () => loss(predictions));
}
