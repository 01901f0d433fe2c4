/**
 * Operations that WebGPU does in one go, against plain loops in doubles, with the programs for a CPU
 * and for a GPU.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { fused, type FusedKernel } from "../../../lib/fused.ts";
import { tanh, tensor } from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import type { Shape, Tensor } from "../../../lib/tensor.ts";
import { assertClose, sumTolerance } from "../../compare.ts";
import { numbers, sums } from "./channels.ts";
import { testBoth, testWebgpu } from "./program.ts";

const EPSILON = 1e-5;

/** Runs a kernel, which has to be there. */
async function run(
  kernel: FusedKernel,
  inputs: Readonly<Record<string, Tensor>>,
  attributes = {},
): Promise<ArrayLike<number>[]> {
  const results = [
    fused<Tensor | Tensor[]>(kernel, inputs, attributes, () => {
      throw new Error(`no ${kernel}`);
    }),
  ].flat();
  const values = await Promise.all(results.map((x) => x.data()));
  release([results, inputs]);
  return values;
}

const SHAPES: readonly Shape[] = [
  [4, 32, 32, 16],
  [32, 8, 8, 64],
  [3, 7, 7, 513],
  [600, 10],
  [1, 16],
  [2, 3],
  [1, 1],
  [4099, 1],
];

testBoth("batch moments are those of doubles", async () => {
  for (const shape of SHAPES) {
    for (const far of [0, 3, 1000]) {
      const [x, channels] = [numbers("x", shape, far), shape.at(-1)!];
      const rows = x.length / channels;
      const expected = sums(channels, x.length, (i) => x[i]! / rows);
      const squares = sums(
        channels,
        x.length,
        (i) => (x[i]! - expected[i % channels]!) ** 2 / rows,
      );
      const [mean, variance] = await run("FplusxMoments", { x: tensor(x, shape) });
      await assertClose(mean!, expected, sumTolerance(rows, x));
      await assertClose(variance!, squares, sumTolerance(rows, squares));
    }
  }
});

testBoth("running averages are those of doubles", async () => {
  for (const shape of SHAPES) {
    const [x, channels] = [numbers("x", shape, 3), shape.at(-1)!];
    const [mean, variance] = [numbers("mean", [channels]), numbers("variance", [channels], 4)];
    const [rows, decay] = [x.length / channels, 0.75];
    const [now, spread, ...next] = await run("FplusxRunningMoments", {
      x: tensor(x, shape),
      mean: tensor(mean),
      variance: tensor(variance),
    }, { decay });
    const moments = await run("FplusxMoments", { x: tensor(x, shape) });
    assertEquals([now, spread], moments);
    const average = (old: ArrayLike<number>, now: ArrayLike<number>, factor = 1) =>
      Array.from(old, (value, c) => decay * value + (1 - decay) * factor * now[c]!);
    await assertClose(next[0]!, average(mean, now!));
    await assertClose(next[1]!, average(variance, spread!, rows / Math.max(rows - 1, 1)));
  }
});

for (const ending of ["nothing", "relu", "a sum and relu"]) {
  testBoth(`normalization with ${ending}, and its gradient, are those of doubles`, async () => {
    for (const shape of SHAPES) await checkNormalization(shape, ending);
  });
}

async function checkNormalization(shape: Shape, ending: string): Promise<void> {
  const channels = shape.at(-1)!;
  const [x, dy, z] = [numbers("x", shape, 3), numbers("dy", shape), numbers("addend", shape)];
  const [weight, bias] = [numbers("weight", [channels]), numbers("bias", [channels])];
  const rows = x.length / channels;
  const mean = Float32Array.from(sums(channels, x.length, (i) => x[i]! / rows));
  const variance = Float32Array.from(
    sums(channels, x.length, (i) => (x[i]! - mean[i % channels]!) ** 2 / rows),
  );
  const inputs = () => ({
    x: tensor(x, shape),
    mean: tensor(mean),
    variance: tensor(variance),
    weight: tensor(weight),
  });
  const attributes = { epsilon: EPSILON };
  const [rectified, summed] = [ending !== "nothing", ending === "a sum and relu"];
  const relu = rectified ? "Relu" : "";

  const inverse = [...variance].map((v) => 1 / Math.sqrt(v + EPSILON));
  const over = Array.from(x, (x, i) => (x - mean[i % channels]!) * inverse[i % channels]!);
  const expected = over.map((normal, i) => {
    const value = normal * weight[i % channels]! + bias[i % channels]! + (summed ? z[i]! : 0);
    return rectified ? Math.max(value, 0) : value;
  });
  const [y] = await run(`FplusxNormalize${relu}`, {
    ...inputs(),
    bias: tensor(bias),
    ...summed ? { addend: tensor(z, shape) } : {},
  }, attributes);
  await assertClose(y!, expected, sumTolerance(9, expected));

  // What counts as positive is what was found to be.
  const slope = Array.from(dy, (g, i) => rectified && y![i]! <= 0 ? 0 : g);
  const along = sums(channels, x.length, (i) => slope[i]! * over[i]!);
  const shift = sums(channels, x.length, (i) => slope[i]!);
  const [dx, dWeight, dBias, dAddend] = await run(`FplusxNormalize${relu}Gradient`, {
    dy: tensor(dy, shape),
    ...inputs(),
    ...rectified ? { bias: tensor(bias) } : {},
    ...summed ? { y: tensor(Float32Array.from(y!), shape) } : {},
  }, attributes);
  const terms = slope.map((g, i) => g * inverse[i % channels]! * weight[i % channels]!);
  const expectedDx = terms.map((term, i) => {
    const c = i % channels;
    return term - (over[i]! * along[c]! + shift[c]!) / rows * inverse[c]! * weight[c]!;
  });
  // Of a few values in a channel, almost nothing is left of the terms.
  await assertClose(dx!, expectedDx, sumTolerance(rows + 8, terms));
  await assertClose(dWeight!, along, sumTolerance(rows + 8, along));
  await assertClose(dBias!, shift, sumTolerance(rows, shift));
  if (summed) assertEquals([...dAddend as Float32Array], slope);
  else assertEquals(dAddend, undefined);
}

testBoth("what is not a number stays in its channel", async () => {
  const shape = [40, 16];
  const x = numbers("x", shape).fill(NaN, 37, 38); // channel 5
  const moments = await run("FplusxMoments", { x: tensor(x, shape) });
  const lost = (values: ArrayLike<number>) =>
    Array.from(values).flatMap((value, c) => Number.isNaN(value) ? [c] : []);
  assertEquals(moments.map(lost), [[5], [5]]);
  const ones = () => tensor(Array(16).fill(1));
  const [y] = await run("FplusxNormalizeRelu", {
    x: tensor(x, shape),
    mean: ones(),
    variance: ones(),
    weight: ones(),
    bias: ones(),
  }, { epsilon: EPSILON });
  assertEquals(lost(y!), [37]);
});

testWebgpu("scaled sums and gradients of relu are exact for every length", async () => {
  for (const size of [1, 3, 4, 5, 64, 1003]) {
    const x = Float32Array.from({ length: size }, (_, i) => (i * 7) % 5 - 2);
    const y = Float32Array.from({ length: size }, (_, i) => (i * 3) % 7 - 3);
    const inputs = { x: tensor(x), y: tensor(y), factor: tensor([0.5], []) };
    const [sum] = await run("FplusxAddScaled", inputs);
    assertEquals([...sum as Float32Array], [...x].map((value, i) => value + 0.5 * y[i]!));
    const [dx] = await run("FplusxReluGradient", { dy: tensor(y), x: tensor(x) });
    assertEquals([...dx as Float32Array], [...x].map((value, i) => value <= 0 ? 0 : y[i]!));
  }
  for (const extra of [[], [3]]) {
    const x = tensor([NaN, Infinity, -Infinity, -0, 0, 1e-30, 1, -1, ...extra]);
    const dy = tensor(Array(x.size).fill(2));
    const [dx] = await run("FplusxReluGradient", { dy, x });
    assertEquals([...dx as Float32Array], [2, 2, 0, 0, 0, 2, 2, 0, ...extra.map(() => 2)]);
  }
});

testWebgpu("tanh keeps its digits near zero, and its limits", async () => {
  const host = [0, 1e-20, 1e-6, -1e-3, 0.1, 0.1999, 0.2001, -0.5, 1, 3, -9, 50, -1e30, Infinity];
  for (const values of [host, [...host, 0.05]]) {
    const x = tensor(values);
    const y = tanh(x);
    const expected = values.map((value) => Math.tanh(Math.fround(value)));
    await assertClose(y, expected, { absolute: 0, relative: 5e-7 });
    release([x, y]);
  }
  const special = tensor([NaN, -Infinity, -0, 1]);
  const limits = tanh(special);
  const [first, second, third] = await limits.data();
  assertEquals([first, second, third], [NaN, -1, -0]);
  release([special, limits]);
});
