/**
 * Operations that WASM does in one go, against their definitions in doubles.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { fused, type FusedKernel } from "../../lib/fused.ts";
import { release } from "../../lib/ownership.ts";
import { type Shape, sizeOf, type Tensor } from "../../lib/tensor.ts";
import { tensor } from "../../lib/ops.ts";
import { testEach } from "../backends.ts";

const EPSILON = 1e-5;

/** Runs a kernel, which has to be there. */
async function run(
  kernel: FusedKernel,
  inputs: Readonly<Record<string, Tensor>>,
  attributes = {},
): Promise<Float32Array[]> {
  const results: Tensor[] = [
    fused<Tensor | Tensor[]>(kernel, inputs, attributes, () => {
      throw new Error(`no ${kernel}`);
    }),
  ].flat();
  const values = await Promise.all(results.map((x) => x.data() as Promise<Float32Array>));
  release([results, inputs]);
  return values;
}

/** Numbers with a mean and a deviation of their own for each channel. */
function numbers(shape: Shape, seed: number, mean = 3): Float32Array {
  const channels = shape.at(-1)!;
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
    const c = i % channels;
    return mean * (c % 5 - 1) + (1 + c % 3) * Math.sin((i + seed) * (i % 97 + 1.3));
  });
}

/** The largest difference, relative to a scale: by default the largest expected number. */
function differenceOf(
  actual: Float32Array,
  expected: readonly number[],
  scale = largest(expected),
): number {
  assertEquals(actual.length, expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value))) / scale;
}

const largest = (values: readonly number[]) => Math.max(1e-30, ...values.map(Math.abs));
const perChannel = (channels: number, f: (c: number) => number) =>
  Array.from({ length: channels }, (_, c) => f(c));

function momentsOf(x: Float32Array, channels: number): [mean: number[], variance: number[]] {
  const rows = x.length / channels;
  const average = (f: (value: number, c: number) => number) =>
    perChannel(channels, (c) => {
      let sum = 0;
      for (let i = c; i < x.length; i += channels) sum += f(x[i]!, c);
      return sum / rows;
    });
  const mean = average((value) => value);
  return [mean, average((value, c) => (value - mean[c]!) ** 2)];
}

// Fewer than a long row, whole blocks, and what is left over; channels that fit vectors, or do not.
const SHAPES = [[2, 3], [1, 16], [7, 4, 1], [9, 5, 7, 16], [600, 10], [33, 5, 64], [700, 13], [
  70,
  300,
]];

testEach("batch moments are those of doubles", async () => {
  for (const shape of SHAPES) {
    for (const mean of [0, 3, 1000]) {
      const x = numbers(shape, 1, mean);
      const [actual, variance] = await run("FplusxMoments", { x: tensor(x, shape) });
      const expected = momentsOf(x, shape.at(-1)!);
      assert(differenceOf(actual!, expected[0]) < 1e-6, `${shape}, ${mean}: mean ${actual}`);
      assert(differenceOf(variance!, expected[1]) < 2e-6, `${shape}, ${mean}: ${variance}`);
    }
  }
}, ["wasm"]);

testEach("normalization and its gradient are those of doubles", async () => {
  for (const shape of SHAPES) {
    const channels = shape.at(-1)!;
    const [x, dy] = [numbers(shape, 1), numbers(shape, 2)];
    const [weight, bias] = [numbers([channels], 3), numbers([channels], 4)];
    const [mean, variance] = momentsOf(x, channels).map((all) => Float32Array.from(all)) as [
      Float32Array,
      Float32Array,
    ];
    const inputs = () => ({
      x: tensor(x, shape),
      mean: tensor(mean),
      variance: tensor(variance),
      weight: tensor(weight),
    });
    const inverse = [...variance].map((v) => 1 / Math.sqrt(v + EPSILON));
    const over = (i: number) => (x[i]! - mean[i % channels]!) * inverse[i % channels]!;
    const [y] = await run("FplusxNormalize", { ...inputs(), bias: tensor(bias) }, {
      epsilon: EPSILON,
    });
    const expected = Array.from(
      x,
      (_, i) => over(i) * weight[i % channels]! + bias[i % channels]!,
    );
    assert(differenceOf(y!, expected) < 1e-6, `${shape}`);

    const sums = (f: (i: number) => number) =>
      perChannel(channels, (c) => {
        let sum = 0;
        for (let i = c; i < x.length; i += channels) sum += f(i);
        return sum;
      });
    const [dx, dWeight, dBias] = await run(
      "FplusxNormalizeGradient",
      { dy: tensor(dy, shape), ...inputs() },
      { epsilon: EPSILON },
    );
    const [slope, shift] = [sums((i) => dy[i]! * over(i)), sums((i) => dy[i]!)];
    const rows = x.length / channels;
    const expectedDx = Array.from(x, (_, i) => {
      const c = i % channels;
      return (dy[i]! - over(i) * slope[c]! / rows - shift[c]! / rows) * inverse[c]! * weight[c]!;
    });
    // Of two values in a channel, almost nothing is left of the gradient.
    const terms = Array.from(dy, (g, i) => g * inverse[i % channels]! * weight[i % channels]!);
    assert(differenceOf(dx!, expectedDx, largest(terms)) < 2e-6, `${shape}`);
    assert(differenceOf(dWeight!, slope) < 2e-6, `${shape}`);
    assert(differenceOf(dBias!, shift) < 2e-6, `${shape}`);
  }
}, ["wasm"]);

testEach("what is not a number stays in its channel", async () => {
  const shape = [40, 16];
  const x = numbers(shape, 1).fill(NaN, 37, 38); // channel 5
  const [mean, variance] = await run("FplusxMoments", { x: tensor(x, shape) });
  const lost = (values: Float32Array) => [...values].flatMap((v, c) => Number.isNaN(v) ? [c] : []);
  assertEquals([lost(mean!), lost(variance!)], [[5], [5]]);
}, ["wasm"]);

testEach("scaled sums and gradients of relu are exact for every length", async () => {
  for (const size of [1, 3, 4, 5, 64, 1003]) {
    const x = Float32Array.from({ length: size }, (_, i) => (i * 7) % 5 - 2);
    const y = Float32Array.from({ length: size }, (_, i) => (i * 3) % 7 - 3);
    const [sum] = await run("FplusxAddScaled", {
      x: tensor(x),
      y: tensor(y),
      factor: tensor([0.5], []),
    });
    assertEquals([...sum!], [...x].map((value, i) => value + 0.5 * y[i]!));
    const [dx] = await run("FplusxReluGradient", { dy: tensor(y), x: tensor(x) });
    assertEquals([...dx!], [...x].map((value, i) => value <= 0 ? 0 : y[i]!));
  }
  const special = [NaN, Infinity, -Infinity, -0, 0, 1e-45];
  const [dx] = await run("FplusxReluGradient", {
    dy: tensor(Array(6).fill(2)),
    x: tensor(special),
  });
  assertEquals([...dx!], [2, 2, 0, 0, 0, 2]);
}, ["wasm"]);
