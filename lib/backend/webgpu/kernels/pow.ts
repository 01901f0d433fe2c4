/**
 * `Pow`, which the stock kernel gets wrong where WGSL leaves it open: a power of zero with a negative
 * exponent, of an infinity, and of NaN with the exponent zero.
 *
 * @module
 */

import { type Shape, sizeOf } from "../../../tensor.ts";
import { tf } from "../../../tfjs.ts";
import { dispatch } from "../dispatch.ts";
import type { Kernel } from "../kernels.ts";
import { bindings, entry, generator, groupsFor, type Program } from "../program.ts";

/** The power of two numbers; its constants are variables since WGSL takes no constant that is none. */
const POWER = `var<private> infinity = 0x7f800000u;
var<private> nan = 0x7fc00000u;
fn bits_of(x: f32) -> u32 { return bitcast<u32>(x) & 0x7fffffffu; }
fn power(a: f32, b: f32) -> f32 {
  if (b == 0.0) { return 1.0; }
  if (max(bits_of(a), bits_of(b)) > infinity) { return bitcast<f32>(nan); }
  let odd = floor(b) == b && floor(b / 2.0) * 2.0 != b;
  if (a == 0.0 || bits_of(a) == infinity) {
    let size = select(0.0, bitcast<f32>(infinity), (b < 0.0) == (a == 0.0));
    return select(size, -size, a < 0.0 && odd);
  }
  if (a < 0.0 && floor(b) != b) { return bitcast<f32>(nan); }
  let size = pow(abs(a), b);
  return select(size, -size, a < 0.0 && odd);
}
`;

/** Gives `y` of a shape from `a` and `b`, whose shapes are spread to it. */
export const powers: (shape: Shape, a: Shape, b: Shape) => Program = generator((shape, a, b) => {
  const size = sizeOf(shape);
  const value = `power(a[${placeIn(a, shape)}], b[${placeIn(b, shape)}])`;
  return {
    name: "powers",
    wgsl: bindings({ y: "f32" }, { a: "f32", b: "f32" }) + POWER +
      entry(size, `  y[t] = ${value};`),
    groups: groupsFor(size),
  };
});

/** Writes where the element that comes to place `t` of `whole` lies in a tensor that is spread to it. */
function placeIn(shape: Shape, whole: Shape): string {
  if (sizeOf(shape) === sizeOf(whole)) return "t";
  let [inner, stride] = [1, 1];
  const terms = whole.toReversed().map((length, axis) => {
    const size = shape.at(-1 - axis) ?? 1;
    const term = size === 1 ? [] : [`t / ${inner} % ${size} * ${stride}`];
    [inner, stride] = [inner * length, stride * size];
    return term;
  });
  return terms.flat().join(" + ") || "0";
}

/** `a` to the power of `b`, with broadcasting. */
export const pow: Kernel = (backend, { a, b }) => {
  if (a.dtype !== "float32" || b.dtype !== "float32") return;
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const y = backend.makeTensorInfo(shape, "float32");
  dispatch(backend, powers(shape, a.shape, b.shape), [y], [a, b]);
  return y;
};
