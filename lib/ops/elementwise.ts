/**
 * Operations that take elements one by one, or in pairs with broadcasting.
 *
 * @module
 */

import { fused } from "../fused.ts";
import { sameShape, type Scalar, type Tensor } from "../tensor.ts";
import { tf } from "../tfjs.ts";
import {
  type Binary,
  binary,
  native,
  type Operand,
  operand,
  ours,
  tidy,
  type Unary,
  unary,
} from "./seam.ts";

/** `a + b`, with broadcasting. */
export const add: Binary = binary((a, b) => tf.add(a, b));
/** `a - b`, with broadcasting. */
export const sub: Binary = binary((a, b) => tf.sub(a, b));
/** `a · b`, element by element, with broadcasting. */
export const mul: Binary = binary((a, b) => tf.mul(a, b));
/** `a / b`, with broadcasting. */
export const div: Binary = binary((a, b) => tf.div(a, b));
/** `a` to the power of `b`, with broadcasting. */
export const pow: Binary = binary((a, b) => tf.pow(a, b));
/** The larger of `a` and `b`, with broadcasting. */
export const maximum: Binary = binary((a, b) => tf.maximum(a, b));
/** The smaller of `a` and `b`, with broadcasting. */
export const minimum: Binary = binary((a, b) => tf.minimum(a, b));
/** Where `a > b`, as booleans; has no gradient. */
export const greater: Binary = binary((a, b) => tf.greater(a, b));
/** Where `a ≥ b`, as booleans; has no gradient. */
export const greaterEqual: Binary = binary((a, b) => tf.greaterEqual(a, b));
/** Where `a = b`, as booleans; has no gradient. */
export const equal: Binary = binary((a, b) => tf.equal(a, b));
/** `-x`. */
export const neg: Unary = unary((x) => tf.neg(x));
/** `|x|`. */
export const abs: Unary = unary((x) => tf.abs(x));
/** The sign of `x`: -1, 0 or 1. */
export const sign: Unary = unary((x) => tf.sign(x));
/** `x²`. */
export const square: Unary = unary((x) => tf.square(x));
/** `√x`. */
export const sqrt: Unary = unary((x) => tf.sqrt(x));
/** `1 / √x`. */
export const rsqrt: Unary = unary((x) => tf.rsqrt(x));
/** `eˣ`. */
export const exp: Unary = unary((x) => tf.exp(x));
/** The natural logarithm. */
export const log: Unary = unary((x) => tf.log(x));
/** `max(x, 0)`. */
export const relu: Unary = unary((x) => tf.relu(x));
/** `1 / (1 + e⁻ˣ)`. */
export const sigmoid: Unary = unary((x) => tf.sigmoid(x));
/** The hyperbolic tangent. */
export const tanh: Unary = unary((x) => tf.tanh(x));
/** `log(1 + eˣ)`. */
export const softplus: Unary = unary((x) => tf.softplus(x));
/** The error function. */
export const erf: Unary = unary((x) => tf.erf(x));
/** `x` where positive, else `eˣ - 1`. */
export const elu: Unary = unary((x) => tf.elu(x));
/** The scaled exponential linear unit of Klambauer et al. 2017. */
export const selu: Unary = unary((x) => tf.selu(x));

/** `x + factor · y`, with broadcasting; in one go where the backend can and `x` and `y` are alike. */
export function addScaled(x: Tensor, y: Tensor, factor: Scalar): Tensor {
  const definition = () => tidy(() => add(x, mul(y, factor)));
  const alike = sameShape(x.shape, y.shape) && factor.shape.length === 0 &&
    [x, y, factor].every(({ dtype }) => dtype === "float32");
  return alike ? fused("FplusxAddScaled", { x, y, factor }, {}, definition) : definition();
}

/** Picks from `a` where `condition` holds and from `b` elsewhere. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return tidy(() => ours(tf.where(native(condition), operand(a), operand(b))));
}

/** Limits the values to `[low, high]`. */
export function clip(x: Tensor, low: number, high: number): Tensor {
  return ours(tf.clipByValue(native(x), low, high));
}
