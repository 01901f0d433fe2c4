/**
 * The fully connected layer: a matrix product over the last axis and a bias.
 *
 * @module
 */

import { fold } from "../key.ts";
import { type Layer, stateless } from "../layer.ts";
import { add, matMul, reshape } from "../ops.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import type { Empty } from "../tree.ts";
import { checkAxes, checkInteger, checkType, SEQUENCES, VECTORS } from "./check.ts";
import { constant, type Initializer, lecunNormal } from "./initializers.ts";
import { withRole } from "./role.ts";

/** Parameters of {@linkcode dense}. */
export type DenseParams = {
  /** `[in, out]`. */
  readonly weight: Tensor;
  /** `[out]`; absent without bias. */
  readonly bias?: Tensor;
};

/** Options of {@linkcode dense}. */
export interface DenseOptions {
  /** Adds a learned value to each output; on by default. */
  readonly bias?: boolean;
  /** First value of the weight; `lecunNormal()` by default, as in Flax. */
  readonly weightInit?: Initializer;
  /** First value of the bias; zero by default. */
  readonly biasInit?: Initializer;
}

/**
 * A fully connected layer: `[batch, in]` to `[batch, units]`, or `[batch, time, in]` to
 * `[batch, time, units]`. Images are refused, since a forgotten `flatten` or pooling is the likely
 * cause; use `conv(units, 1)` to connect the channels of each pixel.
 *
 * @throws {ArgumentError} If `units` is not a positive integer.
 * @throws {ShapeError} From `init`, if the input has another number of axes.
 *
 * @example Ten classes from 784 pixels
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, evalMode, key, ones, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const layer = dense(10);
 * const variables = layer.init(key(0), [1, 784]);
 * const [y] = layer.apply(variables, ones([32, 784]), evalMode);
 * assertEquals(y.shape, [32, 10]);
 * ```
 */
export function dense(units: number, options: DenseOptions = {}): Layer<DenseParams, Empty> {
  const { bias = true, weightInit = lecunNormal(), biasInit = constant(0) } = options;
  checkInteger("dense", "units", units);
  const layer = stateless<DenseParams>({
    kind: "dense",
    init(key, shape) {
      checkAxes("dense", shape, VECTORS, SEQUENCES);
      const features = shape.at(-1)!;
      const weight = weightInit(fold(key, "weight"), [features, units]);
      return {
        params: bias ? { weight, bias: biasInit(fold(key, "bias"), [units]) } : { weight },
        shape: [...shape.slice(0, -1), units],
        multiplyAdds: sizeOf(shape.slice(1)) * units,
      };
    },
    apply({ weight, bias }, x) {
      checkType("dense", x, "float32");
      // One product of two matrices, which every backend does best.
      const rows = x.shape.length === 2 ? x : reshape(x, [-1, x.shape.at(-1)!]);
      const product = matMul(rows, weight);
      const y = bias === undefined ? product : add(product, bias);
      return x.shape.length === 2 ? y : reshape(y, [...x.shape.slice(0, -1), -1]);
    },
  });
  return withRole(layer, "linear");
}
