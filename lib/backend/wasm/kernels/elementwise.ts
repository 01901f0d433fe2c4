/**
 * Elementwise operations of training in one pass: the update of an optimizer, `relu` and its gradient.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import type { Kernel, Scratch, TensorInfo } from "../scratch.ts";
import { sharesOf } from "../simd/product.ts";

/** `FplusxAddScaled`: `x + factor · y`. */
export const addScaled: Kernel = (pad, { x, y, factor }) => {
  const sum = overBoth(pad, "addScaled", x, y, [pad.address(factor)]);
  const [a, b, out] = [pad.floats(x), pad.floats(y), pad.floats(sum)];
  const by = pad.floats(factor)[0]!;
  for (let i = tailOf(out); i < out.length; i++) out[i] = a[i]! + by * b[i]!;
  return sum;
};

/** `FplusxReluGradient`: `dy`, but zero where `x` is at most zero. */
export const reluGradient: Kernel = (pad, { x, dy }) => {
  const dx = overBoth(pad, "reluGradient", x, dy);
  const [values, g, out] = [pad.floats(x), pad.floats(dy), pad.floats(dx)];
  for (let i = tailOf(out); i < out.length; i++) out[i] = values[i]! <= 0 ? 0 : g[i]!;
  return dx;
};

/** `Relu`: `x`, but zero where `x` is at most zero. XNNPACK's makes a zero of NaN with the sign bit set. */
export const relu: Kernel = (pad, { x }) =>
  x.dtype === "float32" ? reluGradient(pad, { x, dy: x }, {}) : undefined;

/** The first element after the last whole vector. */
const tailOf = ({ length }: Float32Array): number => length - length % 4;

function overBoth(
  pad: Scratch,
  name: "addScaled" | "reluGradient",
  x: TensorInfo,
  y: TensorInfo,
  rest: readonly number[] = [],
): TensorInfo {
  const out = pad.make(x.shape);
  const size = sizeOf(x.shape);
  pad.perform(
    sharesOf(Math.floor(size / 4), pad.parts).map(({ first, count }) => [
      name,
      ...[x, y, out].map((x) => pad.address(x) + 16 * first),
      ...[count, ...rest],
    ]),
    size,
  );
  return out;
}
