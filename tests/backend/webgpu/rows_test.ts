/**
 * What WebGPU does row by row: softmax, cross entropy and layer normalisation, against plain loops in
 * doubles.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { crossEntropy } from "../../../lib/train/loss.ts";
import { columnsOf } from "../../../lib/backend/webgpu/columns.ts";
import { surprise } from "../../../lib/backend/webgpu/kernels/cross_entropy.ts";
import { affineParts } from "../../../lib/backend/webgpu/kernels/layer_norm/affine_parts.ts";
import { affineSums } from "../../../lib/backend/webgpu/kernels/layer_norm/affine_sums.ts";
import { rowNormalized } from "../../../lib/backend/webgpu/kernels/layer_norm/row_normalized.ts";
import { rowSlope } from "../../../lib/backend/webgpu/kernels/layer_norm/row_slope.ts";
import { softmaxed, softmaxSlope } from "../../../lib/backend/webgpu/kernels/softmax.ts";
import { rowsOf } from "../../../lib/backend/webgpu/rows.ts";
import { inOneGo } from "../../../lib/fused.ts";
import { valueAndGrad } from "../../../lib/grad.ts";
import * as ops from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import type { Tensor } from "../../../lib/tensor.ts";
import { assertClose, sumTolerance } from "../../compare.ts";
import { uniform } from "../../formula.ts";
import {
  assertMutantsDie,
  assertSnapshot,
  type Output,
  run,
  testBoth,
  testWebgpu,
} from "./program.ts";

const EPSILON = 1e-5;

/** Rows and their lengths: of classes, of more of them, and odd ones. */
const SHAPES = [[32, 10], [4, 1000], [3, 2051], [2, 1], [65, 8]] as const;

const values = (name: string, count: number, scale = 1): number[] =>
  Array.from({ length: count }, (_, i) => Math.fround(scale * uniform(name)(i)));

const total = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0);

/** Applies a function to each row of a matrix, and to those of others. */
const byRow = (
  length: number,
  f: (row: readonly number[], ...others: (readonly number[])[]) => readonly number[],
  ...matrices: (readonly number[])[]
): number[] =>
  Array.from({ length: matrices[0]!.length / length }, (_, r) => {
    const [row, ...others] = matrices.map((m) => m.slice(r * length, (r + 1) * length));
    return f(row!, ...others);
  }).flat();

function softmaxOf(row: readonly number[]): number[] {
  const most = Math.max(...row);
  const powers = row.map((x) => Math.exp(x - most));
  const sum = total(powers);
  return powers.map((e) => e / sum);
}

/** The mean and one over the deviation. */
function momentsOf(row: readonly number[]): [mean: number, inverse: number] {
  const mean = total(row) / row.length;
  const variance = total(row.map((x) => (x - mean) ** 2)) / row.length;
  return [mean, 1 / Math.sqrt(variance + EPSILON)];
}

const standardized = (row: readonly number[]): number[] => {
  const [mean, inverse] = momentsOf(row);
  return row.map((x) => (x - mean) * inverse);
};

testBoth("softmax and its gradient are those of doubles", async () => {
  for (const [rows, length] of SHAPES) {
    const [host, weights] = [values("x", rows * length, 9), values("weights", rows * length)];
    const [x, w] = [ops.tensor(host, [rows, length]), ops.tensor(weights, [rows, length])];
    const [value, gradient] = valueAndGrad((x: Tensor) => ops.sum(ops.mul(ops.softmax(x), w)))(x);
    const y = ops.softmax(x);
    await assertClose(y, byRow(length, softmaxOf, host), { relative: 3e-6, absolute: 1e-7 });
    const slope = (row: readonly number[], dy: readonly number[] = []) => {
      const y = softmaxOf(row);
      const mean = total(y.map((y, i) => y * dy[i]!));
      return y.map((y, i) => y * (dy[i]! - mean));
    };
    await assertClose(gradient, byRow(length, slope, host, weights), { absolute: 1e-6 });
    release([x, w, y, value, gradient]);
  }
});

testWebgpu("the gradient of the gradient of softmax", async () => {
  const host = values("x", 12, 2);
  const x = ops.tensor(host, [3, 4]);
  const curve = (x: Tensor) => ops.sum(ops.pow(ops.softmax(x), 2));
  const [value, gradient] = valueAndGrad((x: Tensor) => {
    const [, slope] = valueAndGrad(curve)(x);
    return ops.sum(ops.pow(slope, 2));
  })(x);
  const steepness = (row: readonly number[]) => {
    const y = softmaxOf(row);
    const mean = total(y.map((y) => 2 * y * y));
    return total(y.map((y) => (y * (2 * y - mean)) ** 2));
  };
  const expected = byRow(4, (row) =>
    row.map((_, i) => {
      const at = (h: number) => steepness(row.map((x, j) => j === i ? x + h : x));
      return (at(1e-4) - at(-1e-4)) / 2e-4;
    }), host);
  await assertClose(gradient, expected, { absolute: 2e-6 });
  release([x, value, gradient]);
});

for (const labelSmoothing of [0, 0.1]) {
  testBoth(`cross entropy with smoothing ${labelSmoothing} is that of doubles`, async () => {
    for (const [rows, length] of SHAPES) {
      const host = values("logits", rows * length, 20);
      const classes = Int32Array.from({ length: rows }, (_, r) => (7 * r + 3) % length);
      const oneHot = Array.from(
        { length: rows * length },
        (_, i) => +(i % length === classes[Math.floor(i / length)]),
      );
      const shares = byRow(length, softmaxOf, values("shares", rows * length));
      const kinds = [[ops.tensor(classes), oneHot], [ops.tensor(shares, [rows, length]), shares]];
      for (const [labels, targets] of kinds as [Tensor, number[]][]) {
        const x = ops.tensor(host, [rows, length]);
        const smooth = targets.map((t) => t * (1 - labelSmoothing) + labelSmoothing / length);
        const losses = byRow(
          length,
          (row, target = []) => {
            const p = softmaxOf(row);
            return [-total(target.map((t, i) => t === 0 ? 0 : t * Math.log(p[i]!)))];
          },
          host,
          smooth,
        );
        const one = crossEntropy(x, labels, { labelSmoothing, reduction: "none" });
        await assertClose(one, losses, sumTolerance(length, losses));
        const [value, gradient] = valueAndGrad((x: Tensor) =>
          crossEntropy(x, labels, { labelSmoothing })
        )(x);
        await assertClose(value, [total(losses) / rows], sumTolerance(length, losses));
        const slope = byRow(length, softmaxOf, host).map((p, i) => (p - smooth[i]!) / rows);
        await assertClose(gradient, slope, { absolute: 1e-6 });
        release([x, one, value, gradient, labels]);
      }
    }
  });
}

testWebgpu("cross entropy of extreme logits, and of those that are not numbers", async () => {
  const logits = ops.tensor([1e30, -1e30, 0, 0, 1, NaN, 5, 5, 5], [3, 3]);
  const labels = ops.tensor(Int32Array.of(0, 2, 1));
  const losses = crossEntropy(logits, labels, { reduction: "none" });
  const [first, second, third] = await losses.data();
  assertEquals([first, Number.isNaN(second)], [0, true]);
  await assertClose([third!], [Math.log(3)]);
  release([logits, labels, losses]);
});

testBoth("layer normalisation and its gradient are those of doubles", async () => {
  for (const [rows, length] of SHAPES) {
    const host = values("x", rows * length, 3).map((x) => Math.fround(x + 2));
    const [dy, weight] = [values("dy", rows * length), values("weight", length)];
    const bias = values("bias", length);
    const [x, w, b] = [ops.tensor(host, [rows, length]), ops.tensor(weight), ops.tensor(bias)];
    const g = ops.tensor(dy, [rows, length]);
    const epsilon = EPSILON;
    const y = inOneGo<Tensor>("FplusxLayerNorm", { x, weight: w, bias: b }, { epsilon });
    const gradients = inOneGo<Tensor[]>(
      "FplusxLayerNormGradient",
      { dy: g, x, weight: w },
      { epsilon },
    );
    const over = byRow(length, standardized, host);
    const expected = over.map((z, i) => z * weight[i % length]! + bias[i % length]!);
    await assertClose(y, expected, sumTolerance(length + 8, expected));

    const terms: number[] = [];
    const dx = byRow(
      length,
      (row, dy = []) => {
        const [, inverse] = momentsOf(row);
        const [z, own] = [standardized(row), dy.map((g, i) => g * weight[i]!)];
        const along = total(own.map((g, i) => g * z[i]!)) / length;
        terms.push(...own.map((g) => g * inverse));
        return own.map((g, i) => inverse * (g - total(own) / length - z[i]! * along));
      },
      host,
      dy,
    );
    const column = (f: (i: number) => number) =>
      Array.from(
        { length },
        (_, c) => total(Array.from({ length: rows }, (_, r) => f(r * length + c))),
      );
    const [dWeight, dBias] = [column((i) => dy[i]! * over[i]!), column((i) => dy[i]!)];
    await assertClose(gradients[0]!, dx, sumTolerance(length + 8, terms));
    await assertClose(gradients[1]!, dWeight, sumTolerance(length + rows, dWeight));
    await assertClose(gradients[2]!, dBias, sumTolerance(rows, dBias));
    release([x, w, b, g, y, gradients]);
  }
});

const SMALL = rowsOf([5, 7], true);
const AHEAD = { ...rowsOf([5, 1028], false), lanes: 8 };

testWebgpu("rows: the text of their programs", async () => {
  await assertSnapshot("softmax", softmaxed(SMALL));
  await assertSnapshot("softmax_gradient_gpu", softmaxSlope(AHEAD));
  await assertSnapshot("cross_entropy", surprise(SMALL, false, 0.1));
  await assertSnapshot("cross_entropy_shares_gpu", surprise(AHEAD, true, 0));
  await assertSnapshot("layer_norm", rowNormalized(AHEAD, EPSILON));
  await assertSnapshot("layer_norm_gradient", rowSlope(SMALL, EPSILON));
  await assertSnapshot("affine_parts", affineParts(columnsOf([70, 8], true)));
  await assertSnapshot("affine_sums", affineSums(columnsOf([70, 8], false)));
});

type Faults = Parameters<typeof assertMutantsDie>[1];

/** Defines a test that programs with faults give something else. */
function mutants(
  what: string,
  program: Parameters<typeof run>[0],
  inputs: readonly (readonly number[] | Int32Array)[],
  expected: readonly (readonly number[])[],
  faults: Faults,
): void {
  testWebgpu(
    `rows: mutants of ${what} die`,
    () =>
      assertMutantsDie(program, faults, async (program) => {
        const tensors = inputs.map((input) => ops.tensor(input));
        const outputs = expected.map(({ length }): Output => [[length], "float32"]);
        const results = await run(program, outputs, tensors);
        release(tensors);
        for (const [i, values] of expected.entries()) {
          await assertClose(results[i]!, values, { absolute: 1e-5 });
        }
      }),
  );
}

const LENGTH = 1028;
const [long, dLong] = [values("long", 5 * LENGTH, 100), values("slope", 5 * LENGTH)];
const [weight, bias] = [values("weight", LENGTH), values("bias", LENGTH)];

mutants("softmax", softmaxed(AHEAD), [long], [byRow(LENGTH, softmaxOf, long)], [
  ["exp(x[at] - top)", "exp(x[at])"],
  ["y[at] / all", "y[at]"],
  ["row_sum_of_lanes_of[lane] = a + b", "row_sum_of_lanes_of[lane] = a"],
  ["sum += e", "sum = e"],
  ["y[at] = e;", "y[at + 1] = e;"],
]);

const along = byRow(
  LENGTH,
  (dy, y = []) => {
    const sum = total(dy.map((g, i) => g * y[i]!));
    return dy.map((g, i) => (g - sum) * y[i]!);
  },
  dLong,
  bias.concat(bias, bias, bias, bias),
);
mutants("the gradient of softmax", softmaxSlope(AHEAD), [
  dLong,
  bias.concat(bias, bias, bias, bias),
], [
  along,
], [
  ["sum += dy[at] * y[at]", "sum += dy[at]"],
  ["(dy[at] - all)", "(dy[at] + all)"],
  ["i < 257", "i < 256"],
  ["dot(value, vec4f(1.0))", "value.x"],
]);

const labels = Int32Array.of(1, 1027, 512, 3, 600);
const target = Array.from(
  long,
  (_, i) => 0.1 / LENGTH + 0.9 * +(i % LENGTH === labels[Math.floor(i / LENGTH)]),
);
const surprises = byRow(
  LENGTH,
  (row, target = []) => {
    const p = softmaxOf(row);
    return [-total(target.map((t, i) => t * Math.log(p[i]!)))];
  },
  values("long", 5 * LENGTH, 10),
  target,
);
const slopes = byRow(LENGTH, softmaxOf, values("long", 5 * LENGTH, 10)).map((p, i) =>
  p - target[i]!
);
mutants(
  "cross entropy",
  surprise(AHEAD, false, 0.1),
  [values("long", 5 * LENGTH, 10), labels],
  [surprises, slopes],
  [
    ["4 * i + vec4i(0, 1, 2, 3)", "4 * i + vec4i(1, 2, 3, 4)"],
    ["labels[item]", "labels[0]"],
    ["- all;", ";"],
    [" * 0.9f", ""],
    ["+ 0.0000", "+ 0.0001"],
    ["- target_share", "+ target_share"],
    ["-row_sum(lane, known)", "row_sum(lane, known)"],
  ],
);

const features = values("features", 5 * LENGTH, 3).map((x) => Math.fround(x + 2));
const normal = byRow(LENGTH, standardized, features);
mutants("layer normalisation", rowNormalized(AHEAD, EPSILON), [features, weight, bias], [
  normal.map((z, i) => z * weight[i % LENGTH]! + bias[i % LENGTH]!),
], [
  ["squares) / 1028.0", "squares) / 1027.0"],
  ["sum) / 1028.0", "sum) / 1000.0"],
  ["bias[i]", "bias[at]"],
  ["weight[i]", "weight[0]"],
  ["- center;", ";"],
]);

const back = byRow(
  LENGTH,
  (row, dy = []) => {
    const [[, inverse], z] = [momentsOf(row), standardized(row)];
    const own = dy.map((g, i) => g * weight[i]!);
    const along = total(own.map((g, i) => g * z[i]!)) / LENGTH;
    return own.map((g, i) => inverse * (g - total(own) / LENGTH - z[i]! * along));
  },
  features,
  dLong,
);
const moments = byRow(LENGTH, momentsOf, features);
mutants(
  "the gradient of layer normalisation",
  rowSlope(AHEAD, EPSILON),
  [dLong, features, weight],
  [
    back,
    moments,
  ],
  [
    ["- aside", ""],
    ["over * steep", "steep"],
    ["shift += own", "shift += dy[at]"],
    ["vec2f(center, inverse)", "vec2f(inverse, center)"],
    ["along += own", "along += dy[at]"],
  ],
);

const ragged = { ...columnsOf([70, 8], false), chunk: 32, chunks: 3, lanes: 2 };
const chunked = (f: (i: number) => number, chunk: number, count: number): number[] => {
  const sums = Array<number>(8 * Math.ceil(count / 8 / chunk)).fill(0);
  for (let i = 0; i < count; i++) sums[Math.floor(i / 8 / chunk) * 8 + i % 8]! += f(i);
  return sums;
};
const pairs = values("pairs", 2 * 70, 2);
const product = (i: number) => {
  const row = Math.floor(i / 8);
  return dLong[i]! * (features[i]! - pairs[2 * row]!) * pairs[2 * row + 1]!;
};
mutants(
  "sums of chunks",
  affineParts(ragged),
  [
    dLong.slice(0, 560),
    features.slice(0, 560),
    pairs,
  ],
  [chunked(product, 32, 560), chunked((i) => dLong[i]!, 32, 560)],
  [
    ["moments[row].y", "moments[row].x"],
    ["row < end", "row < end - 1"],
    ["row = first", "row = first + 1"],
    ["sum += dy[at]", "sum += x[at]"],
  ],
);
mutants("sums of sums", affineSums(ragged), [dLong.slice(0, 24), features.slice(0, 24)], [
  chunked((i) => dLong[i]!, 3, 24),
  chunked((i) => features[i]!, 3, 24),
], [
  ["part < 3", "part < 2"],
  ["part += 2", "part += 3"],
  ["sum += biases", "sum = biases"],
  ["apart > 0", "apart > 1"],
]);
