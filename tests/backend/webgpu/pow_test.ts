/**
 * Powers on WebGPU, against those of JavaScript, for tensors of many shapes and what is no finite number.
 *
 * @module
 */

import { powers } from "../../../lib/backend/webgpu/kernels/pow.ts";
import type { Program } from "../../../lib/backend/webgpu/program.ts";
import { tensor } from "../../../lib/ops.ts";
import { type Shape, sizeOf } from "../../../lib/tensor.ts";
import { assertClose } from "../../compare.ts";
import { assertMutantsDie, assertSnapshot, run, testWebgpu } from "./program.ts";

const [I, N] = [Infinity, NaN];
const BASES = [0, 2, -2, I, -I, N, 0.7, -1.5, 3, 1e-9, -7];
const EXPONENTS = [0, 3, -1, 0.5, N, -2, -0.5, 2.25, 1, 4];

/** Where the element that comes to place `at` of `whole` lies in a tensor that is spread to it. */
function placeOf(at: number, whole: Shape, shape: Shape): number {
  let [place, stride, rest] = [0, 1, at];
  for (let axis = 1; axis <= shape.length; axis++) {
    const size = shape.at(-axis)!;
    place += (size === 1 ? 0 : rest % size) * stride;
    stride *= size;
    rest = Math.floor(rest / whole.at(-axis)!);
  }
  return place;
}

const check = (whole: Shape, a: Shape, b: Shape) => async (program: Program) => {
  const fill = (shape: Shape, values: readonly number[]) =>
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(values[i % values.length]!));
  const [bases, exponents] = [fill(a, BASES), fill(b, EXPONENTS)];
  using left = tensor(bases, a);
  using right = tensor(exponents, b);
  const [y] = await run(program, [[whole, "float32"]], [left, right]);
  const expected = Array.from(
    { length: sizeOf(whole) },
    (_, at) => bases[placeOf(at, whole, a)]! ** exponents[placeOf(at, whole, b)]!,
  );
  await assertClose(y!, expected, { relative: 1e-5, equalNaN: true });
};

testWebgpu("powers are those of JavaScript, whatever shapes meet", async () => {
  const shapes: [whole: Shape, a: Shape, b: Shape][] = [
    [[11, 9], [11, 1], [9]],
    [[99], [99], [99]],
    [[], [], []],
    [[11], [11], []],
    [[5], [1], [5]],
    [[2, 3, 4, 5], [2, 1, 4, 1], [3, 1, 5]],
    [[2, 1, 3, 2, 2, 2], [2, 1, 3, 1, 2, 1], [1, 2, 1, 2]],
  ];
  for (const [whole, a, b] of shapes) await check(whole, a, b)(powers(whole, a, b));
});

testWebgpu("no fault of the kernel for powers is passed over", async () => {
  const [whole, a, b] = [[3, 11, 9], [11, 1], [3, 1, 9]];
  const program = powers(whole, a, b);
  await assertSnapshot("powers", program);
  await assertMutantsDie(program, [
    ["b == 0.0", "false"],
    ["max(bits_of(a), bits_of(b))", "bits_of(a)"],
    ["max(bits_of(a), bits_of(b))", "bits_of(b)"],
    ["* 2.0 != b", "* 2.0 == b"],
    ["a == 0.0 ||", ""],
    ["|| bits_of(a) == infinity", ""],
    ["(b < 0.0) == (a == 0.0)", "b < 0.0"],
    ["a < 0.0 && floor(b) != b", "false"],
    ["pow(abs(a), b)", "pow(a, b)"],
    ["t / 9 % 11", "t % 11"],
    ["t / 99 % 3", "t / 9 % 3"],
    ["* 9]", "* 11]"],
  ], check(whole, a, b));
});
