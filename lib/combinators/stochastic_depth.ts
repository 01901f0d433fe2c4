/**
 * Drops whole residual branches at random while training, so that a deep net trains as a shallow
 * one and is tested as an ensemble.
 *
 * Huang et al., *Deep networks with stochastic depth* (ECCV 2016), arXiv:1603.09382.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { fold } from "../key.ts";
import { type Layer, layer } from "../layer.ts";
import { mul } from "../ops.ts";
import { gates } from "../random.ts";
import type { Tree } from "../tree.ts";
import { wrapping } from "./composition.ts";

/** Options of {@linkcode stochasticDepth}. */
export interface StochasticDepthOptions {
  /** What is dropped at once: the whole `"batch"` as in the paper, the default, or each `"sample"`. */
  readonly per?: "batch" | "sample";
}

/**
 * Gives what `body` gives, times 1 with probability `survival` and else times 0 in train mode, and
 * times `survival`, the mean of that, in eval mode. (torchvision divides by `survival` in train mode
 * and leaves eval mode alone.) The variables are those of `body`.
 *
 * @throws {ArgumentError} If `survival` is not above 0 and at most 1.
 *
 * @example Eval mode gives the mean
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { evalMode, identity, key, ones, setup, stochasticDepth } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const block = stochasticDepth(identity, 0.5);
 * const [y] = block.apply(block.init(key(0), [2]), ones([2]), evalMode);
 * assertEquals([...await y.data()], [0.5, 0.5]);
 * ```
 */
export function stochasticDepth<P extends Tree, S extends Tree>(
  body: Layer<P, S>,
  survival: number,
  options: StochasticDepthOptions = {},
): Layer<P, S> {
  if (!(survival > 0 && survival <= 1)) {
    throw new ArgumentError(
      `Cannot drop a layer with survival ${survival}: need a number above 0 and at most 1`,
    );
  }
  const { per = "batch" } = options;
  const whole = layer<P, S>({
    kind: "stochasticDepth",
    init: (key, shape) => body.init(key, shape),
    apply(variables, x, mode) {
      const [y, next] = body.apply(variables, x, mode);
      if (mode.kind === "eval") return [mul(y, survival), next];
      const shape = y.shape.map((size, axis) => per === "sample" && axis === 0 ? size : 1);
      return [mul(y, gates(fold(mode.key, "stochasticDepth"), survival, shape)), next];
    },
  });
  return wrapping(whole, body, (other) => stochasticDepth(other, survival, options));
}
