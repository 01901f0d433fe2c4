/**
 * Kernels of one's own, on every backend: on webgpu they are shaders, elsewhere their definitions.
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { defineKernel } from "../../lib/backend/define_kernel.ts";
import { runKernels } from "../../lib/backend/profile.ts";
import { ArgumentError, BackendError, ShapeError } from "../../lib/errors.ts";
import { valueAndGrad } from "../../lib/grad.ts";
import { sequential } from "../../lib/combinators/sequential.ts";
import { stateless } from "../../lib/layer.ts";
import { dense } from "../../lib/layers/dense.ts";
import * as ops from "../../lib/ops.ts";
import { sgd } from "../../lib/optim/sgd.ts";
import { key } from "../../lib/key.ts";
import { release } from "../../lib/ownership.ts";
import type { Scalar, Tensor } from "../../lib/tensor.ts";
import { checkGradients } from "../../lib/testing/gradients.ts";
import { compile } from "../../lib/train/compile.ts";
import { meanSquaredError } from "../../lib/train/loss.ts";
import { initTraining, knobs, trainStep } from "../../lib/train/step.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";

const { abs, add, div, fill, mul, reshape, square, sum, tensor, tidy } = ops;

const softsign = defineKernel({
  name: "softsign",
  inputs: ["x"],
  shape: ({ x }) => x,
  wgsl: () => "y[t] = x[t] / (1.0 + abs(x[t]));",
  definition: (x) => div(x, add(abs(x), 1)),
  vjp: (dy, [x]) => [div(dy, square(add(abs(x), 1)))],
});

/** The sum of each row, times its factor; a thread for each row, and a gradient that is not by hand. */
const scaledSums = defineKernel({
  name: "scaledSums",
  inputs: ["x", "factors"],
  shape: ({ x: [rows] }) => [rows!],
  declarations: "fn scaled(sum: f32, by: f32) -> f32 { return sum * by; }\n",
  wgsl: ({ x: [, columns] }) => `
  var sum = 0.0;
  for (var i = 0; i < ${columns}; i++) { sum += x[t * ${columns} + i]; }
  y[t] = scaled(sum, factors[t]);`,
  definition: (x, factors) => mul(sum(x, 1), factors),
});

/** Takes elements by their places, which are integers. */
const picked = defineKernel({
  name: "picked",
  inputs: ["x", "places"],
  shape: ({ places }) => places,
  wgsl: () => "y[t] = x[places[t]];",
  definition: (x, places) => ops.gather(x, places),
});

/** Where one is larger: a result of booleans. */
const larger = defineKernel({
  name: "larger",
  inputs: ["a", "b"],
  dtype: "bool",
  shape: ({ a }) => a,
  wgsl: () => "y[t] = i32(a[t] > b[t]);",
  definition: (a, b) => ops.greater(a, b),
});

testEach("a kernel gives what its definition gives", async (backend) => {
  const [x, factors] = [tensor([1, -2, 3, 0.5, 4, -8], [2, 3]), tensor([10, 0.5])];
  const places = tensor(Int32Array.of(1, 1, 0));
  const { kernels } = await runKernels(async () => {
    const results = [softsign(x), scaledSums(x, factors), picked(factors, places), larger(x, x)];
    await assertClose(results[0]!, {
      shape: [2, 3],
      values: [0.5, -2 / 3, 0.75, 1 / 3, 0.8, -8 / 9],
    });
    await assertClose(results[1]!, { shape: [2], values: [20, -1.75] });
    await assertClose(results[2]!, { shape: [3], values: [0.5, 0.5, 10] });
    await assertClose(results[3]!, { shape: [2, 3], values: [0, 0, 0, 0, 0, 0] });
    assertEquals(results[3]!.dtype, "bool");
    return results;
  });
  const ran = kernels.map(({ kernel }) => kernel).filter((name) => /^[a-z]/.test(name));
  assertEquals(ran, backend === "webgpu" ? ["softsign", "scaledSums", "picked", "larger"] : []);
  release([x, factors, places]);
});

testEach("a kernel has the gradient given by hand, or that of its definition", async () => {
  const [x, factors] = [tensor([1, -2, 3, 0.5, 4, -8], [2, 3]), tensor([10, 0.5])];
  const places = tensor(Int32Array.of(1, 1, 0));
  const f = (x: Tensor, factors: Tensor): Scalar => {
    const rows = scaledSums(softsign(x), factors);
    return add(sum(square(rows)), sum(mul(picked(factors, places), 3)));
  };
  const plain = (x: Tensor, factors: Tensor): Scalar => {
    const rows = mul(sum(div(x, add(abs(x), 1)), 1), factors);
    return add(sum(square(rows)), sum(mul(ops.gather(factors, places), 3)));
  };
  const results = [f, plain].map((f) =>
    valueAndGrad(([x, factors]: [Tensor, Tensor]) => f(x, factors))([x, factors])
  );
  const [[value, gradient], [expected, slopes]] = results as [typeof results[0], typeof results[0]];
  await assertClose(value, expected, { relative: 1e-6 });
  for (const [i, leaf] of gradient.entries()) {
    await assertClose(leaf, slopes[i]!, { relative: 1e-5, absolute: 1e-5 });
  }
  release([x, factors, places, results]);
});

testEach("a kernel in a layer has gradients that differences confirm", async () => {
  await checkGradients(softsignLayer, [2, 3]);
});

const softsignLayer = stateless({
  kind: "softsign",
  init: (_key, shape) => ({ params: [], shape }),
  apply: (_params, x) => softsign(x),
});

testEach("a compiled step with a kernel of one's own is the plain one", async () => {
  const model = sequential(dense(3), softsignLayer);
  const parts = { model, optimizer: sgd(), loss: meanSquaredError };
  const plain = trainStep(parts);
  using compiled = compile(plain);
  const state = initTraining(parts, key(0), [2, 3]);
  for (let i = 0; i < 3; i++) {
    const batch = { x: fill([2, 3], i), y: fill([2, 3], 1) };
    const turn = knobs(0.1, 0, i);
    const losses = await Promise.all([plain, compiled].map(async (step) => {
      const [next, loss] = step(state, batch, turn);
      const values = await loss.data();
      release([next, loss], state);
      return values;
    }));
    assertEquals(losses[0], losses[1]);
    release([batch, turn]);
  }
  release(state);
});

testEach("a kernel of nothing gives nothing, and one tensor may be two inputs", async () => {
  using x = tensor([4, 6], [2, 1]);
  using factors = reshape(x, [2]);
  using sums = scaledSums(x, factors);
  await assertClose(sums, [16, 36]);
  using twice = larger(factors, factors);
  assertEquals([...await twice.data()], [0, 0]);
  using nothing = tensor([], [0, 3]);
  using none = softsign(nothing);
  assertEquals(none.shape, [0, 3]);
});

testEach("kernels of one name are kept apart", async () => {
  const shifted = (by: number) =>
    defineKernel({
      name: "shifted",
      inputs: ["x"],
      shape: ({ x }) => x,
      wgsl: () => `y[t] = x[t] + ${by.toFixed(1)};`,
      definition: (x) => add(x, by),
    });
  const [one, two] = [shifted(1), shifted(2)];
  using x = tensor([0]);
  using a = one(x);
  using b = two(x);
  assertEquals([...await a.data(), ...await b.data()], [1, 2]);
});

testEach("mistakes of calls and definitions are told", (backend) => {
  using x = tensor([1, 2]);
  assertEquals(
    // @ts-expect-error: a kernel takes as many tensors as it has names
    assertThrows(() => softsign(x, x), ArgumentError).message,
    "Cannot run kernel softsign with 2 tensors: need x",
  );
  const wrong = defineKernel({
    name: "wrong",
    inputs: ["x"],
    shape: () => [3],
    wgsl: () => "y[t] = x[0];",
    definition: (x) => ops.clone(x),
    vjp: (dy) => [dy, dy],
  });
  if (backend !== "webgpu") {
    assertEquals(
      assertThrows(() => wrong(x), ShapeError).message,
      "Cannot run kernel wrong: need float32 of shape [3] from its definition, got float32 of shape [2]",
    );
  }
  using three = tensor([1, 2, 3]);
  const slope = (kernel: (x: Tensor) => Tensor) => () =>
    tidy(() => valueAndGrad(([x]: [Tensor]) => sum(kernel(x)))([three]));
  assertEquals(
    assertThrows(slope(wrong), ArgumentError).message,
    "Cannot take the gradient of kernel wrong: need one tensor from its vjp for each of x, got 2",
  );
  const crooked = defineKernel({
    name: "crooked",
    inputs: ["x"],
    shape: ({ x }) => x,
    wgsl: () => "y[t] = x[t];",
    definition: (x) => ops.clone(x),
    vjp: (dy) => [sum(dy)],
  });
  assertEquals(
    assertThrows(slope(crooked), ShapeError).message,
    "Cannot take the gradient of kernel crooked by x of shape [3]: its vjp gives shape []",
  );
});

Deno.test("a kernel cannot have any names", () => {
  const define = (name: string, ...inputs: string[]) => () =>
    defineKernel({
      name,
      inputs,
      shape: () => [1],
      wgsl: () => "y[t] = 0.0;",
      definition: () => fill([1], 0),
    });
  assertEquals(
    assertThrows(define("Relu", "x"), ArgumentError).message,
    'Cannot define a kernel "Relu": need letters, digits and _, of which the first is a small letter',
  );
  for (const names of [["y"], ["x", "x"], ["x-y"], ["2x"]]) {
    assertEquals(
      assertThrows(define("strange", ...names), ArgumentError).message,
      `Cannot define kernel strange with an input "${
        names.at(-1)
      }": need letters, digits and _, no ` +
        "name twice, and none of y, t, id, groups, main",
    );
  }
});

testEach("a shader that does not compile is told with its line", async () => {
  const broken = defineKernel({
    name: "broken",
    inputs: ["x"],
    shape: ({ x }) => x,
    wgsl: () => "y[t] = sine(x[t]);",
    definition: (x) => ops.clone(x),
  });
  using x = tensor([1]);
  using y = broken(x);
  const { message } = await assertRejects(() => y.data(), BackendError);
  assert(message.startsWith("Cannot compile kernel broken: "), message);
  assert(message.includes("y[t] = sine(x[t]);") && /\d+:\d+/.test(message), message);
}, ["webgpu"]);

testEach("more tensors than the device binds are refused", () => {
  using x = tensor([1]);
  const names = Array.from({ length: 64 }, (_, i) => `x${i}`);
  const many = defineKernel({
    name: "many",
    inputs: names,
    shape: () => [1],
    wgsl: () => "y[t] = x0[t];",
    definition: (x) => ops.clone(x!),
  });
  const { message } = assertThrows(() => many(...names.map(() => x)), BackendError);
  assert(
    /^Cannot run kernel many on 64 tensors and its result: the GPU takes at most \d+$/.test(
      message,
    ),
    message,
  );
}, ["webgpu"]);
