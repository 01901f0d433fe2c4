/**
 * Pooling on WebGPU and its gradients, against plain loops in doubles.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { largest } from "../../../lib/backend/webgpu/kernels/pool/largest.ts";
import { largestGradient } from "../../../lib/backend/webgpu/kernels/pool/largest_gradient.ts";
import { means } from "../../../lib/backend/webgpu/kernels/pool/means.ts";
import { meansGradient } from "../../../lib/backend/webgpu/kernels/pool/means_gradient.ts";
import type { Pooling } from "../../../lib/backend/webgpu/kernels/pool/windows.ts";
import type { Program } from "../../../lib/backend/webgpu/program.ts";
import { tensor } from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import { assertClose } from "../../compare.ts";
import { uniform } from "../../formula.ts";
import { assertTwins } from "./halves.ts";
import { assertMutantsDie, assertSnapshot, run, testWebgpu } from "./program.ts";

/** Sizes of a pooling with as many windows as there is room for. */
function pooling(
  [batch, ...size]: readonly [number, number, number],
  channels: number,
  window: Pooling["window"],
  strides: Pooling["strides"],
  [before, after]: readonly [Pooling["before"], Pooling["before"]] = [[0, 0], [0, 0]],
): Pooling {
  const count = (axis: 0 | 1) =>
    Math.floor((size[axis] + before[axis] + after[axis] - window[axis]) / strides[axis]) + 1;
  return { batch, channels, size, windows: [count(0), count(1)], window, strides, before };
}

const SAME: [Pooling["before"], Pooling["before"]] = [[1, 1], [1, 1]];

const POOLINGS: readonly Pooling[] = [
  pooling([2, 8, 8], 64, [2, 2], [2, 2]),
  pooling([2, 13, 12], 8, [3, 3], [2, 2], SAME),
  pooling([3, 7, 7], 513, [3, 3], [1, 1], SAME),
  pooling([1, 9, 5], 3, [2, 3], [3, 1], [[0, 2], [1, 0]]),
  pooling([2, 5, 7], 1, [5, 7], [1, 1]),
  pooling([1, 7, 7], 4, [1, 2], [3, 3]),
];

/** Numbers with many ties. */
const values = (name: string, count: number, steps = 4): number[] =>
  Array.from({ length: count }, (_, i) => Math.round(steps * uniform(name)(i)) / steps);

/** Everything about a pooling, window by window. */
function reference(p: Pooling) {
  const [height, width] = p.size;
  const x = values("x", p.batch * height * width * p.channels);
  const count = p.batch * p.windows[0] * p.windows[1] * p.channels;
  const dy = values("dy", count, 1000).map(Math.fround);
  const [max, mean] = [Array<number>(count), Array<number>(count)];
  const [byMax, byMean] = [Array<number>(x.length).fill(0), Array<number>(x.length).fill(0)];
  for (let w = 0; w < count; w++) {
    const c = w % p.channels;
    const [j, i] = [
      Math.floor(w / p.channels) % p.windows[1],
      Math.floor(w / p.channels / p.windows[1]) % p.windows[0],
    ];
    const n = Math.floor(w / p.channels / p.windows[1] / p.windows[0]);
    const pixels: number[] = [];
    for (let a = 0; a < p.window[0]; a++) {
      for (let b = 0; b < p.window[1]; b++) {
        const [row, column] = [
          i * p.strides[0] - p.before[0] + a,
          j * p.strides[1] - p.before[1] + b,
        ];
        if (row < 0 || column < 0 || row >= height || column >= width) continue;
        pixels.push(((n * height + row) * width + column) * p.channels + c);
      }
    }
    const first = pixels.reduce((best, at) => x[at]! > x[best]! ? at : best);
    max[w] = x[first]!;
    mean[w] = pixels.reduce((sum, at) => sum + x[at]!, 0) / pixels.length;
    byMax[first]! += dy[w]!;
    for (const at of pixels) byMean[at]! += dy[w]! / (p.window[0] * p.window[1]);
  }
  return { x, dy, max, mean, byMax, byMean };
}

const HALVES = ["x", "dy", "y", "dx"];

/** A check that a program gives the expected values. */
const check = (inputs: readonly (readonly number[])[], expected: readonly number[]) =>
async (
  program: Program,
) => {
  const tensors = inputs.map((input) => tensor(input));
  const [result] = await run(program, [[[expected.length], "float32"]], tensors);
  release(tensors);
  await assertClose(result!, expected, { absolute: 2e-6 });
};

testWebgpu("pooling and its gradients are those of plain loops", async () => {
  for (const sizes of POOLINGS) {
    const { x, dy, max, mean, byMax, byMean } = reference(sizes);
    await check([x], max)(largest(sizes));
    await check([x], mean)(means(sizes));
    await check([dy, x], byMax)(largestGradient(sizes));
    await check([dy], byMean)(meansGradient(sizes));
  }
});

testWebgpu("pooling of halves and its gradients are those of floats", async () => {
  for (const sizes of POOLINGS) {
    const { x, dy } = reference(sizes);
    const programs = [[largest, [x], dy], [means, [x], dy], [largestGradient, [dy, x], x]] as const;
    for (const [make, inputs, { length }] of [...programs, [meansGradient, [dy], x] as const]) {
      await assertTwins((halves) => make(sizes, halves), HALVES, [length], inputs, []);
    }
  }
});

testWebgpu("NaN is larger than any number in a window", async () => {
  const sizes = pooling([1, 2, 4], 1, [2, 2], [2, 2]);
  const run2 = async (values: readonly number[]) => {
    const x = tensor(values);
    const [y] = await run(largest(sizes), [[[2], "float32"]], [x]);
    x.dispose();
    return [...y!];
  };
  assertEquals(await run2([NaN, 1, 1, 2, 3, 4, 5, NaN]), [NaN, NaN]);
  assertEquals(await run2([-Infinity, -1, 0, 0, -2, -3e38, Infinity, 1]), [-1, Infinity]);
  assertEquals(await run2(Array(8).fill(-Infinity)), [-Infinity, -Infinity]);
});

const SMALL = POOLINGS[1]!;

testWebgpu("pooling: the text of its programs", async () => {
  await assertSnapshot("max_pool", largest(SMALL));
  await assertSnapshot("max_pool_gradient", largestGradient(SMALL));
  await assertSnapshot("avg_pool", means(SMALL));
  await assertSnapshot("avg_pool_gradient", meansGradient(POOLINGS[3]!));
});

const { x, dy, max, mean, byMax, byMean } = reference(SMALL);

function mutants(
  name: string,
  make: (pooling: Pooling, halves: readonly string[]) => Program,
  inputs: readonly (readonly number[])[],
  expected: readonly number[],
  faults: Parameters<typeof assertMutantsDie>[1],
  ofHalves: typeof faults,
): void {
  testWebgpu(
    `pooling: mutants of ${name} die`,
    () => assertMutantsDie(make(SMALL, []), faults, check(inputs, expected)),
  );
  testWebgpu(`pooling: mutants of ${name} on halves die`, () =>
    assertTwins(
      (halves) => make(SMALL, halves),
      HALVES,
      [expected.length],
      inputs,
      [...faults, ...ofHalves],
    ));
}

mutants("the largest", largest, [x], max, [
  ["row * 2 - 1 + 3", "row * 2 - 1 + 2"],
  ["column * 2 - 1, 0", "column * 2, 0"],
  ["n * 13 + down", "n * 12 + down"],
  ["(value > best)", "(value < best)"],
  ["best = select(best, value, better)", "best = value"],
], [["vec4f(x[at])", "vec4f(x[at + 1])"], ["vec4<f16>(best)", "vec4<f16>(best.yxzw)"]]);
mutants("the means", means, [x], mean, [
  ["sum / count", "sum / 9.0"],
  ["right < min", "right <= min"],
  [", 0); down", ", 1); down"],
], [["vec4f(x[at])", "vec4f(x[at + 1])"]]);
mutants("the gradient of the largest", largestGradient, [dy, x], byMax, [
  ["(value > best)", "(value >= best)"],
  ["best_at == vec4i(t)", "best_at >= vec4i(t)"],
  ["i <= min((row + 1) / 2, 6)", "i < min((row + 1) / 2, 6)"],
  ["max(row + 0, 0) / 2", "max(row + 2, 0) / 2"],
  ["sum += select", "sum = select"],
  ["* 2 + strip", "* 2"],
], [["vec4f(dy[place])", "vec4f(dy[place + 1])"], ["vec4f(x[at])", "vec4f(x[at + 1])"]]);
mutants("the gradient of the means", meansGradient, [dy], byMean, [
  ["sum / 9.0", "sum / 8.0"],
  ["j <= min((column + 1) / 2, 5)", "j <= min((column + 1) / 2, 4)"],
  ["max(column + 0, 0) / 2", "max(column - 1, 0) / 2"],
  ["n * 7 + i", "n * 6 + i"],
], [["sum += vec4f(dy[place])", "sum = vec4f(vec4<f16>(sum) + dy[place])"]]);
