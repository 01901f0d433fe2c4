/**
 * Matrix products.
 *
 * @module
 */

import { sizeOf, type Tensor } from "../tensor.ts";
import { tf } from "../tfjs.ts";
import { native, ours, tidy } from "./seam.ts";

/** Which operands of {@linkcode matMul} are transposed. */
export interface MatMulOptions {
  /** Transposes the last two axes of `a`. */
  readonly transposeA?: boolean;
  /** Transposes the last two axes of `b`. */
  readonly transposeB?: boolean;
}

/** The matrix product of the last two axes, with broadcasting over those before. */
export function matMul(a: Tensor, b: Tensor, options: MatMulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false } = options;
  const [left, right] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const simple = sizeOf(left) === 1 || sizeOf(right) === 1 || `${left}` === `${right}`;
  if (simple) return ours(tf.matMul(native(a), native(b), transposeA, transposeB));
  // The kernels repeat one matrix, not a part of them.
  const batch = tf.backend_util.assertAndGetBroadcastShape(left, right);
  const repeat = (x: Tensor) => tf.broadcastTo(native(x), [...batch, ...x.shape.slice(-2)]);
  return tidy(() => ours(tf.matMul(repeat(a), repeat(b), transposeA, transposeB)));
}
