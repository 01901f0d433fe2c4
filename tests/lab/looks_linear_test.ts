/** Networks that look linear: exactly the product of their matrices, with one gradient everywhere. */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  abstractKey,
  dense,
  describe,
  entries,
  evalMode,
  grad,
  key,
  type Layer,
  normal,
  ops,
  release,
  sequential,
  ShapeError,
  type Tensor,
  tensor,
} from "@fplusx/nn";
import { concatenatedRelu, mirrored } from "@fplusx/nn/lab";
import { testEach } from "../backends.ts";

const WIDTH = 16;
const DEPTH = 30;

/** A plain network of many layers without a shortcut. */
const deep = (): Layer =>
  sequential(
    ...Array.from({ length: DEPTH }, () => [
      concatenatedRelu,
      dense(WIDTH, { weightInit: mirrored(), bias: false }),
    ]).flat(),
  );

testEach("A network that looks linear is the product of its matrices", async () => {
  const model = deep();
  const variables = model.init(key(3), [1, WIDTH]);
  const x = normal(key(4), [5, WIDTH]);
  const [y] = model.apply(variables, x, evalMode);
  const product = ops.tidy(() =>
    entries(variables.params).reduce(
      (x, [, weight]) => ops.matMul(x, ops.slice(weight, [0, 0], [WIDTH, WIDTH])),
      ops.clone(x),
    )
  );
  const [found, expected] = [await y.data(), await product.data()];
  for (let i = 0; i < found.length; i++) assertAlmostEquals(found[i]!, expected[i]!, 2e-5);
  const [before, after] = await Promise.all([x, y].map(async (t) => normOf(await t.data())));
  assertAlmostEquals(after! / before!, 1, 1e-5, "its matrices keep lengths");
  release([variables.params, x, y, product]);
});

testEach("The gradient of a network that looks linear is the same at every input", async () => {
  const model = deep();
  const variables = model.init(key(3), [1, WIDTH]);
  const readout = normal(key(5), [WIDTH, 1]);
  const slope = grad((x: Tensor) =>
    ops.sum(ops.matMul(model.apply(variables, x, evalMode)[0], readout))
  );
  const at = async (seed: number) => {
    using x = normal(key(seed), [1, WIDTH]);
    using gradient = slope(x);
    return await gradient.data();
  };
  const first = await at(0);
  for (const seed of [1, 2, 3]) {
    (await at(seed)).forEach((value, i) => assertAlmostEquals(value, first[i]!, 2e-5));
  }
  assert(first.some((value) => Math.abs(value) > 0.1));
  release([variables.params, readout]);
});

testEach("concatenatedRelu keeps both signs apart", async () => {
  using x = tensor([1, -2, 0, 4, 5, -6], [1, 3, 2]);
  const [y] = concatenatedRelu.apply({ params: [], state: [] }, x, evalMode);
  assertEquals(y.shape, [1, 3, 4]);
  assertEquals([...await y.data()], [1, 0, 0, 2, 0, 4, 0, 0, 5, 0, 0, 6]);
  y.dispose();
});

Deno.test("mirrored() counts without a device, and refuses what has no halves", () => {
  assertEquals(describe(deep(), [1, WIDTH]).parameters, DEPTH * 2 * WIDTH * WIDTH);
  const message = (shape: number[]) =>
    assertThrows(() => mirrored()(abstractKey, shape), ShapeError).message;
  assertEquals(
    message([3, 2]),
    "Cannot mirror a weight of shape [3,2]: need a matrix of an even number of rows",
  );
  assertEquals(
    message([1, 4, 2]),
    "Cannot mirror a weight of shape [1,4,2]: need a matrix of an even number of rows",
  );
});

const normOf = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0));
