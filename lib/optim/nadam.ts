/**
 * Adam with the look ahead of Nesterov.
 *
 * @module
 */

import { adamOf, type AdamOptions } from "./adam.ts";
import type { ChainState } from "./chain.ts";
import type { GradientTransformation } from "./transform.ts";

/**
 * Gives the optimizer {@link https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ Nadam} (Dozat
 * 2016): the average gradient is weighed as it will be after one step more.
 *
 * @throws {ArgumentError} If a beta is not in [0, 1) or epsilon is not positive.
 *
 * @example The first step is longer than Adam's
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { applyGradient, nadam, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = nadam();
 * const params = { w: tensor([1]) };
 * const [next] = applyGradient(optimizer, { w: tensor([1234]) }, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.1),
 * });
 * const step = 0.9 * 0.1 / (1 - 0.9 ** 2) + 1;
 * assertAlmostEquals((await next.w.data())[0]!, 1 - 0.1 * step, 1e-6);
 * ```
 */
export function nadam(options: AdamOptions = {}): GradientTransformation<ChainState> {
  return adamOf("nadam", { ...options, nesterov: true });
}
