/** The operations that make tensors, and change what their elements are. */

import { ops, type Tensor } from "@fplusx/nn";
import { build, mapped, type Nd, sample } from "./reference.ts";
import type { Operation, Table } from "./table.ts";

/** Tensors made of nothing, with their values. */
const made = (...pairs: [run: () => Tensor, is: Nd][]): Operation => ({
  differentiable: false,
  cases: pairs.map(([run, is]) => ({ inputs: [], run, is: () => is })),
});
const constant = (shape: number[], value: number): Nd => build(shape, () => value);
const floats = (x: Tensor): Tensor => ops.cast(x, "float32");

function conversion(dtype: "int32" | "bool", f: (x: number) => number): Operation["cases"][number] {
  return {
    inputs: [mapped((x) => Math.abs(x) < 1 ? 0 : x)(sample([9], 1, -4, 4))],
    run: (x) => floats(ops.cast(x!, dtype)),
    is: mapped(f),
  };
}

/** The operations that make tensors, and change what their elements are. */
export const creation: Table = {
  tensor: made(
    [() => ops.tensor([0, 1, 2, 3, 4, 5], [2, 3]), build([2, 3], (i, j) => 3 * i! + j!)],
    [() => floats(ops.tensor(Int32Array.of(0, 1, 2))), build([3], (i) => i!)],
    [() => floats(ops.tensor(Uint8Array.of(0, 1))), build([2], (i) => i!)],
  ),
  scalar: made(
    [() => ops.scalar(2.5), constant([], 2.5)],
    [() => floats(ops.scalar(7, "int32")), constant([], 7)],
  ),
  fill: made([() => ops.fill([2, 3], 0.5), constant([2, 3], 0.5)]),
  ones: made([() => ops.ones([2, 3]), constant([2, 3], 1)]),
  zeros: made(
    [() => ops.zeros([2, 3]), constant([2, 3], 0)],
    [() => floats(ops.zeros([2], "bool")), constant([2], 0)],
  ),
  zerosLike: {
    differentiable: false,
    cases: [{ inputs: [sample([2, 3])], run: (x) => ops.zerosLike(x!), is: mapped(() => 0) }],
  },
  oneHot: made([
    () => ops.oneHot(ops.tensor(Int32Array.of(2, 0, 3)), 4),
    build([3, 4], (i, j) => Number([2, 0, 3][i!] === j)),
  ], [
    () => ops.oneHot(ops.tensor(Int32Array.of(0, 0)), 1),
    constant([2, 1], 1),
  ]),
  cast: {
    differentiable: false,
    cases: [conversion("int32", Math.trunc), conversion("bool", (x) => Number(x !== 0))],
  },
};
