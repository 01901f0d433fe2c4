/**
 * The fully connected highway network of the paper's MNIST experiments: a plain layer, highway layers
 * of one width, and the classes.
 *
 * Srivastava, Greff and Schmidhuber, [Highway networks](https://arxiv.org/abs/1505.00387), 2015.
 *
 * @module
 */

import { highway, type HighwayVariables, transformGate } from "../combinators/highway.ts";
import { named, repeat, sequential } from "../combinators/sequential.ts";
import type { Layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import { checkInteger } from "../layers/check.ts";
import type { ConvParams } from "../layers/conv.ts";
import { dense, type DenseParams } from "../layers/dense.ts";
import { flatten } from "../layers/shape.ts";
import type { Empty } from "../tree.ts";

/** Parameters of {@linkcode highwayNet}. */
export type HighwayNetParams = {
  /** To vectors. */
  readonly flatten: Empty;
  /** From the pixels to the width. */
  readonly fc1: DenseParams;
  /** After `fc1`. */
  readonly relu: Empty;
  /** Layers that keep the width. */
  readonly layers: readonly HighwayVariables<
    readonly [DenseParams, Empty],
    DenseParams | ConvParams
  >[];
  /** To the classes. */
  readonly fc: DenseParams;
};

/** State of {@linkcode highwayNet}: there is none. */
export type HighwayNetState = {
  readonly [K in keyof HighwayNetParams]: K extends "layers"
    ? readonly HighwayVariables<readonly [Empty, Empty], Empty>[]
    : Empty;
};

/** Options of {@linkcode highwayNet}. */
export interface HighwayNetOptions {
  /** Units of each layer; 50 by default, as in the paper. */
  readonly width?: number;
  /** First value of the gates' biases; -2 by default. */
  readonly gateBias?: number;
  /** Number of classes; 10 by default. */
  readonly classes?: number;
}

/**
 * A highway network for images or vectors: a plain layer and `depth - 1` highway layers before the
 * classes.
 *
 * @throws {ArgumentError} If the depth is not a positive integer or an option out of range.
 *
 * @example A gate costs as much as what it gates
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describe } from "@fplusx/nn";
 * import { highwayNet } from "@fplusx/nn/models";
 *
 * const { parameters } = describe(highwayNet(10), [1, 28, 28, 1]);
 * assertEquals(parameters, 785 * 50 + 9 * 2 * 51 * 50 + 51 * 10);
 * ```
 */
export function highwayNet(
  depth: number,
  options: HighwayNetOptions = {},
): Layer<HighwayNetParams, HighwayNetState> {
  const { width = 50, gateBias = -2, classes = 10 } = options;
  checkInteger("highwayNet", "depth", depth);
  return named({
    flatten,
    fc1: dense(width),
    relu,
    layers: repeat(
      depth - 1,
      () => highway(sequential(dense(width), relu), transformGate({ bias: gateBias })),
    ),
    fc: dense(classes),
  });
}
