/**
 * Layers of a single number or gate, which networks without normalisation and gated shortcuts are made
 * of.
 *
 * @module
 */

import { fold } from "../key.ts";
import { elementwise, type Layer, stateless } from "../layer.ts";
import { conv, type ConvParams } from "../layers/conv.ts";
import { constant } from "../layers/initializers.ts";
import { add, mul, sigmoid, sub } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import type { Empty } from "../tree.ts";

/** Parameters of a layer of one number. */
export type NumberParams = {
  /** `[1]`. */
  readonly weight: Tensor;
};

function ofOneNumber(kind: string, first: number, f: typeof mul): Layer<NumberParams, Empty> {
  return stateless<NumberParams>({
    kind,
    init: (key, shape) => ({
      params: { weight: constant(first)(fold(key, "weight"), [1]) },
      shape,
    }),
    apply: ({ weight }, x) => f(x, weight),
  });
}

/** Multiplies with a number that starts at `first`, and is learned unless it is said not to be. */
export function scaled(first: number, learned?: true): Layer<NumberParams, Empty>;
/** Multiplies with a number that stays as it is. */
export function scaled(factor: number, learned: false): Layer<Empty, Empty>;
export function scaled(first: number, learned = true): Layer<NumberParams | Empty, Empty> {
  return learned ? ofOneNumber("scaled", first, mul) : elementwise("scaled", (x) => mul(x, first));
}

/** Adds a number that is learned, from 0. */
export const shift: Layer<NumberParams, Empty> = ofOneNumber("shift", 0, add);

const gate = (channels: number) => conv(channels, 1, { biasInit: constant(-2) });

/** Multiplies with `1 - g`, where `g` is the sigmoid of a 1 × 1 convolution that starts nearly closed. */
export const gatedShortcut: Layer<ConvParams, Empty> = stateless<ConvParams>({
  kind: "gatedShortcut",
  init: (key, shape) => gate(shape.at(-1)!).init(fold(key, "gate"), shape),
  apply(params, x, mode) {
    const [logits] = gate(x.shape.at(-1)!).apply({ params, state: [] }, x, mode);
    return mul(x, sub(1, sigmoid(logits)));
  },
});
