/**
 * Random numbers on the device: word `i` of a key as `randomBits` of `lib/key.ts` gives it, made into
 * a number by the arithmetic of `lib/random.ts`. A thread draws one block of four words. The seed is
 * a tensor, and so is what else a draw is told, so that all draws of a size share one program.
 *
 * @module
 */

import { ROTATIONS, THREEFRY_PARITY } from "../../../key.ts";
import { type Shape, sizeOf } from "../../../tensor.ts";
import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import { bindings, entry, generator, groupsFor } from "../program.ts";

const rounds = Array.from({ length: 20 }, (_, round) => {
  const [r, s] = ROTATIONS[round & 7]!;
  const [a, b] = (round & 1) === 0 ? ["y", "w"] : ["w", "y"];
  const lines = [
    `  x.x += x.${a}; x.${a} = (x.${a} << ${r}u | x.${a} >> ${32 - r}u) ^ x.x;`,
    `  x.z += x.${b}; x.${b} = (x.${b} << ${s}u | x.${b} >> ${32 - s}u) ^ x.z;`,
  ];
  if ((round & 3) !== 3) return lines.join("\n");
  const d = round + 1 >>> 2;
  const part = (i: number) => `k[${(d + i) % 5}]`;
  return [...lines, `  x += vec4u(${part(0)}, ${part(1)}, ${part(2)}, ${part(3)} + ${d}u);`]
    .join("\n");
});

/** The function `words(seed, path, block)` of WGSL: four words of a key, by Threefry-4x32 of 20 rounds. */
export const WORDS = `
fn words(seed: u32, path: vec2u, block: u32) -> vec4u {
  let k = array(seed, path.x, path.y, 1u, ${THREEFRY_PARITY}u ^ seed ^ path.x ^ path.y ^ 1u);
  var x = vec4u(block + k[0], k[1], k[2], k[3]);
${rounds.join("\n")}
  return x;
}
`;

/**
 * By series, since WGSL allows `log` and `cos` absolute errors that a small number does not survive.
 * With n = w + 1, n / 2³² is (1 + d) · 2ᵉ, where 1 + d is in [√½, √2): made of integers, d is exact but
 * for one rounding. A turn of w / 2³² is one by whole quarters and one by an eighth at most.
 */
const NORMALS = `
fn radius(w: vec2u) -> vec2f {
  let shift = countLeadingZeros(w | vec2u(1u));
  let last = (w << shift) + ((vec2u(1u) << shift) - 1u); // (n << shift) - 1, which is never too large
  let above = last >= vec2u(0xb504f333u);
  let d = select(vec2f(last - 0x7fffffffu) * 0x1p-31f, -vec2f(~last) * 0x1p-32f, above);
  let e = -vec2f(shift) - select(vec2f(1.0), vec2f(0.0), above);
  let s = d / (2.0 + d);
  let q = s * s;
  let series = 1.0 + q * (${1 / 3} + q * (0.2 + q * (${1 / 7} + q * ${1 / 9})));
  return sqrt(-2.0 * (e * ${Math.LN2} + 2.0 * s * series));
}
fn direction(w: u32) -> vec2f {
  let quarter = (w + 0x20000000u) >> 30u;
  let x = f32(bitcast<i32>(w - (quarter << 30u))) * ${2 * Math.PI / 2 ** 32};
  let q = x * x;
  let c = 1.0 - q * (0.5 - q * (${1 / 24} - q * (${1 / 720} - q * ${1 / 40_320})));
  let s = x * (1.0 - q * (${1 / 6} - q * (${1 / 120} - q * (${1 / 5040} - q * ${1 / 362_880}))));
  let turned = select(vec2f(c, s), vec2f(-s, c), (quarter & 1u) == 1u);
  return select(turned, -turned, quarter >= 2u);
}
`;

/** How words become numbers; `a` and `b` are what the draw is told. */
const DISTRIBUTIONS = {
  uniform: `
fn numbers(w: vec4u, a: u32, b: u32) -> vec4f {
  return vec4f(w >> vec4u(8u)) * 0x1p-24f * bitcast<f32>(b) + bitcast<f32>(a);
}
`,
  normal: `${NORMALS}
fn numbers(w: vec4u, a: u32, b: u32) -> vec4f {
  let r = radius(w.xz);
  return vec4f(r.x * direction(w.y), r.y * direction(w.w)) * bitcast<f32>(b) + bitcast<f32>(a);
}
`,
  gates: `
fn numbers(w: vec4u, a: u32, b: u32) -> vec4f {
  return select(vec4f(0.0), vec4f(bitcast<f32>(b)), (w >> vec4u(8u)) < vec4u(a));
}
`,
} as const;

/** A distribution that can be drawn from. */
export type Distribution = keyof typeof DISTRIBUTIONS;

/** The program that draws `size` numbers. */
export const randomProgram = generator((kind: Distribution, size: number) => {
  const blocks = Math.ceil(size / 4);
  const store = size % 4 === 0
    ? "y[t] = z;"
    : `for (var i = 0; i < min(4, ${size} - 4 * t); i++) { y[4 * t + i] = z[i]; }`;
  return {
    name: kind,
    wgsl: bindings({ y: size % 4 === 0 ? "vec4f" : "f32" }, { seed: "u32", told: "u32" }) +
      WORDS + DISTRIBUTIONS[kind] +
      entry(
        blocks,
        `  let w = words(seed[0], vec2u(told[0], told[1]), u32(t));
  ${size % 4 === 0 ? "let" : "var"} z = numbers(w, told[2], told[3]);
  ${store}`,
      ),
    groups: groupsFor(blocks),
  };
});

/** What every draw is told. */
interface Draw {
  /** The seed, a scalar. */
  readonly seed: tf.TensorInfo;
}

/** Where in the model a draw is made, and how many numbers. */
interface Place {
  /** The path of the key. */
  readonly path: readonly [number, number];
  /** The shape of the result. */
  readonly shape: Shape;
}

/** Draws numbers uniform in `[low, high)`. */
export function uniform(
  backend: GuardedBackend,
  { seed }: Draw,
  { low, high, ...place }: Place & { readonly low: number; readonly high: number },
): tf.TensorInfo {
  return draw(backend, "uniform", seed, place, floats(low, high - low));
}

/** Draws normal numbers. */
export function normal(
  backend: GuardedBackend,
  { seed }: Draw,
  { mean, deviation, ...place }: Place & { readonly mean: number; readonly deviation: number },
): tf.TensorInfo {
  return draw(backend, "normal", seed, place, floats(mean, deviation));
}

/** Draws `value` with probability `p`, and else zero. */
export function gates(
  backend: GuardedBackend,
  { seed }: Draw,
  { p, value, ...place }: Place & { readonly p: number; readonly value: number },
): tf.TensorInfo {
  // An integer k has k / 2²⁴ < p if it is less than this.
  const most = Math.ceil(p * 2 ** 24);
  return draw(backend, "gates", seed, place, [most, floats(value)[0]!]);
}

/** The bits of numbers. */
const floats = (...values: number[]) => new Int32Array(Float32Array.from(values).buffer);

function draw(
  backend: GuardedBackend,
  kind: Distribution,
  seed: tf.TensorInfo,
  { path, shape }: Place,
  told: ArrayLike<number>,
): tf.TensorInfo {
  const y = backend.makeTensorInfo([...shape], "float32");
  const words = Int32Array.of(...path, ...Array.from(told));
  const all = backend.makeTensorInfo([words.length], "int32", words);
  dispatch(backend, randomProgram(kind, sizeOf(shape)), [y], [seed, all]);
  backend.disposeData(all.dataId);
  return y;
}
