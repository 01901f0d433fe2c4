/** Matrix products: transposed, batched, broadcast, and of sizes that have kernels of their own. */

import { ops } from "@fplusx/nn";
import { matMul, sample } from "./reference.ts";
import type { Case, Table } from "./table.ts";

const SHAPES: readonly [a: number[], b: number[]][] = [
  [[2, 3], [3, 4]],
  [[1, 70], [70, 1]],
  [[4, 8], [8, 10]],
  [[9, 17], [17, 5]],
  [[3, 2, 5], [3, 5, 4]],
  [[2, 3, 2, 5], [2, 3, 5, 4]],
  [[1, 3, 4], [5, 4, 2]],
  [[2, 1, 3, 4], [5, 4, 2]],
];
const TRANSPOSED = [[false, false], [false, true], [true, false], [true, true]] as const;

const swap = (shape: readonly number[], yes: boolean) =>
  yes ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;

/** The operations of linear algebra. */
export const products: Table = {
  matMul: {
    cases: SHAPES.flatMap(([a, b]) =>
      TRANSPOSED.map(([transposeA, transposeB]): Case => ({
        inputs: [sample(swap(a, transposeA), 1), sample(swap(b, transposeB), 2)],
        run: (a, b) => ops.matMul(a!, b!, { transposeA, transposeB }),
        is: (a, b) => matMul(a!, b!, transposeA, transposeB),
        terms: 100,
      }))
    ),
  },
};
