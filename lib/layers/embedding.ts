/**
 * Embedding: a learned vector for each token.
 *
 * @module
 */

import { fold } from "../key.ts";
import { type Layer, stateless } from "../layer.ts";
import { gather } from "../ops.ts";
import { normal } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import type { Empty } from "../tree.ts";
import { ANYTHING, checkAxes, checkInteger, checkType } from "./check.ts";
import type { Initializer } from "./initializers.ts";

/** Parameters of {@linkcode embedding}. */
export type EmbeddingParams = {
  /** `[tokens, features]`. */
  readonly weight: Tensor;
};

/** Options of {@linkcode embedding}. */
export interface EmbeddingOptions {
  /** First value of the vectors; the standard normal distribution by default, as in PyTorch. */
  readonly weightInit?: Initializer;
}

/**
 * A table of vectors: `int32` tokens `[batch, …]` to `[batch, …, features]`.
 *
 * @param tokens Number of different tokens, which are the integers from 0.
 * @param features Length of the vectors.
 * @throws {ArgumentError} If a number is not a positive integer; from `apply`, if a token made from
 * host values is out of range.
 * @throws {DTypeError} From `apply`, if the tokens are not `int32`.
 * @throws {ShapeError} From `init`, if the input has no axis.
 *
 * @example Two tokens of a vocabulary of 100
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { embedding, evalMode, key, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const layer = embedding(100, 16);
 * const tokens = tensor(Int32Array.of(7, 99), [1, 2]);
 * const [y] = layer.apply(layer.init(key(0), [1, 2]), tokens, evalMode);
 * assertEquals(y.shape, [1, 2, 16]);
 * ```
 */
export function embedding(
  tokens: number,
  features: number,
  { weightInit = normal }: EmbeddingOptions = {},
): Layer<EmbeddingParams, Empty> {
  checkInteger("embedding", "tokens", tokens);
  checkInteger("embedding", "features", features);
  return stateless<EmbeddingParams>({
    kind: "embedding",
    init(key, shape) {
      checkAxes("embedding", shape, ANYTHING);
      return {
        params: { weight: weightInit(fold(key, "weight"), [tokens, features]) },
        shape: [...shape, features],
      };
    },
    apply({ weight }, x) {
      checkType("embedding", x, "int32");
      return gather(weight, x);
    },
  });
}
