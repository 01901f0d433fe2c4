import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { basicBlock, bottleneck } from "../../lib/combinators/blocks.ts";
import { sequential } from "../../lib/combinators/sequential.ts";
import { setup } from "../../lib/backend/setup.ts";
import { ArgumentError, MismatchError } from "../../lib/errors.ts";
import { customGrad } from "../../lib/grad.ts";
import { key } from "../../lib/key.ts";
import { elementwise, type Layer, stateless } from "../../lib/layer.ts";
import { relu, softmax, tanh } from "../../lib/layers/activation.ts";
import { batchNorm } from "../../lib/layers/batch_norm.ts";
import { conv } from "../../lib/layers/conv.ts";
import { dense } from "../../lib/layers/dense.ts";
import { dropout } from "../../lib/layers/dropout.ts";
import { embedding } from "../../lib/layers/embedding.ts";
import { layerNorm } from "../../lib/layers/norm.ts";
import { maxPool } from "../../lib/layers/pool.ts";
import { mul, square, tensor, zerosLike } from "../../lib/ops.ts";
import { assertNoLeaks, liveTensors } from "../../lib/ownership.ts";
import { uniform } from "../../lib/random.ts";
import { sizeOf, type Tensor } from "../../lib/tensor.ts";
import { checkGradients } from "../../lib/testing/gradients.ts";
import { testEach } from "../backends.ts";

const SOUND: [Layer, number[]][] = [
  [dense(3), [4, 5]],
  [tanh, [2, 3]],
  [softmax, [3, 4]],
  [layerNorm(), [3, 8]],
  [dropout(0.5), [4, 8]],
  [sequential(conv(4, 3), batchNorm(), relu, maxPool(2)), [2, 6, 6, 3]],
  [basicBlock(6, { stride: 2 }), [2, 6, 6, 3]],
  [bottleneck(8, { stride: 2, squeeze: 2 }), [2, 6, 6, 4]],
];

testEach("checkGradients() accepts gradients that are right", async () => {
  for (const [layer, shape] of SOUND) {
    for (const mode of ["train", "eval"] as const) {
      const checks = await checkGradients(layer, shape, { mode });
      assert(checks.some(({ path }) => path === "x"));
      for (const { derivative } of checks) assert(Number.isFinite(derivative));
    }
  }
}, ["cpu", "wasm"]);

/** y = weight · x², with the gradients times these factors. */
function wrong(forX: number, forWeight: number): Layer {
  const f = customGrad(
    (x, weight) => [mul(square(x!), weight!), [x!, weight!]],
    (dy, [x, weight]) => [
      mul(mul(dy, mul(x!, weight!)), 2 * forX),
      mul(mul(dy, square(x!)), forWeight),
    ],
  );
  return stateless({
    kind: "wrong",
    init: (key, shape) => ({ params: { weight: uniform(key, shape) }, shape }),
    apply: ({ weight }, x) => f(x, weight),
  });
}

const MESSAGE =
  /^Cannot trust the gradient of (wrong|lost): it gives \S+ along a random direction, and differences give \S+, at "(.*)"$/;

testEach("checkGradients() refuses a gradient that is wrong, and names its leaf", async () => {
  await checkGradients(wrong(1, 1), [2, 3]);
  for (const [layer, path] of [[wrong(1.1, 1), "x"], [wrong(1, 0.9), "params.weight"]] as const) {
    const error = await assertRejects(() => checkGradients(layer, [2, 3]), MismatchError);
    assertMatch(error.message, MESSAGE);
    assertEquals(error.path, path);
    assertEquals(error.code, "MISMATCH");
  }
});

testEach("checkGradients() finds a gradient that got lost or is not a number", async () => {
  const lost = customGrad((x) => [square(x!), [x!]], (dy) => [zerosLike(dy)]);
  const nan = customGrad((x) => [square(x!), [x!]], (dy) => [mul(dy, NaN)]);
  for (const f of [lost, nan]) {
    const layer = elementwise("lost", (x) => f(x));
    const error = await assertRejects(() => checkGradients(layer, [2, 3]), MismatchError);
    assertMatch(error.message, MESSAGE);
  }
});

testEach("checkGradients() leaves out an input of integers", async () => {
  const input = (shape: readonly number[]): Tensor =>
    tensor(Int32Array.from({ length: sizeOf(shape) }, (_, i) => i % 5), shape);
  const checks = await checkGradients(embedding(5, 3), [2, 4], { input });
  assertEquals(new Set(checks.map(({ path }) => path)), new Set(["params.weight"]));
});

Deno.test("checkGradients() finds the same for the same key, and something else for another", async () => {
  await setup({ backend: "cpu" });
  const first = await checkGradients(dense(2), [2, 3]);
  assertEquals(await checkGradients(dense(2), [2, 3]), first);
  const other = await checkGradients(dense(2), [2, 3], { key: key(9) });
  assert(other[0]!.derivative !== first[0]!.derivative);
});

Deno.test("checkGradients() leaves no tensor behind, even when it throws", async () => {
  await setup({ backend: "cpu" });
  const before = liveTensors();
  await assertNoLeaks(() => checkGradients(dense(2), [2, 3]).then(() => {}));
  await assertRejects(() => checkGradients(wrong(2, 1), [2, 3]));
  assertEquals(liveTensors(), before);
});

Deno.test("checkGradients() refuses a mode that there is not", async () => {
  await setup({ backend: "cpu" });
  await assertRejects(
    () => checkGradients(dense(2), [2, 3], { mode: "test" as "train" }),
    ArgumentError,
    'Cannot test in mode "test": need "train" or "eval"',
  );
});
