/**
 * The 1 × 1 convolution, step by step: on one channel it multiplies every number with the same weight,
 * which is nothing much; on 32 channels it is a small fully connected network that sees the 32 numbers
 * of one pixel, the same at every pixel.
 *
 * Lin, Chen and Yan, [Network in network](https://arxiv.org/abs/1312.4400), 2013.
 *
 * @module
 */

import { evalMode, type Layer } from "../layer.ts";
import { conv } from "../layers/conv.ts";
import { dense } from "../layers/dense.ts";
import { reshape, tensor, tidy } from "../ops.ts";
import { fold, key } from "../key.ts";
import { release } from "../ownership.ts";
import { normal } from "../random.ts";
import type { Table } from "./experiment.ts";

/** What the worked example gives. */
export type PointwiseExample = {
  /** Input, weight and output of 6 × 6 numbers in one channel. */
  readonly one: {
    readonly input: readonly number[];
    readonly weight: number;
    readonly output: readonly number[];
  };
  /** One pixel of 6 × 6 with 32 channels: its numbers, the weights of a filter, their sum, and relu. */
  readonly many: {
    readonly numbers: readonly number[];
    readonly weights: readonly number[];
    readonly sum: number;
    readonly rectified: number;
    readonly shape: readonly number[];
  };
  /** Largest difference between the convolution and the dense layer at every pixel. */
  readonly difference: number;
};

const SIDE = 6;
const CHANNELS = 32;
const FILTERS = 4;

/**
 * Computes the example: the convolution by `conv`, and the same by `dense` over pixels.
 *
 * @example The same at every pixel
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { setup } from "@fplusx/nn";
 * import { pointwiseExample } from "@fplusx/nn/lab";
 *
 * await setup({ backend: "cpu" });
 * const { one, many, difference } = await pointwiseExample();
 * assertEquals(one.output, one.input.map((value) => 2 * value));
 * assertEquals(many.shape, [1, 6, 6, 4]);
 * assert(difference < 1e-6);
 * ```
 */
export async function pointwiseExample(): Promise<PointwiseExample> {
  const input = Array.from({ length: SIDE * SIDE }, (_, i) => i + 1);
  const x1 = tensor(input, [1, SIDE, SIDE, 1]);
  const double: Layer = conv(1, 1, { bias: false });
  const weight = tensor([2], [1, 1, 1, 1]);
  const [y1] = double.apply({ params: { weight }, state: [] }, x1, evalMode);

  const of = key(1312);
  const x = normal(fold(of, "image"), [1, SIDE, SIDE, CHANNELS]);
  const kernel = normal(fold(of, "filters"), [1, 1, CHANNELS, FILTERS], {
    deviation: CHANNELS ** -0.5,
  });
  const [y] = conv(FILTERS, 1, { bias: false })
    .apply({ params: { weight: kernel }, state: [] }, x, evalMode);
  const connected = tidy(() => {
    const matrix = reshape(kernel, [CHANNELS, FILTERS]);
    const [rows] = dense(FILTERS, { bias: false })
      .apply({ params: { weight: matrix }, state: [] }, reshape(x, [-1, CHANNELS]), evalMode);
    return rows; // [pixels, filters]
  });
  const [values, weights, output, byDense] = await Promise.all(
    [x, kernel, y, connected].map((t) => t.data()),
  ) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const numbers = Array.from(values.subarray(0, CHANNELS));
  const filter = Array.from({ length: CHANNELS }, (_, c) => weights[c * FILTERS]!);
  const sum = numbers.reduce((sum, value, c) => sum + value * filter[c]!, 0);
  const example: PointwiseExample = {
    one: { input, weight: 2, output: [...await y1.data()] },
    many: {
      numbers,
      weights: filter,
      sum,
      rectified: Math.max(sum, 0),
      shape: y.shape,
    },
    difference: Math.max(
      Math.abs(output[0]! - sum),
      ...output.map((value, i) => Math.abs(value - byDense[i]!)),
    ),
  };
  release([x1, weight, y1, x, kernel, y, connected]);
  return example;
}

/** Gives the example as tables. */
export function pointwiseTables({ one, many }: PointwiseExample): Table[] {
  const number = (value: number) => value.toFixed(3);
  const rows = (values: readonly number[]) =>
    Array.from({ length: SIDE }, (_, i) => values.slice(i * SIDE, (i + 1) * SIDE));
  const shown = [0, 1, 2, 30, 31];
  return [{
    caption:
      `A 1 × 1 convolution on 6 × 6 × 1 multiplies every number with ${one.weight}: the input ` +
      "and, beside it, the output",
    columns: ["row", ...Array(SIDE).fill("in"), ...Array(SIDE).fill("out")],
    rows: rows(one.input).map((row, i) => [
      `${i + 1}`,
      ...row.map(String),
      ...rows(one.output)[i]!.map(String),
    ]),
  }, {
    caption:
      "On 6 × 6 × 32 it takes the 32 numbers of a pixel (not 36 of a channel) times the 32 " +
      "weights of a filter, and adds them up; here for the first pixel and the first filter. The " +
      "output is 6 × 6 × the number of filters",
    columns: ["channel", "number", "weight", "product"],
    rows: [
      ...shown.map((c) => [
        `${c + 1}`,
        number(many.numbers[c]!),
        number(many.weights[c]!),
        number(many.numbers[c]! * many.weights[c]!),
      ]),
      ["sum of all 32", "", "", number(many.sum)],
      ["after ReLU", "", "", number(many.rectified)],
    ],
  }];
}
