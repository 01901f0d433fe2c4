/**
 * Operations that make tensors, and change what their elements are.
 *
 * @module
 */

import { DTypeError, ShapeError, showShape } from "../errors.ts";
import {
  type DType,
  rememberValues,
  type Scalar,
  type Shape,
  sizeOf,
  type Tensor,
  type Values,
} from "../tensor.ts";
import { tf } from "../tfjs.ts";
import { equal } from "./elementwise.ts";
import { native, ours, tidy, type Unary, unary } from "./seam.ts";
import { reshape } from "./shapes.ts";

/**
 * Makes a tensor from host values, row by row; a plain array of numbers gives `float32`.
 *
 * @throws {DTypeError} If the array is of another type than `dtype` says, or of none that tensors have.
 * @throws {ShapeError} If the number of values is not what `shape` needs.
 *
 * @example Class labels
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * using labels = tensor(Int32Array.of(3, 1, 4));
 * assertEquals(labels.dtype, "int32");
 * ```
 */
export function tensor(values: readonly number[] | Values, shape?: Shape): Tensor {
  // A copy, since backends may keep the array that they are given, and a tensor never changes.
  const array = Array.isArray(values) ? Float32Array.from(values) : (values as Values)?.slice?.();
  const dtype = dtypeOf(array);
  if (dtype === undefined) {
    const kind = ArrayBuffer.isView(values) ? values.constructor.name : typeof values;
    throw new DTypeError(
      `Cannot make a tensor from a ${kind}: need a Float32Array, Int32Array, Uint8Array (bool) or ` +
        "an array of numbers",
    );
  }
  const size = shape === undefined ? array.length : sizeOf(shape);
  if (size !== array.length) {
    throw new ShapeError(
      `Cannot make a tensor of shape ${
        showShape(shape!)
      }: need ${size} values, got ${array.length}`,
    );
  }
  const made = ours(tf.tensor(array, [...shape ?? [array.length]], dtype));
  rememberValues(made, array);
  return made;
}

function dtypeOf(array: unknown): DType | undefined {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Int32Array) return "int32";
  return array instanceof Uint8Array ? "bool" : undefined;
}

/** Makes a tensor of rank 0. */
export function scalar(value: number, dtype: "float32" | "int32" = "float32"): Scalar {
  return tensor(dtype === "int32" ? Int32Array.of(value) : Float32Array.of(value), []);
}

/** Makes a tensor filled with one value. */
export function fill(shape: Shape, value: number): Tensor {
  return ours(tf.fill([...shape], value));
}

/** Makes a tensor of zeros. */
export function zeros(shape: Shape, dtype: DType = "float32"): Tensor {
  return ours(tf.zeros([...shape], dtype));
}

/** Makes a tensor of ones. */
export function ones(shape: Shape): Tensor {
  return ours(tf.ones([...shape]));
}

/** Makes a tensor of zeros of the shape and type of another. */
export const zerosLike: Unary = unary((x) => tf.zerosLike(x));

/** Turns integer labels `[...]` into rows `[..., classes]` with a one at the label. */
export function oneHot(labels: Tensor, classes: number): Tensor {
  if (labels.dtype !== "int32") {
    throw new DTypeError(`Cannot encode ${labels.dtype} labels: need int32`);
  }
  // tfjs has none of a single class.
  if (classes === 1) {
    return tidy(() => reshape(cast(equal(labels, 0), "float32"), [...labels.shape, 1]));
  }
  return tidy(() => ours(tf.cast(tf.oneHot(native(labels), classes), "float32")));
}

/** Gives the values in another element type; a number is true if it is not zero. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return dtype === "bool"
    ? tidy(() => ours(tf.notEqual(native(x), 0)))
    : ours(tf.cast(native(x), dtype));
}
