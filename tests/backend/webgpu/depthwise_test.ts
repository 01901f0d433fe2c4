/**
 * The programs of convolutions of each channel by itself, as they stand: snapshots of their text, and
 * mutants of it. What they compute at other sizes is tested with the other convolutions.
 *
 * @module
 */

import {
  backwards,
  type ConvSizes,
  forwards,
  type Walk,
  type Windows,
} from "../../../lib/backend/webgpu/kernels/conv_sizes.ts";
import { depthwiseFilter } from "../../../lib/backend/webgpu/kernels/depthwise_filter.ts";
import { depthwiseStrip } from "../../../lib/backend/webgpu/kernels/depthwise_strip.ts";
import type { Program } from "../../../lib/backend/webgpu/program.ts";
import { testMutants } from "./conv_mutants.ts";
import { square, windows } from "./conv_reference.ts";

const sizes: { readonly aligned: ConvSizes; readonly ragged: ConvSizes } = {
  aligned: square(1, 4, [8, 8], 3, { groups: 8 }),
  ragged: {
    ...square(2, 1, [5, 5], 1, { groups: 5 }),
    rows: windows(7, 3, { stride: 2, before: 2, after: 1 }),
    columns: windows(10, 4, { stride: 2, before: 1, after: 2 }),
  },
};
const strip = (name: string, walk: (windows: Windows) => Walk) => ({
  halves: ["source", "weights", "result"],
  program(
    { batch, groups: channels, rows, columns }: ConvSizes,
    halves: readonly string[],
  ): Program {
    const sizes = { batch, channels, rows: walk(rows), columns: walk(columns) };
    return depthwiseStrip(name, sizes, { pixels: 2, sampled: !halves.length }, halves);
  },
});
const FILTER = { lines: 3, pixels: 2, sampled: true };

testMutants({
  name: "depthwise_strip",
  direction: "forward",
  sizes,
  ...strip("depthwiseConv", forwards),
}, [
  ["tap * 1 + -2", "tap * 1 + -1"], // padding off by one
  ["left >= 1", "left >= 0"], // padding is not zero
  ["left < 8", "left < 9"],
  ["y * 2 + tap", "y * 1 + tap"], // another stride
  ["x * 2 / 1", "x * 1 / 1"],
  ["t >= 120", "t >= 119"], // the last strip is dropped
  ["x + 1 < 5", "x + 1 < 3"],
  ["channel = t % 5", "channel = t % 4"], // a channel is dropped
  ["row = tap * 20", "row = (2 - tap) * 20"], // the filter is turned around
  ["weights1(row + 5)", "weights1(row + 6)"], // another channel's weights
  ["n * 7 + down", "down"], // another image
  ["a1 = fma(x3", "a1 = fma(x4"],
], [
  ["f32(source[i + 0])", "f32(source[i + 1])"],
  ["f32(weights[i + 0])", "f32(weights[i + 1])"],
  ["f16(a1)", "f16(a0)"],
  ["fma(x0, w0, a0)", "f32(f16(fma(x0, w0, a0)))"],
]);
testMutants({
  name: "depthwise_input_gradient_strip",
  direction: "inputGradient",
  sizes,
  ...strip("depthwiseConvInputGradient", backwards),
}, [
  ["tap * -1 + 2", "tap * -1 + 1"],
  ["left >= 1", "left >= 0"],
  ["left < 4", "left < 5"],
  ["down % 2 != 0", "down % 2 == 0"],
  ["line % 4 * 2", "line % 4 * 1"],
  ["line * 5 + left)", "line * 5 + left + 1)"],
  ["t >= 400", "t >= 374"],
  ["row = tap * 20", "row = (2 - tap) * 20"],
  ["weights1(row + 10)", "weights1(row + 5)"],
  ["n * 4 + down", "down"],
  ["x * 1 / 2", "x * 1 / 1"],
], [
  ["f32(source[i + 0])", "f32(source[i + 1])"],
  ["f32(weights[i + 0])", "f32(weights[i + 1])"],
  ["f16(a1)", "f16(a0)"],
]);
testMutants({
  name: "depthwise_filter",
  direction: "filterGradient",
  sizes,
  halves: ["x", "dy"],
  program: ({ batch, groups: channels, rows, columns }, halves) =>
    depthwiseFilter(
      "depthwiseConvFilterGradient",
      { batch, channels, rows, columns },
      { ...FILTER, sampled: !halves.length },
      halves,
    ),
  parts: ({ batch, rows }) => Math.ceil(batch * rows.count / FILTER.lines),
}, [
  ["tap * 1 - 2", "tap * 1 - 1"],
  ["left >= 1", "left >= 0"],
  ["left < 8", "left < 9"],
  ["r % 4 * 2", "r % 4 * 1"],
  ["left = p * 2", "left = p * 1"],
  ["(chunk + 1) * 3, 8)", "(chunk + 1) * 3, 7)"], // the last row is dropped
  ["r < min((chunk + 1) * 3", "r < min((chunk + 1) * 2"],
  ["p < 4; p += 2", "p < 2; p += 2"],
  ["let p = 4", "let p = 3"],
  ["t >= 45", "t >= 44"],
  ["r / 4 * 7", "0 * 7"],
  ["dyAt + 5", "dyAt + 0"],
  ["a2 = fma(v4, d1", "a2 = fma(v3, d1"],
], [
  ["f32(x[i + 0])", "f32(x[i + 1])"],
  ["f32(dy[i + 0])", "f32(dy[i + 1])"],
  ["a2 = fma(v4, d1, a2)", "a2 = f32(f16(fma(v4, d1, a2)))"],
]);
