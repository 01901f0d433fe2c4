/**
 * The programs of convolutions as they stand: snapshots of their text, and mutants of it, each of which
 * the comparison with the reference has to find.
 *
 * @module
 */

import {
  chunksOf,
  convFilterStrip,
  type FilterSizes,
  type FilterTile,
} from "../../../lib/backend/webgpu/kernels/conv_filter_strip.ts";
import { convFilterTiled } from "../../../lib/backend/webgpu/kernels/conv_filter_tiled.ts";
import {
  backwards,
  type ConvSizes,
  forwards,
} from "../../../lib/backend/webgpu/kernels/conv_sizes.ts";
import {
  convStrip,
  type StripSizes,
  type StripTile,
} from "../../../lib/backend/webgpu/kernels/conv_strip.ts";
import { convTiled } from "../../../lib/backend/webgpu/kernels/conv_tiled.ts";
import { sumParts } from "../../../lib/backend/webgpu/kernels/sum_parts.ts";
import type { ProductTile } from "../../../lib/backend/webgpu/kernels/tiled_product.ts";
import { tensor } from "../../../lib/ops.ts";
import { assertClose } from "../../compare.ts";
import { testMutants } from "./conv_mutants.ts";
import { numbers, windows } from "./conv_reference.ts";
import { assertTwins } from "./halves.ts";
import { assertSnapshot, run, testWebgpu } from "./program.ts";

/** Sizes that fit no tile, and of which no two are alike. */
const SIZES: ConvSizes = {
  batch: 2,
  groups: 1,
  inputs: 5,
  outputs: 6,
  rows: windows(7, 3, { stride: 2, before: 2, after: 1 }),
  columns: windows(10, 4, { stride: 2, before: 1, after: 2 }),
};
/** Sizes that do. */
const ALIGNED: ConvSizes = {
  batch: 1,
  groups: 1,
  inputs: 4,
  outputs: 8,
  rows: windows(4, 3),
  columns: windows(4, 3),
};

const forwardSizes = (
  { batch, groups, inputs, outputs, rows, columns }: ConvSizes,
): StripSizes => ({
  batch,
  groups,
  source: inputs,
  result: outputs,
  rows: forwards(rows),
  columns: forwards(columns),
  along: "result",
  shared: "weights",
});
const inputSizes = ({ batch, groups, inputs, outputs, rows, columns }: ConvSizes): StripSizes => ({
  batch,
  groups,
  source: outputs,
  result: inputs,
  rows: backwards(rows),
  columns: backwards(columns),
  along: "source",
  shared: "weights",
});
const filterSizes = (sizes: ConvSizes): FilterSizes => ({
  ...sizes,
  products: 1,
  shared: "nothing",
});

const STRIP: StripTile = { pixels: 2, channels: 4, sampled: true };
const FILTER: FilterTile = { taps: 3, inputs: 2, outputs: 4, pixels: 2, rows: 3, sampled: true };
const TILE: ProductTile = { rows: 16, columns: 16, depth: 16, tall: 4, wide: 4, splits: 2 };

/** A texture is read alike, whatever it is of. */
const stripFor = (halves: readonly string[]): StripTile => ({ ...STRIP, sampled: !halves.length });
const filterFor = (halves: readonly string[]): FilterTile => ({
  ...FILTER,
  sampled: !halves.length,
});

const [RESULT, WEIGHTS] = [["source", "weights", "result"], ["x", "dy"]];
const sizes = { aligned: ALIGNED, ragged: SIZES };

testMutants(
  {
    name: "conv_strip",
    direction: "forward",
    sizes,
    program: (sizes, halves) => convStrip("conv", forwardSizes(sizes), stripFor(halves), halves),
    halves: RESULT,
  },
  [
    ["tap * 1 + -2", "tap * 1 + -1"], // padding off by one
    ["left >= 1", "left >= 0"], // padding is not zero
    ["left < 8", "left < 9"],
    ["y * 2 + tap", "y * 1 + tap"], // another stride
    ["x * 2 / 1", "x * 1 / 1"],
    ["t >= 48", "t >= 47"], // the last tile is dropped
    ["x + 1 < 5", "x + 1 < 3"],
    ["channel + 1 < 6", "channel + 1 < 5"],
    ["0 * 3 + tap", "0 * 3 + 2 - tap"], // the filter is turned around
    ["weights4(row + 6)", "weights4(row + 1)"], // the filter is transposed
    ["row += 24", "row += 20"], // the rest of the channels
    ["c < 1", "c < 0"],
  ],
  [
    ["f32(source[i + 1])", "f32(source[i + 2])"],
    ["f32(weights[i + 3])", "f32(weights[i + 2])"],
    ["f16(a1_0.y)", "f16(a1_0.x)"],
    // A sum is kept in halves.
    ["fma(vec4f(x0.x), w0_0_0, a0_0)", "vec4f(vec4<f16>(fma(vec4f(x0.x), w0_0_0, a0_0)))"],
  ],
);
testMutants(
  {
    name: "conv_input_gradient_strip",
    direction: "inputGradient",
    sizes,
    program: (sizes, halves) =>
      convStrip("convInputGradient", inputSizes(sizes), stripFor(halves), halves),
    halves: RESULT,
  },
  [
    ["tap * -1 + 2", "tap * -1 + 1"],
    ["left >= 1", "left >= 0"],
    ["left < 4", "left < 5"],
    ["down % 2 != 0", "down % 2 == 0"],
    ["line % 4 * 2", "line % 4 * 1"],
    ["line * 5 + left)", "line * 5 + left + 1)"],
    ["t >= 160", "t >= 149"],
    ["0 * 3 + tap", "0 * 3 + 2 - tap"],
    ["vec4f(v0_0.x, v0_1.x", "vec4f(v0_1.x, v0_0.x"],
    ["channel * 6", "channel * 1"],
  ],
  [
    ["f32(source[i + 1])", "f32(source[i + 2])"],
    ["f32(weights[i + 1])", "f32(weights[i + 0])"],
    ["f16(a1_0.y)", "f16(a1_0.x)"],
  ],
);
testMutants(
  {
    name: "conv_filter_strip",
    direction: "filterGradient",
    sizes,
    program: (sizes, halves) =>
      convFilterStrip("convFilterGradient", filterSizes(sizes), filterFor(halves), halves),
    halves: WEIGHTS,
    parts: (sizes) => chunksOf(sizes, FILTER),
  },
  [
    ["tap * 1 - 2", "tap * 1 - 1"],
    ["left >= 1", "left >= 0"],
    ["left < 11", "left < 12"],
    ["r % 4 * 2", "r % 4 * 1"],
    ["2 * p + 3", "1 * p + 3"],
    ["(chunk + 1) * 3, 8)", "(chunk + 1) * 3, 7)"],
    ["p < 4; p += 2", "p < 2; p += 2"],
    ["let p = 4", "let p = 3"],
    ["t >= 108", "t >= 107"],
    ["some * 3 + 0 < 4", "some * 3 + 0 < 3"],
    ["x2(xAt + 5)", "x2(xAt + 4)"],
    ["dy4(dyAt + 6)", "dy4(dyAt + 5)"],
  ],
  [
    ["f32(x[i + 1]), 0.0", "f32(x[i + 0]), 0.0"],
    ["f32(dy[i + 3])", "f32(dy[i + 2])"],
    ["fma(vec4f(x0_0.x), d0_0, a0_0_0)", "vec4f(vec4<f16>(fma(vec4f(x0_0.x), d0_0, a0_0_0)))"],
  ],
);
testMutants(
  {
    name: "conv_tiled",
    direction: "forward",
    sizes,
    program: (sizes, halves) => convTiled("conv", forwardSizes(sizes), TILE, halves),
    halves: RESULT,
    parts: () => TILE.splits,
  },
  [
    ["tapY * 1 + -2", "tapY * 1 + -1"],
    ["sourceX >= 0", "sourceX >= -1"],
    ["sourceY < 7", "sourceY < 6"],
    ["y * 2 + tapY", "y * 1 + tapY"],
    ["item >= 6", "item >= 5"],
    ["deep += 16", "deep += 32"],
    ["min(first + share, depth)", "min(first + share, depth - 1)"],
    ["n + 1 < 6", "n + 1 < 5"],
    ["m < 40 && y < 4 && x < 5) { if", "m < 36 && y < 4 && x < 5) { if"],
    ["firstY + tap / tapsX", "firstY + tap % tapsX"],
    ["(s) ^ ((down * 1 + 0) & 3)", "s"],
    ["+ channel) * 6", "+ 4 - channel) * 6"],
  ],
  [
    ["value[e] = f32(source", "value[0] = f32(source"],
    ["value[e] = f32(weights", "value[0] = f32(weights"],
    ["f16(c3_0.y)", "f16(c2_0.y)"],
    ["fma(vec4f(x0_0.x), w0_0, c0_0)", "vec4f(vec4<f16>(fma(vec4f(x0_0.x), w0_0, c0_0)))"],
  ],
);
testMutants(
  {
    name: "conv_input_gradient_tiled",
    direction: "inputGradient",
    sizes,
    program: (sizes, halves) => convTiled("convInputGradient", inputSizes(sizes), TILE, halves),
    halves: RESULT,
    parts: () => TILE.splits,
  },
  [
    ["tapY * -1 + 2", "tapY * -1 + 1"],
    ["sourceX >= 0", "sourceX >= -1"],
    ["leadY / 1 * 1 % 2", "leadY / 1 * 0 % 2"],
    ["% 4 * 2 + phase / 2", "% 4 * 2 + phase % 2"],
    ["item >= 24", "item >= 23"],
    ["(depth + 31) / 32", "(depth + 15) / 32"],
    ["n + 0 < 5", "n + 0 < 4"],
    ["tap % tapsX * 2", "tap % tapsX * 1"],
    ["(s) ^ ((down * 1 + 0) & 3)", "s"],
    ["+ channel]", "+ 5 - channel]"],
  ],
  [
    ["value[e] = f32(source", "value[0] = f32(source"],
    ["value[e] = f32(weights", "value[0] = f32(weights"],
    ["f16(c3_0.y)", "f16(c2_0.y)"],
  ],
);
testMutants(
  {
    name: "conv_filter_tiled",
    direction: "filterGradient",
    sizes,
    program: (sizes, halves) =>
      convFilterTiled("convFilterGradient", filterSizes(sizes), TILE, halves),
    halves: WEIGHTS,
    parts: () => TILE.splits,
  },
  [
    ["+ tapY - 2", "+ tapY - 1"],
    ["sourceX >= 0", "sourceX >= -1"],
    ["y * 2 + tapY", "y * 1 + tapY"],
    ["item >= 8", "item >= 7"],
    ["deep += 16", "deep += 32"],
    ["min(first + 32, 40)", "min(first + 32, 39)"],
    ["m < 60 && k", "m < 59 && k"],
    ["n + 1 < 6", "n + 1 < 5"],
    ["tap / 4 * 1", "tap % 4 * 1"],
    ["(4 * s + 1) * 4", "(4 * s + 2) * 4"],
  ],
  [
    ["value[e] = f32(x", "value[0] = f32(x"],
    ["value[e] = f32(dy", "value[0] = f32(dy"],
    ["fma(vec4f(x0_0.x), w0_0, c0_0)", "vec4f(vec4<f16>(fma(vec4f(x0_0.x), w0_0, c0_0)))"],
  ],
);

testWebgpu("Parts are added up", async () => {
  for (const [count, parts, size] of [[1, 3, 8], [2, 5, 6], [3, 1, 4]] as const) {
    const values = numbers("parts", [count, parts, size]);
    const expected = Array.from({ length: count * size }, (_, i) => {
      const first = Math.floor(i / size) * parts * size + i % size;
      let sum = 0;
      for (let part = 0; part < parts; part++) sum += values[first + part * size]!;
      return sum;
    });
    using given = tensor(values);
    const [sums] = await run(sumParts(count, parts, size), [[[count * size], "float32"]], [given]);
    await assertClose(sums!, expected);
  }
  await assertSnapshot("sum_parts", sumParts(1, 3, 8));
});

for (const size of [6, 8]) {
  testWebgpu(`Mutants of sum_parts, ${size} at once, that makes halves die`, () =>
    assertTwins(
      (halves) => sumParts(2, 5, size, halves.length > 0),
      ["sums"],
      [2 * size],
      [numbers("parts", [2, 5, size])],
      [
        ["i < 5", "i < 4"],
        ["at += ", "at += 1 + 0 * "],
        ["sum += ", "sum = "],
        [size === 8 ? "vec4<f16>(sum)" : "f16(sum)", size === 8 ? "vec4<f16>()" : "f16()"],
      ],
    ));
}
