/**
 * A relu that the layer before it does in one go, and the sum of a residual block with it, make no
 * difference but for rounding: not to outputs, state and gradients, what taps see, and errors.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { basicBlock, basicBody } from "../../lib/combinators/blocks.ts";
import { parallel } from "../../lib/combinators/parallel.ts";
import { remat } from "../../lib/combinators/remat.ts";
import { residual } from "../../lib/combinators/residual.ts";
import { named, sequential } from "../../lib/combinators/sequential.ts";
import { stochasticDepth } from "../../lib/combinators/stochastic_depth.ts";
import { DTypeError } from "../../lib/errors.ts";
import { valueAndGrad } from "../../lib/grad.ts";
import type { GuardedBackend } from "../../lib/backend/webgpu/backend.ts";
import { key } from "../../lib/key.ts";
import { elementwise, evalMode, type Layer, type Mode, trainMode } from "../../lib/layer.ts";
import { relu } from "../../lib/layers/activation.ts";
import { batchNorm } from "../../lib/layers/batch_norm.ts";
import { conv } from "../../lib/layers/conv.ts";
import { identity } from "../../lib/layers/shape.ts";
import * as ops from "../../lib/ops.ts";
import { release, scoped } from "../../lib/ownership.ts";
import { normal } from "../../lib/random.ts";
import type { Shape, Tensor } from "../../lib/tensor.ts";
import { tf } from "../../lib/tfjs.ts";
import { type Empty, entries, map, type Tree } from "../../lib/tree.ts";
import { type BackendName, testEach } from "../backends.ts";
import { assertClose, sumTolerance } from "../compare.ts";

const train = trainMode(key(3));
const SHAPE = [3, 5, 4, 6];

/** Does what relu does, but nobody knows. */
const unknown: Layer<Empty, Empty> = elementwise("relu", ops.relu);

const normed = (filters: number, size = 3) =>
  sequential(conv(filters, size, { bias: false }), batchNorm());

/** Models with a relu to be done in one go with what comes before it. */
const MODELS: Readonly<Record<string, (relu: Layer<Empty, Empty>) => Layer>> = {
  "a normalization": (relu) => sequential(batchNorm(), relu, conv(2, 1)),
  "a normalization without parameters": (relu) => sequential(batchNorm({ affine: false }), relu),
  "the last of a series": (relu) => named({ body: normed(5), activation: relu }),
  "a residual block": (relu) => {
    const body = named({ a: normed(6), relu, b: normed(6) });
    return residual(body, identity, { activation: relu });
  },
  "a block with a projection": (relu) => residual(normed(4), normed(4, 1), { activation: relu }),
  "a sum of three": (relu) => sequential(parallel([batchNorm(), identity, batchNorm()]), relu),
  "a sum of sums": (relu) => sequential(residual(residual(normed(6))), relu),
  "one branch": (relu) => sequential(parallel([batchNorm()]), relu),
  "a part that is forgotten": (relu) => remat(sequential(batchNorm(), relu)),
  "what is dropped at random": (relu) =>
    residual(stochasticDepth(normed(6), 0.5), identity, { activation: relu }),
};

/** The output, the next state and the gradients by parameters and input. */
function outcome(model: Layer, mode: Mode, shape: Shape = SHAPE): Record<string, Tree> {
  using x = normal(key(1), shape, { mean: 0.5 });
  using variables = scoped(perturbed(model, shape));
  const [[value, aux], gradient] = valueAndGrad(
    (at: { params: Tree; x: Tensor }) => {
      const [y, next] = model.apply({ params: at.params, state: variables.state }, at.x, mode);
      const weights = normal(key(2), y.shape);
      return [ops.sum(ops.mul(y, weights)), { y, next }] as const;
    },
    { aux: true },
  )({ params: variables.params, x });
  value.dispose();
  return { ...aux, gradient };
}

/** Variables of a model, none of them a round number. */
function perturbed(model: Layer, shape: Shape): { params: Tree; state: Tree } {
  const { params, state } = model.init(key(0), shape);
  const shaken = (tree: Tree) =>
    map((leaf, path) => ops.add(leaf, ops.mul(normal(key(path.length), leaf.shape), 0.1)), tree);
  const made = ops.tidy(() => ({ params: shaken(params), state: shaken(state) }));
  release([params, state]);
  return made;
}

async function assertAlike(actual: Tree, expected: Tree, backend: BackendName): Promise<void> {
  const [found, known] = [entries(actual), entries(expected)];
  assertEquals(found.map(([path]) => path), known.map(([path]) => path));
  for (const [i, [, leaf]] of known.entries()) {
    const values = await leaf.data();
    // On the other backends nothing is done in one go.
    if (backend === "webgpu") await assertClose(found[i]![1], leaf, sumTolerance(200, values));
    else assertEquals(await found[i]![1].data(), values);
  }
}

for (const [name, make] of Object.entries(MODELS)) {
  testEach(`relu after ${name} is as one on its own`, async (backend) => {
    using together = scoped(outcome(make(relu), train));
    using apart = scoped(outcome(make(unknown), train));
    await assertAlike(together, apart, backend);
  });
}

testEach("Who looks at what is in between sees it, and changes nothing", async (backend) => {
  const model = sequential(basicBlock(6), basicBlock(4, { stride: 2 }));
  const seen: string[] = [];
  const visit = (path: string, y: Tensor) => {
    seen.push(`${path} ${y.shape}`);
  };
  using unseen = scoped(outcome(model, train));
  using watched = scoped(outcome(model, { ...train, tap: { path: "", visit } }));
  await assertAlike(watched, unseen, backend);
  assertEquals(seen.filter((line) => line.startsWith("0.") || line.startsWith("0 ")), [
    "0.body.conv1 3,5,4,6",
    "0.body.bn1 3,5,4,6",
    "0.body.relu1 3,5,4,6",
    "0.body.conv2 3,5,4,6",
    "0.body.bn2 3,5,4,6",
    "0.body 3,5,4,6",
    "0.shortcut 3,5,4,6",
    "0.activation 3,5,4,6",
    "0 3,5,4,6",
  ]);
});

testEach("Branches that are broadcast are added before relu", async (backend) => {
  const make = (relu: Layer<Empty, Empty>) =>
    residual(batchNorm(), elementwise("mean", (x) => ops.mean(x, [0], true)), {
      activation: relu,
    });
  using together = scoped(outcome(make(relu), train));
  using apart = scoped(outcome(make(unknown), train));
  await assertAlike(together, apart, backend);
});

testEach("Second derivatives go through relu and the normalization before it", async (backend) => {
  const curvature = (relu: Layer<Empty, Empty>): Record<string, Tree> => {
    const model = sequential(batchNorm(), relu);
    using variables = scoped(model.init(key(0), [4, 3]));
    using x = normal(key(1), [4, 3]);
    const first = valueAndGrad((x: Tensor) =>
      ops.sum(ops.pow(model.apply(variables, x, train)[0], 3))
    );
    const [value, gradient] = valueAndGrad((x: Tensor) => {
      const [, slope] = first(x);
      return ops.sum(ops.square(slope));
    })(x);
    return { value, gradient };
  };
  using together = scoped(curvature(relu));
  using apart = scoped(curvature(unknown));
  await assertAlike(together, apart, backend);
});

testEach("Eval mode gives what it gave, and the state itself", async () => {
  const make = MODELS["a residual block"]!;
  using variables = scoped(make(relu).init(key(0), SHAPE));
  using x = normal(key(1), SHAPE);
  const [y, next] = make(relu).apply(variables, x, evalMode);
  const [expected] = make(unknown).apply(variables, x, evalMode);
  assertStrictEquals(next, variables.state);
  assertEquals(await y.data(), await expected.data());
  release([y, expected]);
});

testEach("An error in what is done in one go has the path of its layer", () => {
  const model = named({ body: named({ bn: batchNorm(), relu }), end: residual(batchNorm()) });
  using variables = scoped(model.init(key(0), [2, 3]));
  using x = ops.tensor(Int32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  const error = assertThrows(() => model.apply(variables, x, train), DTypeError);
  assert(error.message.endsWith('at "body.bn"'), error.message);
});

testEach("What is remembered has a gradient by what was remembered before", async () => {
  const model = sequential(batchNorm({ decay: 0.75 }), relu);
  const { params, state } = model.init(key(0), [4, 3]);
  using x = normal(key(1), [4, 3]);
  const at = [state, x] as const;
  const [value, gradient] = valueAndGrad(([state, x]: typeof at) => {
    const [, [next]] = model.apply({ params, state }, x, train);
    return ops.add(ops.sum(next.mean), ops.mul(ops.sum(next.variance), 2));
  })(at);
  const [[{ mean, variance }], by] = gradient;
  assertEquals([...await mean.data()], [0.75, 0.75, 0.75]);
  assertEquals([...await variance.data()], [1.5, 1.5, 1.5]);
  assertEquals([...await by.data()], Array(12).fill(0));
  release([params, state, value, gradient]);
});

testEach("WebGPU does relu and the sum of a block with the normalization", () => {
  const backend = tf.backend() as GuardedBackend;
  const namesOf = (mode: Mode) => {
    const names = new Set<string>();
    backend.observer = ({ name }) => void names.add(name);
    release(outcome(sequential(basicBody(6), relu, basicBlock(6)), mode));
    backend.observer = undefined;
    return ["normalized", "normalizedRelu", "normalizedSumRelu", "reluGradient"].filter((name) =>
      names.has(name)
    );
  };
  assertEquals(namesOf(train), ["normalizedRelu", "normalizedSumRelu"]);
  const tap = { path: "", visit: () => {} };
  assertEquals(namesOf({ ...train, tap }), ["normalized", "reluGradient"]);
}, ["webgpu"]);
