/**
 * Sums, means and maxima along any axes on WebGPU, and repetition, which is their gradient, against
 * plain loops in doubles.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { fused } from "../../../lib/fused.ts";
import { folded, type Folding, foldOf } from "../../../lib/backend/webgpu/kernels/fold.ts";
import { repeated } from "../../../lib/backend/webgpu/kernels/repeat.ts";
import type { Program } from "../../../lib/backend/webgpu/program.ts";
import { valueAndGrad } from "../../../lib/grad.ts";
import * as ops from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import { type Shape, sizeOf, type Tensor } from "../../../lib/tensor.ts";
import { assertClose, sumTolerance } from "../../compare.ts";
import { uniform } from "../../formula.ts";
import { assertMutantsDie, assertSnapshot, run, testBoth, testWebgpu } from "./program.ts";

const values = (name: string, count: number): number[] =>
  Array.from({ length: count }, (_, i) => uniform(name)(i));

/** Shapes with the axes that go. */
const CASES: readonly (readonly [shape: Shape, axes: readonly number[]])[] = [
  [[32, 10], [0]],
  [[2048, 64], [0]],
  [[4, 16, 16, 32], [0, 1, 2]],
  [[32, 8, 8, 64], [1, 2]],
  [[3, 7, 5, 13], [1, 2]],
  [[5, 3, 2, 6], [1, 3]],
  [[5, 3, 2, 6], [0, 2]],
  [[128, 1000], [1]],
  [[7, 513], [1]],
  [[3, 1, 70_001], [2]],
  [[100_003], [0]],
  [[256, 1024], [0, 1]],
  [[2, 1, 3, 1], [1, 2, 3]],
  [[1, 5, 1], [1]],
];

/** What is left of a place when axes go. */
function kept(place: number, shape: Shape, axes: readonly number[]): number {
  let [at, step, rest] = [0, 1, place];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    if (!axes.includes(axis)) {
      at += rest % size * step;
      step *= size;
    }
    rest = Math.floor(rest / size);
  }
  return at;
}

function reference(shape: Shape, axes: readonly number[], x: readonly number[]) {
  const size = sizeOf(shape.filter((_, axis) => !axes.includes(axis)));
  const sum = Array<number>(size).fill(0);
  const max = Array<number>(size).fill(-Infinity);
  for (const [i, value] of x.entries()) {
    const at = kept(i, shape, axes);
    sum[at]! += value;
    max[at] = Math.max(max[at]!, value);
  }
  return { sum, max, count: x.length / size };
}

testBoth("sums, means and maxima are those of doubles", async () => {
  for (const [shape, axes] of CASES) {
    const host = values("x", sizeOf(shape)).map(Math.fround);
    const { sum, max, count } = reference(shape, axes, host);
    const mean = sum.map((value) => value / count);
    const x = ops.tensor(host, shape);
    const left = shape.filter((_, axis) => !axes.includes(axis));
    const results = [ops.sum(x, axes), ops.mean(x, axes), ops.max(x, axes)];
    assertEquals(results.map(({ shape }) => shape), [left, left, left]);
    await assertClose(results[0]!, sum, sumTolerance(count, sum));
    await assertClose(results[1]!, mean, sumTolerance(count, mean));
    assertEquals([...await results[2]!.data()], max);
    release([x, results]);
  }
});

testBoth(
  "axes that go can be kept with size 1, and the gradient is the same everywhere",
  async () => {
    for (const [shape, axes] of CASES) {
      const host = values("x", sizeOf(shape));
      const x = ops.tensor(host, shape);
      const keptShape = shape.map((size, axis) => axes.includes(axis) ? 1 : size);
      const weights = values("weights", sizeOf(keptShape));
      for (const [reduce, divides] of [[ops.sum, false], [ops.mean, true]] as const) {
        const w = ops.tensor(weights, keptShape);
        const [value, gradient] = valueAndGrad((x: Tensor) =>
          ops.sum(ops.mul(reduce(x, axes, true), w))
        )(
          x,
        );
        const count = divides ? sizeOf(shape) / weights.length : 1;
        const expected = host.map((_, i) => weights[kept(i, shape, axes)]! / count);
        await assertClose(gradient, { shape, values: expected }, {
          relative: 1e-6,
          absolute: 1e-9,
        });
        release([value, gradient, w]);
      }
      x.dispose();
    }
  },
);

testWebgpu("the gradient of the gradient of a mean", async () => {
  const x = ops.tensor(values("x", 24), [2, 3, 4]);
  const [value, gradient] = valueAndGrad((x: Tensor) => {
    const [value, slope] = valueAndGrad((x: Tensor) => ops.sum(ops.pow(ops.mean(x, [1]), 3)))(x);
    return ops.add(value, ops.sum(ops.square(slope)));
  })(x);
  const host = values("x", 24);
  const means = Array.from({ length: 24 }, (_, i) => {
    const [a, c] = [Math.floor(i / 12), i % 4];
    return [0, 1, 2].reduce((sum, b) => sum + host[(a * 3 + b) * 4 + c]! / 3, 0);
  });
  await assertClose(gradient, means.map((m) => m ** 2 + 4 * m ** 3), { absolute: 1e-5 });
  release([x, value, gradient]);
});

testBoth("a maximum with NaN in it is NaN, and one of infinities is one", async () => {
  for (const [shape, axes] of [[[64, 8], [0]], [[8, 64], [1]], [[8, 63], [1]]] as const) {
    const host = values("x", sizeOf(shape));
    const row = (r: number, i: number) => axes[0] === 0 ? i * shape[1] + r : r * shape[1] + i;
    const length = shape[axes[0]];
    host[row(2, 5)] = NaN;
    host[row(3, length - 1)] = NaN;
    for (let i = 0; i < length; i++) host[row(4, i)] = -Infinity;
    host[row(5, 0)] = Infinity;
    const x = ops.tensor(host, shape);
    const max = ops.max(x, axes);
    const sum = ops.sum(x, axes);
    const found = [...await max.data()];
    assertEquals(found.slice(2, 6), [NaN, NaN, -Infinity, Infinity]);
    assertEquals([...await sum.data()].slice(2, 6), [NaN, NaN, -Infinity, Infinity]);
    release([x, max, sum]);
  }
});

testWebgpu("repetition gives its own handle, where there is nothing to repeat", async () => {
  const x = ops.tensor([1, 2, 3]);
  const attributes = { shape: [3, 1], axes: [1], divisor: 1 };
  const y = fused("FplusxRepeat", { x }, attributes, () => x);
  x.dispose();
  assertEquals([y.shape, [...await y.data()]], [[3, 1], [1, 2, 3]]);
  y.dispose();
});

const SMALL = foldOf(2, 700, 8, true);
const AHEAD = foldOf(3, 1028, 1, false);

testWebgpu("reductions: the text of their programs", async () => {
  await assertSnapshot("fold_sum", folded(SMALL, "sum", 700));
  await assertSnapshot("fold_max_gpu", folded(AHEAD, "max", 1));
  await assertSnapshot("repeated", repeated(2, 3, 8, 3));
});

/** A check that a program folds as it should. */
function foldCheck(
  outer: number,
  length: number,
  inner: number,
  chunk: number,
  folding: Folding,
): (program: Program) => Promise<void> {
  const x = values("x", outer * length * inner).map(Math.fround);
  const chunks = Math.ceil(length / chunk);
  const expected: number[] = Array(outer * chunks * inner).fill(folding === "sum" ? 0 : -Infinity);
  for (const [i, value] of x.entries()) {
    const [a, r, b] = [Math.floor(i / (length * inner)), Math.floor(i / inner) % length, i % inner];
    const at = (a * chunks + Math.floor(r / chunk)) * inner + b;
    expected[at] = folding === "sum" ? expected[at]! + value : Math.max(expected[at]!, value);
  }
  return async (program) => {
    const input = ops.tensor(x);
    const [y] = await run(program, [[[expected.length], "float32"]], [input]);
    input.dispose();
    await assertClose(y!, expected, sumTolerance(chunk, expected));
  };
}

testWebgpu("reductions: mutants of a sum die", async () => {
  const fold = { ...SMALL, chunk: 32, chunks: 22 };
  await assertMutantsDie(folded(fold, "sum", 1), [
    ["i < end - first", "i < end - first - 1"],
    ["let first = part * 32", "let first = part * 31"],
    ["min(first + 32, 700)", "first + 32"],
    ["item / 44 * 700", "item / 22 * 700"],
    ["item % 2", "0"],
    ["base + i * 2", "base + i"],
    ["a + b", "a - b"],
  ], foldCheck(2, 700, 8, 32, "sum"));
});

testWebgpu("reductions: mutants of a maximum die", async () => {
  const fold = { ...AHEAD, lanes: 8, chunk: 16, chunks: 17 };
  await assertMutantsDie(folded(fold, "max", 1), [
    ["i += 8", "i += 9"],
    ["apart > 0", "apart > 1"],
    ["b > a", "b < a"],
    ["larger_f32(a.x, a.y)", "a.x"],
    ["larger_f32(a.z, a.w)", "a.w"],
    ["item / 17 *", "0 *"],
    ["min(first + 16, 257)", "first + 16"],
  ], foldCheck(3, 1028, 1, 64, "max"));
});

testWebgpu("repetition: mutants die", async () => {
  const x = values("x", 16).map(Math.fround);
  const expected = Array.from(
    { length: 48 },
    (_, i) => x[Math.floor(i / 24) * 8 + i % 8]! / 3,
  );
  await assertMutantsDie(repeated(2, 3, 8, 3), [
    ["t / 6", "t / 5"],
    ["t % 2", "t % 1"],
    ["/ 3.0", "/ 2.0"],
    ["t >= 12", "t >= 11"],
  ], async (program) => {
    const input = ops.tensor(x);
    const [y] = await run(program, [[[48], "float32"]], [input]);
    input.dispose();
    await assertClose(y!, expected);
  });
});
