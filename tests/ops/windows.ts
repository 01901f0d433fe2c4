/** The operations that slide a window over images. */

import { type ConvGeometry, ops, type PoolGeometry } from "@fplusx/nn";
import { largest, mean } from "./reductions.ts";
import { convolution, pooled, sample, type Windows } from "./reference.ts";
import type { Case, Operation, Table } from "./table.ts";

const NONE = [[0, 0], [0, 0]] as const;
const ONE = [[1, 1], [1, 1]] as const;
const TWO = [[2, 2], [2, 2]] as const;

function convolving(x: number[], kernel: number[], geometry: ConvGeometry): Case {
  const { strides, padding, dilations = [1, 1], groups = 1 } = geometry;
  const windows: Windows = { size: [kernel[0]!, kernel[1]!], strides, padding, dilations };
  return {
    inputs: [sample(x, 1), sample(kernel, 2)],
    run: (x, kernel) => ops.conv2d(x!, kernel!, geometry),
    is: (x, kernel) => convolution(x!, kernel!, windows, groups),
    terms: 200,
  };
}

const POOLS: readonly [shape: number[], geometry: PoolGeometry][] = [
  [[2, 4, 6, 3], { size: [2, 2], strides: [2, 2], padding: NONE }],
  [[1, 7, 7, 4], { size: [3, 3], strides: [2, 2], padding: ONE }],
  [[1, 5, 4, 2], { size: [3, 2], strides: [1, 1], padding: [[1, 0], [0, 1]] }],
  [[2, 4, 4, 8], { size: [4, 4], strides: [4, 4], padding: NONE }],
];
/** All negative as well: no zero may come in from the border. */
const RANGES = [[-1, 1], [-3, -1]] as const;

function pooling(name: "maxPool2d" | "avgPool2d", f: (x: readonly number[]) => number): Operation {
  return {
    cases: POOLS.flatMap(([shape, geometry]) =>
      RANGES.map(([low, high]) => ({
        inputs: [sample(shape, 1, low, high)],
        run: (x) => ops[name](x!, geometry),
        is: (x) => pooled(f, x!, { ...geometry, dilations: [1, 1] }),
        terms: 20,
      }))
    ),
  };
}

/** The operations that slide a window over images. */
export const windows: Table = {
  conv2d: {
    cases: [
      convolving([2, 5, 4, 3], [3, 3, 3, 2], { strides: [1, 1], padding: ONE }),
      convolving([1, 6, 5, 4], [3, 3, 4, 8], { strides: [1, 1], padding: ONE }),
      convolving([1, 7, 6, 4], [3, 3, 4, 4], { strides: [2, 2], padding: ONE }),
      convolving([1, 6, 7, 2], [3, 2, 2, 5], { strides: [2, 1], padding: [[0, 1], [1, 0]] }),
      convolving([2, 4, 4, 8], [1, 1, 8, 4], { strides: [1, 1], padding: NONE }),
      convolving([1, 5, 5, 4], [1, 1, 4, 3], { strides: [2, 2], padding: NONE }),
      convolving([1, 9, 8, 3], [5, 5, 3, 4], { strides: [3, 3], padding: TWO }),
      convolving([1, 7, 7, 2], [3, 3, 2, 3], { strides: [1, 1], padding: ONE, dilations: [2, 2] }),
      convolving([1, 9, 9, 2], [3, 3, 2, 4], { strides: [2, 2], padding: ONE, dilations: [2, 1] }),
      convolving([1, 5, 5, 6], [3, 3, 3, 4], { strides: [1, 1], padding: ONE, groups: 2 }),
      convolving([1, 4, 5, 12], [2, 3, 3, 4], { strides: [2, 1], padding: ONE, groups: 4 }),
      convolving([1, 2, 2, 64], [1, 2, 2, 32], { strides: [1, 1], padding: NONE, groups: 32 }),
      convolving([1, 7, 7, 6], [3, 3, 2, 3], {
        strides: [2, 2],
        padding: [[1, 2], [0, 1]],
        groups: 3,
        dilations: [2, 1],
      }),
      convolving([2, 5, 5, 3], [3, 3, 1, 3], { strides: [1, 1], padding: ONE, groups: 3 }),
      convolving([1, 6, 6, 4], [3, 3, 1, 4], { strides: [2, 2], padding: ONE, groups: 4 }),
      convolving([1, 5, 5, 2], [3, 3, 1, 4], { strides: [1, 1], padding: NONE, groups: 2 }),
      convolving([1, 7, 7, 2], [3, 3, 1, 2], {
        strides: [1, 1],
        padding: ONE,
        groups: 2,
        dilations: [2, 2],
      }),
    ],
  },
  maxPool2d: pooling("maxPool2d", largest),
  avgPool2d: pooling("avgPool2d", mean),
};
