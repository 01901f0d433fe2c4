/**
 * Lines that are longer than Mesa's llvmpipe lets a thread loop: what is shared out among threads is
 * right, and what cannot be is refused.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { crossEntropy } from "../../../lib/train/loss.ts";
import { BackendError } from "../../../lib/errors.ts";
import { layerNorm } from "../../../lib/layers/norm.ts";
import * as ops from "../../../lib/ops.ts";
import { key } from "../../../lib/key.ts";
import { evalMode } from "../../../lib/layer.ts";
import { release } from "../../../lib/ownership.ts";
import { tf } from "../../../lib/tfjs.ts";
import type { Tensor } from "../../../lib/tensor.ts";
import { assertClose, sumTolerance } from "../../compare.ts";
import { uniform } from "../../formula.ts";
import { gpu, testWebgpu } from "./program.ts";

/** Odd, so that elements are read one by one; a thread may take 65,535 rounds. */
const LENGTH = 300_001;
/** Of products, of which a thread takes four at once. */
const DEPTH = 300_000;

const values = (name: string, count: number): Float32Array => {
  const at = uniform(name);
  return Float32Array.from({ length: count }, (_, i) => at(i));
};
const sumOf = (x: Float32Array, f: (value: number, i: number) => number): number => {
  let sum = 0;
  x.forEach((value, i) => sum += f(value, i));
  return sum;
};

testWebgpu("argMax finds the first of the largest values of a long line", async () => {
  const x = values("x", LENGTH);
  for (const at of [0, 255, 65_536, LENGTH - 7]) {
    const line = x.slice();
    line[at] = line[LENGTH - 2] = 9;
    const [row, column] = [ops.tensor(line, [1, LENGTH]), ops.tensor(line, [LENGTH, 1])];
    const places = [ops.argMax(row), ops.argMax(column, 0)];
    for (const place of places) assertEquals([...await place.data()], [at]);
    release([row, column, places]);
  }
  x[0] = NaN; // nothing is larger
  const line = ops.tensor(x);
  const place = ops.argMax(line);
  assertEquals([...await place.data()], [0]);
  release([line, place]);
});

testWebgpu("softmax and cross entropy take all classes of a long line", async () => {
  const x = values("x", LENGTH);
  const logits = ops.tensor(x, [1, LENGTH]);
  const labels = ops.tensor(Int32Array.of(LENGTH - 3));
  const [shares, loss] = [ops.softmax(logits), crossEntropy(logits, labels)];
  const all = sumOf(x, Math.exp);
  const scaled = Float32Array.from(await shares.data(), (share) => share * LENGTH);
  const expected = Float32Array.from(x, (value) => Math.exp(value) / all * LENGTH);
  await assertClose(scaled, expected, { relative: 1e-5 });
  assertAlmostEquals((await loss.data())[0]!, Math.log(all) - x[LENGTH - 3]!, 1e-4);
  release([logits, labels, shares, loss]);
});

testWebgpu("layerNorm takes all of a long line", async () => {
  const x = values("x", LENGTH);
  const layer = layerNorm();
  const variables = layer.init(key(0), [1, LENGTH]);
  const line = ops.tensor(x, [1, LENGTH]);
  const [y] = layer.apply(variables, line, evalMode);
  const mean = sumOf(x, (value) => value) / LENGTH;
  const deviation = Math.sqrt(sumOf(x, (value) => (value - mean) ** 2) / LENGTH + 1e-5);
  await assertClose(y, Float32Array.from(x, (value) => (value - mean) / deviation), {
    absolute: 1e-5,
  });
  release([variables, line, y]);
});

testWebgpu("A product of long rows takes all of them, transposed or not", async () => {
  const [m, n] = [2, 3];
  const [a, b] = [values("a", m * DEPTH), values("b", DEPTH * n)];
  const expected = new Float32Array(m * n);
  for (let i = 0; i < m * n; i++) {
    const [row, column] = [Math.floor(i / n), i % n];
    let sum = 0;
    for (let k = 0; k < DEPTH; k++) sum += a[row * DEPTH + k]! * b[k * n + column]!;
    expected[i] = sum;
  }
  const [x, y] = [ops.tensor(a, [m, DEPTH]), ops.tensor(b, [DEPTH, n])];
  const [turnedX, turnedY] = [ops.transpose(x, [1, 0]), ops.transpose(y, [1, 0])];
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const [left, right] = [transposeA ? turnedX : x, transposeB ? turnedY : y];
      const product = ops.matMul(left, right, { transposeA, transposeB });
      assertEquals(product.shape, [m, n]);
      await assertClose(product, expected, sumTolerance(DEPTH, expected));
      product.dispose();
    }
  }
  release([x, y, turnedX, turnedY]);
});

testWebgpu("What no thread can do on a software adapter is refused", () => {
  if (!gpu().software) return;
  const image = ops.zeros([1, 300, 300, 1]);
  const line = ops.zeros([70_000]);
  const geometry = {
    size: [300, 300],
    strides: [1, 1],
    padding: [[0, 0], [0, 0]],
  } as const;
  const refused = (name: string, rounds: number, f: () => unknown) =>
    assertThrows(
      f,
      BackendError,
      `Cannot run kernel ${name}: a thread takes ${rounds} rounds of its loops, and ` +
        `${gpu().adapter}, which is no GPU, ends them after 65535`,
    );
  refused("maxPool", 90_300, () => ops.maxPool2d(image, geometry));
  refused("avgPool", 90_300, () => ops.avgPool2d(image, geometry));
  refused("cumsum", 70_000, () => tf.cumsum(line as Tensor & tf.Tensor));
  release([image, line]);
});
