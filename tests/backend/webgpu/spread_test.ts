/**
 * Tensors put into larger ones on WebGPU: padding and the gradients of slices, of any number of axes,
 * against plain loops.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Placing, spreading } from "../../../lib/backend/webgpu/kernels/spread.ts";
import { valueAndGrad } from "../../../lib/grad.ts";
import * as ops from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import { type Shape, sizeOf, type Tensor } from "../../../lib/tensor.ts";
import { tf } from "../../../lib/tfjs.ts";
import { assertMutantsDie, assertSnapshot, run, testWebgpu } from "./program.ts";

const counting = (size: number) => Array.from({ length: size }, (_, i) => i + 1);

/** Axis by axis, where each element goes. */
function spreadOut(x: readonly number[], axes: readonly Placing[], value = 0): number[] {
  const y = Array<number>(axes.reduce((all, { size }) => all * size, 1)).fill(value);
  for (const [i, element] of x.entries()) {
    let [at, step, rest] = [0, 1, i];
    for (const { count, size, first, step: stride } of axes.toReversed()) {
      at += (first + rest % count * stride) * step;
      step *= size;
      rest = Math.floor(rest / count);
    }
    y[at] = element;
  }
  return y;
}

/** Axes with the number of elements, their place, their distance, and how many are left after them. */
const place = (count: number, first = 0, step = 1, after = 0): Placing => {
  return { count, first, step, size: first + (count - 1) * step + 1 + after };
};

const CASES: readonly (readonly Placing[])[] = [
  [place(5, 2, 1, 1)],
  [place(3), place(4, 1), place(8)],
  [place(2), place(5, 1, 1, 1), place(4, 1, 1, 1), place(3)],
  [place(2), place(3, 0, 2, 1), place(3, 1, 3), place(8)],
  [place(2), place(3), place(4), place(4, 2, 1, 2)],
  [place(2, 1), place(1, 0, 1, 2), place(3, 0, 2), place(2), place(5, 1, 2, 1)],
  [place(1, 1), place(2, 1), place(1, 1), place(2, 1), place(1, 1), place(4)],
];

testWebgpu("a spread tensor is that of plain loops", async () => {
  for (const axes of CASES) {
    for (const dtype of ["float32", "int32"] as const) {
      const values = counting(axes.reduce((all, { count }) => all * count, 1));
      const expected = spreadOut(values, axes, -7);
      const x = ops.tensor(dtype === "float32" ? values : Int32Array.from(values));
      const [y] = await run(spreading(axes, dtype, -7), [[[expected.length], dtype]], [x]);
      x.dispose();
      assertEquals([...y!], expected);
    }
  }
});

testWebgpu("padding works for any number of axes, and back", async () => {
  const pairs = [[1, 0], [0, 0], [2, 1], [0, 3], [1, 1]] as const;
  for (let rank = 1; rank <= 5; rank++) {
    const padding = pairs.slice(0, rank);
    const shape = [2, 3, 1, 4, 2].slice(0, rank);
    const values = counting(sizeOf(shape));
    const axes = padding.map(([before, after], axis) => place(shape[axis]!, before, 1, after));
    const size = axes.map(({ size }) => size);
    const x = ops.tensor(values, shape);
    const w = ops.tensor(counting(sizeOf(size)), size);
    const y = ops.pad(x, padding, 0.5);
    assertEquals([y.shape, [...await y.data()]], [size, spreadOut(values, axes, 0.5)]);
    const [value, gradient] = valueAndGrad((x: Tensor) => ops.sum(ops.mul(ops.pad(x, padding), w)))(
      x,
    );
    const weights = spreadOut(values.map((_, i) => -i - 1), axes);
    const expected = values.map((_, i) => weights.indexOf(-i - 1) + 1);
    assertEquals([...await gradient.data()], expected);
    release([x, w, y, value, gradient]);
  }
});

testWebgpu("the gradient of a slice of five axes", async () => {
  const shape = [2, 3, 4, 3, 2];
  const [begin, size] = [[1, 0, 1, 1, 0], [1, 2, 3, 1, 2]];
  const x = ops.tensor(counting(sizeOf(shape)), shape);
  const w = ops.tensor(counting(sizeOf(size)), size);
  const [value, gradient] = valueAndGrad((x: Tensor) =>
    ops.sum(ops.mul(ops.slice(x, begin, size), w))
  )(x);
  const axes = shape.map((all, axis) =>
    place(size[axis]!, begin[axis]!, 1, all - begin[axis]! - size[axis]!)
  );
  assertEquals([...await gradient.data()], spreadOut(counting(sizeOf(size)), axes));
  release([x, w, value, gradient]);
});

testWebgpu("the gradient of a slice with steps, backwards too, and its gradient", async () => {
  const cases: readonly (readonly [Shape, number[], number[], number[]])[] = [
    [[2, 5, 6, 4], [0, 0, 0, 0], [2, 5, 6, 4], [1, 2, 2, 1]],
    [[7], [5], [0], [-2]],
    [[4, 5], [3, 1], [0, 5], [-1, 3]],
    [[2, 3, 2, 5, 2], [0, 0, 0, 1, 0], [2, 3, 2, 5, 2], [1, 2, 1, 3, 1]],
  ];
  for (const [shape, begin, end, strides] of cases) {
    const host = counting(sizeOf(shape));
    const x = ops.tensor(host, shape);
    const take = (x: Tensor) =>
      tf.stridedSlice(x as unknown as tf.Tensor, begin, end, strides) as unknown as Tensor;
    const taken = take(x);
    const chosen = await taken.data();
    // x² gives 2x, and (2x)² gives 8x.
    const [value, gradient] = valueAndGrad((x: Tensor) => ops.sum(ops.square(take(x))))(x);
    const twice = (factor: number) => host.map((v) => chosen.includes(v) ? factor * v : 0);
    assertEquals([...await gradient.data()], twice(2));
    const [again, second] = valueAndGrad((x: Tensor) => {
      const [, slope] = valueAndGrad((x: Tensor) => ops.sum(ops.square(take(x))))(x);
      return ops.sum(ops.square(slope));
    })(x);
    assertEquals([...await second.data()], twice(8));
    release([x, taken, value, gradient, again, second]);
  }
});

const AXES = [place(2), place(3, 2, 2, 2), place(2), place(3, 3, 3, 1), place(8)];

testWebgpu("spreading: the text of its program", async () => {
  await assertSnapshot("spread", spreading(AXES, "float32", 0));
});

testWebgpu("spreading: mutants die", async () => {
  const values = counting(2 * 3 * 2 * 3 * 8);
  const expected = spreadOut(values, AXES);
  await assertMutantsDie(spreading(AXES, "float32", 0), [
    ["place >= 0 && ", ""],
    ["place % 3 == 0 && ", ""],
    ["place / 3 < 3", "place / 3 < 2"],
    [" - 3;", " - 2;"],
    ["t % 2;", "0;"],
    ["var taken = true", "var taken = false"],
    ["f32(0)", "f32(1)"],
  ], async (program) => {
    const x = ops.tensor(values);
    const [y] = await run(program, [[[expected.length], "float32"]], [x]);
    x.dispose();
    assertEquals([...y!], expected);
  });
});
