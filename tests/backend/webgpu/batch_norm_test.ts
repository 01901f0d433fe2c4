/**
 * Batch normalisation on WebGPU: each program, and the operations made of them, against plain loops in
 * doubles.
 *
 * @module
 */

import { type Columns, columnsOf } from "../../../lib/backend/webgpu/columns.ts";
import { gradientCoefficients } from "../../../lib/backend/webgpu/kernels/batch_norm/gradient_coefficients.ts";
import { gradientParts } from "../../../lib/backend/webgpu/kernels/batch_norm/gradient_parts.ts";
import { inputGradient } from "../../../lib/backend/webgpu/kernels/batch_norm/input_gradient.ts";
import { mergedMoments } from "../../../lib/backend/webgpu/kernels/batch_norm/merged_moments.ts";
import { momentParts } from "../../../lib/backend/webgpu/kernels/batch_norm/moment_parts.ts";
import {
  type Ending,
  normalized,
} from "../../../lib/backend/webgpu/kernels/batch_norm/normalized.ts";
import type { Program } from "../../../lib/backend/webgpu/program.ts";
import { tensor } from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import type { Shape, Tensor, Values } from "../../../lib/tensor.ts";
import { assertClose, sumTolerance } from "../../compare.ts";
import { numbers, sums } from "./channels.ts";
import { assertTwins } from "./halves.ts";
import { assertMutantsDie, assertSameInPlace, assertSnapshot, run, testWebgpu } from "./program.ts";

const EPSILON = 1e-3;
const DECAY = 0.9;
const ENDINGS: readonly Ending[] = ["none", "relu", "sum"];

// Those of a residual network, and those that fit neither vectors nor chunks.
const SHAPES: readonly Shape[] = [
  [2, 32, 32, 16],
  [9, 16, 16, 32],
  [2, 8, 8, 64],
  [3, 7, 7, 513],
  [127, 5],
  [1, 16],
  [2, 3],
  [1, 1],
  [1025, 1, 1],
];

/** What a program is run with and should give. */
interface Case {
  /** Gives its text; the arrays that are named are of halves. */
  readonly make: (halves: readonly string[]) => Program;
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  /** How many roundings there are. */
  readonly count: number;
}

async function check(
  { make, inputs, outputs, count }: Case,
  program = make([]),
): Promise<Values[]> {
  const tensors: Tensor[] = inputs.map((values) => tensor(values));
  const results = await run(program, outputs.map(({ length }) => [[length], "float32"]), tensors);
  release(tensors);
  for (const [i, expected] of outputs.entries()) {
    await assertClose(results[i]!, expected, sumTolerance(count, expected));
  }
  return results;
}

/** The moments of each chunk: a strip of means, as distances from the first row, and one of squares. */
function partsCase(shape: Shape, columns: Columns): Case {
  const [x, channels] = [numbers("x", shape, 100), shape.at(-1)!];
  const width = channels / columns.strips;
  const parts = eachChunk(x, columns, channels).flatMap((chunk) => {
    const rows = chunk.length / channels;
    const means = sums(channels, chunk.length, (i) => chunk[i]! / rows);
    const squares = sums(channels, chunk.length, (i) => (chunk[i]! - means[i % channels]!) ** 2);
    return interleaved(means.map((mean, c) => mean - x[c]!), squares, width);
  });
  // Squared distances from the first row, which are summed, may be four times those from the mean.
  const count = 4 ** 2 * columns.chunk;
  return { make: (halves) => momentParts(columns, halves), inputs: [x], outputs: [parts], count };
}

const eachChunk = (x: readonly number[], { chunk, chunks }: Columns, channels: number) =>
  Array.from(
    { length: chunks },
    (_, i) => x.slice(i * chunk * channels, (i + 1) * chunk * channels),
  );

/** The first of two strips, the second, the first of the next two, … */
const interleaved = (a: readonly number[], b: readonly number[], width: number): number[] =>
  Array.from({ length: 2 * a.length }, (_, i) => {
    const [strip, lane] = [Math.floor(i / (2 * width)), i % width];
    return (i % (2 * width) < width ? a : b)[strip * width + lane]!;
  });

function mergedCase(shape: Shape, columns: Columns, decay?: number): Case {
  const [x, channels] = [numbers("x", shape, 100), shape.at(-1)!];
  const rows = x.length / channels;
  const [parts] = partsCase(shape, columns).outputs;
  const mean = sums(channels, x.length, (i) => x[i]! / rows);
  const variance = sums(channels, x.length, (i) => (x[i]! - mean[i % channels]!) ** 2 / rows);
  const old = [numbers("old mean", [channels]), numbers("old variance", [channels])];
  const average = (old: readonly number[], now: readonly number[], factor: number) =>
    old.map((value, c) => decay! * value + (1 - decay!) * factor * now[c]!);
  const next = decay === undefined ? [] : [
    average(old[0]!, mean, 1),
    average(old[1]!, variance, rows / Math.max(rows - 1, 1)),
  ];
  return {
    make: (halves) => mergedMoments(columns, decay, halves),
    inputs: [parts!.map(Math.fround), x, ...decay === undefined ? [] : old],
    outputs: [mean, variance, ...next],
    count: rows,
  };
}

/** Everything about a batch normalisation, in doubles. */
function reference(shape: Shape, ending: Ending) {
  const channels = shape.at(-1)!;
  const [x, dy, addend] = ["x", "dy", "addend"].map((name) => numbers(name, shape, 3));
  const [mean, weight, bias] = ["mean", "weight", "bias"].map((name) => numbers(name, [channels]));
  const variance = numbers("variance", [channels]).map((v) => Math.fround(1 + v / 4));
  const all = { x: x!, dy: dy!, addend: addend!, mean: mean!, weight: weight!, bias: bias! };
  const inverse = variance.map((v) => 1 / Math.sqrt(v + EPSILON));
  const rows = x!.length / channels;
  const over = all.x.map((x, i) => (x - all.mean[i % channels]!) * inverse[i % channels]!);
  const before = over.map((value, i) =>
    value * all.weight[i % channels]! + all.bias[i % channels]! +
    (ending === "sum" ? all.addend[i]! : 0)
  );
  const y = ending === "none" ? before : before.map((value) => Math.max(value, 0));
  const slope = all.dy.map((g, i) => ending !== "none" && y[i]! <= 0 ? 0 : g);
  const dWeight = sums(channels, x!.length, (i) => slope[i]! * over[i]!);
  const dBias = sums(channels, x!.length, (i) => slope[i]!);
  const scale = inverse.map((inverse, c) => inverse * all.weight[c]!);
  const dx = slope.map((g, i) => {
    const c = i % channels;
    return scale[c]! * (g - over[i]! * dWeight[c]! / rows - dBias[c]! / rows);
  });
  return { ...all, variance, inverse, rows, y, slope, dWeight, dBias, scale, dx };
}

function normalizedCase(shape: Shape, columns: Columns, ending: Ending): Case {
  const { x, mean, variance, weight, bias, addend, y } = reference(shape, ending);
  return {
    make: (halves) => normalized(columns, EPSILON, ending, halves),
    inputs: [x, mean, variance, weight, bias, ...ending === "sum" ? [addend] : []],
    outputs: [y],
    count: 9,
  };
}

function gradientPartsCase(shape: Shape, columns: Columns, ending: Ending): Case {
  const { x, mean, variance, weight, bias, dy, y, slope } = reference(shape, ending);
  const channels = shape.at(-1)!;
  const distances = eachChunk(x.map((x, i) => x - mean[i % channels]!), columns, channels);
  const parts = eachChunk(slope, columns, channels).flatMap((chunk, j) =>
    interleaved(
      sums(channels, chunk.length, (i) => chunk[i]!),
      sums(channels, chunk.length, (i) => chunk[i]! * distances[j]![i]!),
      channels / columns.strips,
    )
  );
  return {
    make: (halves) => gradientParts(columns, EPSILON, ending, halves),
    inputs: [
      ...[dy, x, mean],
      ...{ none: [], relu: [variance, weight, bias], sum: [y.map(Math.fround)] }[ending],
    ],
    outputs: [parts, ...ending === "sum" ? [slope] : []],
    count: columns.chunk,
  };
}

function coefficientsCase(shape: Shape, columns: Columns): Case {
  const { mean, variance, weight, inverse, rows, dWeight, dBias, scale } = reference(shape, "none");
  const [channels, [parts]] = [shape.at(-1)!, gradientPartsCase(shape, columns, "none").outputs];
  const width = channels / columns.strips;
  const four = [
    scale,
    scale.map((s, c) => -s * inverse[c]! * dWeight[c]! / rows),
    scale.map((s, c) => -s * dBias[c]! / rows),
    mean,
  ];
  const coefficients = Array.from({ length: 4 * channels }, (_, i) => {
    const [strip, lane] = [Math.floor(i / (4 * width)), i % width];
    return four[Math.floor(i / width) % 4]![strip * width + lane]!;
  });
  return {
    make: () => gradientCoefficients(columns, EPSILON),
    inputs: [parts!.map(Math.fround), mean, variance, weight],
    outputs: [dWeight, dBias, coefficients],
    count: rows + 8,
  };
}

function inputGradientCase(shape: Shape, columns: Columns, rectified: boolean): Case {
  const { x, dy, slope, bias } = reference(shape, rectified ? "relu" : "none");
  const coefficients = coefficientsCase(shape, columns).outputs[2]!.map(Math.fround);
  const [channels, strips] = [shape.at(-1)!, columns.strips];
  const width = channels / strips;
  const dx = x.map((x, i) => {
    const [strip, lane] = [Math.floor(i / width) % strips, i % width];
    const [scale, along, aside, mean] = [0, 1, 2, 3].map((k) =>
      coefficients[(4 * strip + k) * width + lane]!
    );
    return slope[i]! * scale! + (x - mean!) * along! + aside!;
  });
  return {
    make: (halves) => inputGradient(columns, rectified, halves),
    inputs: [dy, x, coefficients, ...rectified ? [bias] : []],
    outputs: [dx],
    count: 9,
  };
}

for (const software of [true, false]) {
  testWebgpu(`batch norm: programs for a ${software ? "CPU" : "GPU"} are exact`, async () => {
    for (const shape of SHAPES) {
      const columns = columnsOf(shape, software);
      await check(partsCase(shape, columns));
      await check(mergedCase(shape, columns));
      const running = mergedCase(shape, columns, DECAY);
      await assertSameInPlace(running.make([]), running.inputs, await check(running));
      await check(coefficientsCase(shape, columns));
      for (const ending of ENDINGS) {
        await check(normalizedCase(shape, columns, ending));
        await check(gradientPartsCase(shape, columns, ending));
      }
      for (const rectified of [false, true]) {
        await check(inputGradientCase(shape, columns, rectified));
      }
    }
  });
}

const SMALL = columnsOf([2, 32, 32, 16], true);

testWebgpu("batch norm: the text of its programs", async () => {
  const ragged = columnsOf([3, 7, 7, 513], false);
  await assertSnapshot("moment_parts", momentParts(SMALL));
  await assertSnapshot("merged_moments", mergedMoments(SMALL));
  await assertSnapshot("merged_moments_running_gpu", mergedMoments(ragged, DECAY));
  await assertSnapshot("merged_moments_in_place", mergedMoments(SMALL, DECAY).inPlace!.program);
  await assertSnapshot("normalized", normalized(SMALL, EPSILON, "none"));
  await assertSnapshot("normalized_sum_relu", normalized(ragged, EPSILON, "sum"));
  await assertSnapshot("gradient_parts_relu", gradientParts(SMALL, EPSILON, "relu"));
  await assertSnapshot("gradient_parts_sum", gradientParts(ragged, EPSILON, "sum"));
  await assertSnapshot("gradient_coefficients", gradientCoefficients(SMALL, EPSILON));
  await assertSnapshot("input_gradient_relu", inputGradient(SMALL, true));
});

type Faults = Parameters<typeof assertMutantsDie>[1];

/** The fault in the text with halves. */
const onHalves = (fault: string, halves: readonly string[]): string =>
  halves.reduce(
    (text, name) => text.replace(new RegExp(`\\b${name}\\[[^\\]]*\\](?! =)`, "g"), "vec4f($&)"),
    fault,
  );

function mutants(
  what: string,
  caseOf: (shape: Shape, columns: Columns) => Case,
  faults: Faults,
  halves: readonly string[] = [],
  ofHalves: Faults = [],
): void {
  // In the last chunk fewer rows than in the others.
  const shape = [5, 5, 4 * 7, 8];
  const columns = { ...columnsOf(shape, false), chunk: 32, chunks: 22, lanes: 8 };
  const one = caseOf(shape, columns);
  testWebgpu(
    `batch norm: mutants of ${what} die`,
    () => assertMutantsDie(one.make([]), faults, (program) => check(one, program)),
  );
  if (halves.length === 0) return;
  testWebgpu(
    `batch norm: mutants of ${what} on halves die`,
    () =>
      assertTwins(one.make, halves, one.outputs.map(({ length }) => length), one.inputs, [
        ...faults.map(([from, to]) => [onHalves(from, halves), onHalves(to, halves)] as const),
        ...ofHalves,
      ]),
  );
}

mutants(
  "moment parts",
  partsCase,
  [
    ["first + 1", "first + 2"],
    ["row < end", "row < end - 1"],
    ["min(first + 32, 700)", "first + 32"],
    ["f32(end - first)", "32.0"],
    ["- sum * mean", ""],
    ["pivot - x[strip] + mean", "pivot - x[strip]"],
    ["t / 2", "t / 3"],
    ["squares += distance", "squares += 2.0 * distance"],
  ],
  ["x"],
  [["vec4f(x[first", "vec4f(x[0 * first"], ["vec4f(x[row", "vec4f(x[2 + row"]],
);
mutants("merged moments", (shape, columns) => mergedCase(shape, columns, DECAY), [
  ["min(32, 700 - part * 32)", "32"],
  ["part < 22", "part < 21"],
  ["count * distance * distance", "distance * distance"],
  ["part += 8", "part += 16"],
  ["apart > 0", "apart > 1"],
  ["_of[lane + apart]", "_of[lane]"],
  ["parts[at + 1] + ", ""],
  ["x[item] + center", "x[0] + center"],
  ["0.9f * oldMean", "0.1f * oldMean"],
  ["0.9f * oldVariance", "0.1f * oldVariance"],
  ["(spread * ", "(0.99 * spread * "],
], ["x"]);
mutants(
  "normalized",
  (shape, columns) => normalizedCase(shape, columns, "sum"),
  [
    ["row < min(first + 4, 700)", "row < first + 3"],
    ["t % 2", "0"],
    ["- center", ""],
    ["+ 0.001f", ""],
    ["+ addend[at]", "- addend[at]"],
    ["bias[strip]", "bias[0]"],
    ["value <= ", "value < 1e-2 + "],
  ],
  ["x", "addend", "y"],
  [
    ["vec4f(x[at])", "vec4f(x[at + 1])"],
    ["vec4<f16>(select", "vec4<f16>(-select"],
  ],
);
mutants(
  "gradient parts after relu",
  (shape, columns) => gradientPartsCase(shape, columns, "relu"),
  [
    ["fma(distance, scale, shift) <= ", "fma(distance, scale, shift) < 1e-2 + "],
    ["- center", ""],
    ["+ 0.001f", "+ 0.1f"],
    ["bias[strip]", "bias[0]"],
  ],
  ["dy", "x"],
  [["vec4f(dy[at])", "vec4f(dy[at + 1])"], ["vec4f(x[at])", "vec4f(x[at + 1])"]],
);
mutants(
  "gradient parts",
  (shape, columns) => gradientPartsCase(shape, columns, "sum"),
  [
    ["y[at] <= ", "y[at] < "],
    ["row = first", "row = first + 1"],
    ["row < end", "row < end - 1"],
    ["- center", ""],
    ["parts[2 * t] = sum", "parts[2 * t] = along"],
    ["let own = select(dy[at]", "let own = select(2.0 * dy[at]"],
    ["own * distance", "dy[at] * distance"],
  ],
  ["dy", "x", "y", "slope"],
  [
    ["slope[at] = vec4<f16>(own)", "slope[at] = dy[at]"],
    ["vec4f(y[at])", "vec4f(y[at + 1])"],
  ],
);
mutants("gradient coefficients", coefficientsCase, [
  ["part < 22", "part < 21"],
  ["dWeight[item] = along * inverse", "dWeight[item] = along"],
  ["-scale * inverse * inverse", "-scale * inverse"],
  ["* sum / 700.0", "* sum / 699.0"],
  ["= mean[item]", "= mean[0]"],
  ["+ 0.001f", ""],
  ["sum = together(lane, sum)", "sum = sum"],
]);
mutants(
  "input gradient",
  (shape, columns) => inputGradientCase(shape, columns, true),
  [
    ["row < min(first + 4, 700)", "row < first + 3"],
    ["fma(distance, scale, shift) <= ", "fma(distance, scale, shift) > "],
    ["- center", ""],
    ["4 * strip + 2", "4 * strip + 1"],
    ["t % 2", "0"],
  ],
  ["dy", "x", "dx"],
  [
    ["vec4f(dy[at])", "vec4f(dy[at + 1])"],
    ["vec4f(x[at])", "vec4f(x[at + 1])"],
    ["fma(distance, along, aside))", "vec4f(vec4<f16>(fma(distance, along, aside))))"],
  ],
);
