/** The operations that fold axes. */

import { ops } from "@fplusx/nn";
import { at, build, mapped, range, reduced, sample, softmax, total } from "./reference.ts";
import type { Case, Operation, Table } from "./table.ts";

/** Roundings in the longest sum, and in the exponentials of softmax. */
const TERMS = 300;
const AXES = [undefined, [0], [-1], [0, 2], [1, 2, 3], [0, 1, 2]] as const;

/** The mean of numbers. */
export const mean = (x: readonly number[]): number => total(x) / x.length;
/** The largest of numbers. */
export const largest = (x: readonly number[]): number => Math.max(...x);

function fold(name: "sum" | "mean" | "max", f: (x: readonly number[]) => number): Operation {
  const one = (shape: number[], axes?: readonly number[], keepAxes = false): Case => ({
    inputs: [sample(shape)],
    run: (x) => ops[name](x!, axes, keepAxes),
    is: (x) => reduced(f, x!, axes, keepAxes),
    terms: TERMS,
  });
  return {
    cases: [
      ...AXES.map((axes) => one([2, 3, 4, 5], axes)),
      ...AXES.map((axes) => one([4, 2, 8, 4], axes, true)),
      one([7]),
      one([300, 2], [0]),
    ],
  };
}

const descending = (x: readonly number[]) => [...x].sort((a, b) => b - a);
const logits = [[2, 5], [2, 3, 8], [64]].map((shape) => sample(shape, 1, -4, 4));

/** The operations that fold axes. */
export const reductions: Table = {
  sum: fold("sum", total),
  mean: fold("mean", mean),
  max: fold("max", largest),
  argMax: {
    differentiable: false,
    cases: [0, 1, -1].map((axis) => ({
      inputs: [sample([4, 7, 3])],
      run: (x) => ops.cast(ops.argMax(x!, axis), "float32"),
      is: (x) => reduced((x) => x.indexOf(largest(x)), x!, [axis]),
    })),
  },
  topK: {
    differentiable: false,
    cases: [1, 2, 5].map((k) => ({
      inputs: [sample([3, 5])],
      run: (x) => {
        const [values, indices] = ops.topK(x!, k);
        return ops.add(values, ops.mul(10, ops.cast(indices, "float32")));
      },
      is: (x) =>
        build([3, k], (i, j) => {
          const row = range(5).map((c) => at(x!, [i!, c]));
          const value = descending(row)[j!]!;
          return value + 10 * row.indexOf(value);
        }),
      terms: 10,
    })),
  },
  softmax: {
    cases: logits.map((x) => ({
      inputs: [x],
      run: (x) => ops.softmax(x!),
      is: (x) => softmax(x!),
      terms: TERMS,
    })),
  },
  logSoftmax: {
    cases: logits.map((x) => ({
      inputs: [x],
      run: (x) => ops.logSoftmax(x!),
      is: (x) => mapped(Math.log)(softmax(x!)),
      terms: TERMS,
    })),
  },
};
