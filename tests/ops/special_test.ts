/** Where the backends of tfjs disagree, or are silent: NaN, infinities, ties, nothing at all. */

import { assertEquals, assertThrows } from "@std/assert";
import {
  ArgumentError,
  EmptyError,
  grad,
  ops,
  type PoolGeometry,
  type Tensor,
  tensor,
} from "@fplusx/nn";
import { testEach } from "../backends.ts";

const { NaN: N, POSITIVE_INFINITY: I } = Number;
const special = [N, I, -I, 0, -1, 1];

async function read(f: () => Tensor): Promise<number[]> {
  const y = ops.tidy(f);
  const values = [...await y.data()].map((value) => value + 0); // no -0
  y.dispose();
  return values;
}

/** Tests what operations give, by name. */
function testValues(
  what: string,
  cases: Readonly<Record<string, readonly [f: () => Tensor, expected: readonly number[]]>>,
): void {
  testEach(what, async () => {
    for (const [name, [f, expected]] of Object.entries(cases)) {
      assertEquals(await read(f), [...expected], name);
    }
  });
}

const x = (): Tensor => tensor(special);
const gradient = (f: (x: Tensor) => Tensor, values: number[], shape?: number[]): Tensor =>
  grad(([x]: [Tensor]) => ops.sum(f(x)))([tensor(values, shape)])[0];

testValues("NaN and the infinities come through", {
  neg: [() => ops.neg(x()), [N, -I, I, 0, 1, -1]],
  abs: [() => ops.abs(x()), [N, I, I, 0, 1, 1]],
  square: [() => ops.square(x()), [N, I, I, 0, 1, 1]],
  sqrt: [() => ops.sqrt(x()), [N, I, N, 0, N, 1]],
  rsqrt: [() => ops.rsqrt(x()), [N, 0, N, I, N, 1]],
  log: [() => ops.log(x()), [N, I, N, -I, N, 0]],
  relu: [() => ops.relu(x()), [N, I, 0, 0, 0, 1]],
  clip: [() => ops.clip(x(), -2, 0.5), [N, 0.5, -2, 0, -1, 0.5]],
  maximum: [() => ops.maximum(x(), 0.5), [N, I, 0.5, 0.5, 0.5, 1]],
  minimum: [() => ops.minimum(0.5, x()), [N, 0.5, -I, 0, -1, 0.5]],
  add: [() => ops.add(x(), I), [N, I, N, I, I, I]],
  mul: [() => ops.mul(x(), 0), [N, N, N, 0, 0, 0]],
  div: [() => ops.div(x(), 0), [N, I, -I, N, -I, I]],
  greater: [() => ops.greater(x(), 0), [0, 1, 0, 0, 0, 1]],
  equal: [() => ops.equal(x(), x()), [0, 1, 1, 1, 1, 1]],
  where: [() => ops.where(ops.greater(x(), 0), x(), 7), [7, I, 7, 7, 7, 1]],
  cast: [() => ops.cast(x(), "bool"), [1, 1, 1, 0, 1, 1]],
  sum: [() => ops.sum(tensor([1, N, 2, 3, 4, 5], [3, 2]), 0), [7, N]],
  mean: [() => ops.mean(tensor([1, I, 2, 3], [2, 2]), 0), [1.5, I]],
  max: [() => ops.max(tensor([1, N, -I, -I], [2, 2]), 1), [N, -I]],
  softmax: [() => ops.softmax(tensor([0, -I, 0])), [0.5, 0, 0.5]],
  matMul: [() => ops.matMul(tensor([1, N, 3, 4], [2, 2]), tensor([1, 0], [2, 1])), [N, 3]],
});

testValues("Powers at the edges are those of IEEE 754", {
  "-1": [() => ops.pow(tensor([-2, 0, I, -I, N]), -1), [-0.5, I, 0, 0, N]],
  "0": [() => ops.pow(tensor([-2, 0, I, N]), 0), [1, 1, 1, 1]],
  "0.5": [() => ops.pow(tensor([-2, 0, 4, I]), 0.5), [N, 0, 2, I]],
  "3": [() => ops.pow(tensor([-2, 0, I, -I]), 3), [-8, 0, I, -I]],
  "of zero": [() => ops.pow(0, tensor([0, 1, -1])), [1, 0, I]],
});

const twoByTwo: PoolGeometry = { size: [2, 2], strides: [1, 1], padding: [[0, 0], [0, 0]] };
const pool = (values: number[]) => ops.maxPool2d(tensor(values, [1, 2, 3, 1]), twoByTwo);
const poolGradient = (values: number[]) =>
  gradient((x) => ops.maxPool2d(x, twoByTwo), values, [1, 2, 3, 1]);

testValues("Max pooling keeps NaN and the infinities, and a tie goes to the first", {
  "NaN first": [() => pool([N, 2, 3, 4, 5, 6]), [N, 6]],
  "NaN last": [() => pool([1, 2, 3, 4, 5, N]), [5, N]],
  "-Infinity": [() => pool([-I, -I, I, -I, -I, 6]), [-I, I]],
  "below -1e20": [() => pool([-3e38, -3e38, 1, -3e38, -3e38, 0]), [Math.fround(-3e38), 1]],
  "gradient of a tie": [() => poolGradient([1, 1, 1, 1, 1, 1]), [1, 1, 0, 0, 0, 0]],
  "gradient of NaN": [() => poolGradient([9, N, 1, 1, 1, 1]), [0, 2, 0, 0, 0, 0]],
  "gradient of -Infinity": [() => poolGradient([-I, -I, 1, -I, -I, 0]), [1, 0, 1, 0, 0, 0]],
});

testValues("Of several largest values the first is found", {
  argMax: [() => ops.argMax(tensor([1, 4, 3, 4])), [1]],
  "in a long row": [
    () => ops.argMax(tensor(Array.from({ length: 3000 }, (_, i) => i % 7 === 3 ? 5 : 0))),
    [3],
  ],
  "along columns": [() => ops.argMax(tensor([1, 5, 2, 5, 2, 0], [3, 2]), 0), [1, 0]],
  topK: [() => ops.topK(tensor([4, 1, 4, 4]), 3)[1], [0, 2, 3]],
});

testValues("At a kink the gradient is the one on the side of PyTorch", {
  relu: [() => gradient(ops.relu, [0, -1, 1]), [0, 0, 1]],
  clip: [() => gradient((x) => ops.clip(x, -1, 1), [-1, 1, 0, 2]), [1, 1, 1, 0]],
});

testValues("Nothing sums to zero, and may be joined and added", {
  sum: [() => ops.sum(tensor([], [0, 3]), 0), [0, 0, 0]],
  "sum of all": [() => ops.sum(tensor([], [0, 3])), [0]],
  "sum that keeps the axis": [() => ops.sum(tensor([], [0, 3]), 1, true), []],
  concat: [() => ops.concat([tensor([], [0, 2]), tensor([1, 2], [1, 2])], 0), [1, 2]],
  add: [() => ops.add(tensor([], [0, 2]), tensor([1, 2])), []],
  pow: [() => ops.pow(tensor([], [0, 2]), tensor([1, 2])), []],
  tanh: [() => ops.tanh(tensor([], [0, 2])), []],
  argMax: [() => ops.argMax(tensor([], [0, 2]), 1), []],
});

testEach("Nothing has no mean and no maximum", () => {
  const nothing = tensor([], [0, 3]);
  for (const [name, f] of [["mean", ops.mean], ["maximum", ops.max]] as const) {
    const { message } = assertThrows(() => f(nothing, 0), EmptyError);
    assertEquals(message, `Cannot take the ${name} of shape [0,3]: need at least one element`);
  }
  nothing.dispose();
});

testEach("A row that does not exist cannot be gathered", () => {
  const table = tensor([1, 2, 3]);
  for (const row of [3, -1]) {
    const rows = tensor(Int32Array.of(0, row));
    const { message } = assertThrows(() => ops.gather(table, rows), ArgumentError);
    assertEquals(message, `Cannot gather row ${row}: need an index from 0 to 2`);
    rows.dispose();
  }
  table.dispose();
});

testValues("Integers and booleans are computed with", {
  add: [() => ops.add(integers(1, 2), integers(5, -7)), [6, -5]],
  mul: [() => ops.mul(integers(1, 2), integers(5, -7)), [5, -14]],
  neg: [() => ops.neg(integers(1, -2)), [-1, 2]],
  abs: [() => ops.abs(integers(1, -2)), [1, 2]],
  sum: [() => ops.sum(integers(1, 2)), [3]],
  max: [() => ops.max(integers(1, 2)), [2]],
  transpose: [() => ops.transpose(ops.reshape(integers(1, 2, 3, 4), [2, 2]), [1, 0]), [1, 3, 2, 4]],
  gather: [() => ops.gather(integers(10, 20, 30), integers(1, 2)), [20, 30]],
  where: [() => ops.where(ops.greater(integers(1, -2), 0), integers(1, 2), integers(5, -7)), [
    1,
    -7,
  ]],
  "sum of booleans": [() => ops.sum(ops.greater(tensor([1, -1, 2]), 0)), [2]],
});
function integers(...values: number[]): Tensor {
  return tensor(Int32Array.from(values));
}
