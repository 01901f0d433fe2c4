/**
 * Multi-head self-attention: each position takes a mean of all positions' values, weighted by how
 * well its query fits their keys; several heads do so side by side.
 *
 * Vaswani et al., [Attention Is All You Need](https://arxiv.org/abs/1706.03762), 2017.
 *
 * @module
 */

import { applyPart, initPart, type Layer, layer, partMode } from "../layer.ts";
import { add, matMul, mul, reshape, slice, softmax, tensor, transpose } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { type Empty, empty } from "../tree.ts";
import {
  checkAxes,
  checkFraction,
  checkInteger,
  checkType,
  failShape,
  SEQUENCES,
} from "./check.ts";
import { dense, type DenseOptions, type DenseParams } from "./dense.ts";
import { drop } from "./dropout.ts";
import { glorotUniform, type Initializer } from "./initializers.ts";

/** Parameters of {@linkcode multiHeadAttention}. */
export type AttentionParams = {
  /** Makes queries, keys and values, in this order: `[features, 3 · features]`. */
  readonly inProj: DenseParams;
  /** Mixes what the heads give: `[features, features]`. */
  readonly outProj: DenseParams;
};

/** Options of {@linkcode multiHeadAttention}. */
export interface AttentionOptions {
  /** Lets no position see those after it; off by default. */
  readonly causal?: boolean;
  /** Probability with which a weight is dropped in train mode; 0 by default. */
  readonly dropout?: number;
  /** Adds biases to the projections; on by default. */
  readonly bias?: boolean;
  /** First value of both projections; `glorotUniform()` by default, as in the paper's code. */
  readonly weightInit?: Initializer;
}

type Sizes = [batch: number, time: number, features: number];

/**
 * Self-attention: `[batch, time, features]` to the same shape.
 *
 * @throws {ArgumentError} If `heads` is not a positive integer or `dropout` not in [0, 1).
 * @throws {ShapeError} From `init`, if the input is not a batch of sequences or the heads do not
 * divide its features.
 *
 * @example Causal attention: the first position sees itself only
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { evalMode, key, multiHeadAttention, ones, ops, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const layer = multiHeadAttention(2, { causal: true });
 * const variables = layer.init(key(0), [1, 3, 8]);
 * const first = async (x: ReturnType<typeof ones>) => {
 *   const [y] = layer.apply(variables, x, evalMode);
 *   return await ops.slice(y, [0, 0, 0], [1, 1, 8]).data();
 * };
 * const x = ones([1, 3, 8]);
 * const later = ops.concat([ones([1, 1, 8]), ops.fill([1, 2, 8], 5)], 1);
 * assertEquals(await first(x), await first(later));
 * ```
 */
export function multiHeadAttention(
  heads: number,
  options: AttentionOptions = {},
): Layer<AttentionParams, Empty> {
  const { causal = false, dropout = 0, bias = true, weightInit = glorotUniform() } = options;
  checkInteger("multiHeadAttention", "heads", heads);
  checkFraction("multiHeadAttention", "dropout", dropout);
  const projection = (units: number) => dense(units, { bias, weightInit } satisfies DenseOptions);
  return layer<AttentionParams, Empty>({
    kind: "multiHeadAttention",
    init(key, shape) {
      checkAxes("multiHeadAttention", shape, SEQUENCES);
      const [, time, features] = shape as Sizes;
      if (features % heads !== 0) {
        failShape("multiHeadAttention", shape, `features in ${heads} equal heads`);
      }
      const inProj = initPart("inProj", projection(3 * features), key, shape);
      const outProj = initPart("outProj", projection(features), key, shape);
      const products = 2 * time * time * features;
      return {
        params: { inProj: inProj.params, outProj: outProj.params },
        state: empty,
        shape,
        multiplyAdds: inProj.part.multiplyAdds + products + outProj.part.multiplyAdds,
        parts: [inProj.part, outProj.part],
      };
    },
    apply({ params }, x, mode) {
      checkType("multiHeadAttention", x, "float32");
      const [batch, time, features] = x.shape as Sizes;
      const size = features / heads;
      const project = (name: "inProj" | "outProj", units: number, x: Tensor) =>
        applyPart(name, projection(units), { params: params[name], state: empty }, x, mode)[0];

      const all = reshape(project("inProj", 3 * features, x), [batch, time, 3, heads, size]);
      const split = reshape(transpose(all, [2, 0, 3, 1, 4]), [3, -1]);
      const [query, keys, values] = [0, 1, 2].map((i) =>
        reshape(slice(split, [i, 0], [1, -1]), [batch, heads, time, size])
      ) as [Tensor, Tensor, Tensor];

      const fit = matMul(mul(query, size ** -0.5), keys, { transposeB: true });
      const weights = softmax(causal ? add(fit, pastOnly(time)) : fit); // [batch, heads, time, time]
      const seen = matMul(drop(weights, dropout, partMode(mode, "weights")), values);
      const joined = reshape(transpose(seen, [0, 2, 1, 3]), x.shape);
      return [project("outProj", features, joined), empty];
    },
  });
}

/** Zero where a column is not after its row, and else so low that its softmax is zero. */
function pastOnly(time: number): Tensor {
  const after = (_: unknown, i: number) => i % time > Math.floor(i / time) ? -1e9 : 0;
  return tensor(Float32Array.from({ length: time * time }, after), [time, time]);
}
