/**
 * The gradients that we put in the place of tfjs's, on tfjs's plain CPU backend, against differences
 * of values in the inputs: there is no other implementation to compare them with.
 *
 * @module
 */

import "@tensorflow/tfjs-backend-cpu";
import { assert, assertEquals } from "@std/assert";
import { registerGradients } from "../../lib/backend/gradients.ts";
import { tf } from "../../lib/tfjs.ts";
import { difference, type OpCase } from "./compare.ts";
import { CONVOLUTIONS, ELEMENTWISE, PRODUCTS, REARRANGEMENTS, REDUCTIONS } from "./op_cases.ts";

registerGradients();

const chosen = (cases: readonly OpCase[], pattern: RegExp) =>
  cases.filter(({ name }) => pattern.test(name));

const CASES = [
  ...chosen(ELEMENTWISE, /^(maximum|minimum|squaredDifference|mask)/),
  ...chosen(PRODUCTS, /^matMul \[\d(,\d)*\]/),
  ...chosen(CONVOLUTIONS, /"dilation":.*\[3,5\]|^depthwise .* dilation [23]/),
  ...chosen(REDUCTIONS, /^prod/),
  ...chosen(REARRANGEMENTS, /^stridedSlice|^gather/),
];

for (const { name, shapes, op, positive } of CASES) {
  Deno.test(`the gradient is the slope: ${name}`, async () => {
    await tf.setBackend("cpu");
    const sizes = shapes.map((shape) => tf.util.sizeFromShape([...shape]));
    // No two values meet, nor zero or 0.3, so that no choice changes within a step.
    const inputs = shapes.map((shape, k) =>
      tf.tensor(
        Float32Array.from({ length: sizes[k]! }, (_, i) => {
          const value = ((i * 37 + k * 11) % 101) / 50 - 0.993 + k / 200;
          return positive ? Math.abs(value) + 0.2 : value;
        }),
        [...shape],
      )
    );
    const loss = (...xs: tf.Tensor[]) => {
      const y = op(...xs);
      return tf.sum(tf.mul(y, tf.reshape(tf.sin(tf.range(0, y.size)), y.shape)));
    };
    const gradients = tf.grads(loss)(inputs);
    assertEquals(gradients.map(({ shape }) => shape), shapes.map((shape) => [...shape]));

    for (const [k, gradient] of gradients.entries()) {
      // Slopes in a few directions, each of which moves every element.
      for (const direction of [0, 1, 2]) {
        const way = tf.tensor(
          Float32Array.from({ length: sizes[k]! }, (_, i) => Math.cos(3 * i + direction)),
          inputs[k]!.shape,
        );
        const at = async (step: number) => {
          const value = tf.tidy(() =>
            loss(...inputs.map((x, i) => i === k ? tf.add(x, tf.mul(way, step)) : x))
          );
          return (await value.data())[0]!;
        };
        const step = 2 ** -9;
        const slope = (await at(step) - await at(-step)) / (2 * step);
        const [claimed] = await tf.tidy(() => tf.sum(tf.mul(gradient, way))).data();
        const error = difference([claimed!], [slope]);
        assert(error < 1e-2, `input ${k}, direction ${direction}: ${claimed} for ${slope}`);
      }
    }
  });
}

Deno.test("no gradient flows through a comparison, and none is missed beside it", async () => {
  await tf.setBackend("cpu");
  const gradient = tf.grad((x) => tf.sum(tf.mul(x, tf.cast(tf.greater(x, 1), "float32"))));
  assertEquals([...await gradient(tf.tensor([0, 1, 2, 3])).data()], [0, 0, 1, 1]);
  const through = tf.grad((x) => tf.sum(tf.cast(tf.lessEqual(x, 1), "float32")));
  assertEquals([...await through(tf.tensor([0, 1, 2, 3])).data()], [0, 0, 0, 0]);
});

Deno.test("the maximum of equal values passes its gradient to the first", async () => {
  await tf.setBackend("cpu");
  const [a, b] = tf.grads((a, b) => tf.sum(tf.maximum(a, b)))([
    tf.tensor([1, 2]),
    tf.tensor([1, 3]),
  ]);
  assertEquals([[...await a!.data()], [...await b!.data()]], [[1, 0], [0, 1]]);
});

Deno.test("a product that has zeros among its factors has the right gradient", async () => {
  await tf.setBackend("cpu");
  const gradient = tf.grad((x) => tf.prod(x, -1));
  const x = tf.tensor([2, 0, 3, 0, 0, 5], [2, 3]);
  assertEquals([...await gradient(x).data()], [0, 6, 0, 0, 0, 0]);
});
