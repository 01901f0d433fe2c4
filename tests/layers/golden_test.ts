import { assertEquals } from "@std/assert";
import {
  batchNorm,
  conv,
  elementwise,
  evalMode,
  key,
  type Layer,
  named,
  ops,
  relu,
  residual,
  sequential,
  type Shape,
  type Tensor,
  tensor,
  trainMode,
  type Tree,
  valueAndGrad,
} from "../../mod.ts";
import * as nn from "../../mod.ts";
import { release } from "../../lib/ownership.ts";
import { sizeOf } from "../../lib/tensor.ts";
import { flatten, unflatten } from "../../lib/tree.ts";
import { testEach } from "../backends.ts";
import { assertClose, type Comparable, sumTolerance } from "../compare.ts";
import golden from "../golden/layers.json" with { type: "json" };

type Golden = typeof golden.cases[number];
type Factories = Readonly<Record<string, Layer | ((...options: unknown[]) => Layer)>>;
type Fixture = Readonly<Record<string, readonly number[]>>;

/** The values that torch was given: see tests/golden/make_layers.py. */
function wave(shape: Shape, k: number, turn = (value: number) => value): Tensor {
  const value = (_: unknown, i: number) => turn(Math.fround(Math.sin(1.3 * i + 0.7 * k + 0.5)));
  return tensor(Float32Array.from({ length: sizeOf(shape) }, value), shape);
}

const bare = { bias: false };
const block = sequential(
  residual(
    named({
      conv1: conv(4, 3, { stride: 2, ...bare }),
      bn1: batchNorm(),
      relu,
      conv2: conv(4, 3, bare),
      bn2: batchNorm(),
    }),
    named({ conv: conv(4, 1, { stride: 2, ...bare }), bn: batchNorm() }),
  ),
  relu,
);

const spread = elementwise("spread", (x) => ops.mul(x, 4));
const SPREAD = /^(relu|elu|selu|silu|sigmoid|tanh|softplus|softmax|leakyRelu|gelu)$/;

function layerOf({ kind, arguments: options }: Golden): Layer {
  if (kind === "residual block") return block;
  const made = (nn as unknown as Factories)[kind]!;
  const layer = typeof made === "function" ? made(...options ?? []) : made;
  return SPREAD.test(kind) ? sequential(spread, layer) : layer;
}

type Listed = readonly (readonly [path: string, shape: Shape])[];

function variablesOf(
  layer: Layer,
  { shape, params, state }: Golden,
): { params: Tree; state: Tree } {
  const init = layer.init(key(0), shape);
  const parameter = (shape: Shape, k: number) => wave(shape, k + 1);
  const remembered = (shape: Shape, k: number, path: string) =>
    wave(
      shape,
      k + 50,
      path.endsWith("variance") ? (value) => 0.5 + Math.abs(value) : (value) => 0.5 * value,
    );
  // The fixture lists pairs, which its type does not know.
  const fill = (like: Tree, listed: Listed, f: typeof remembered) =>
    unflatten(like, new Map(listed.map(([path, shape], k) => [path, f(shape, k, path)])));
  const variables = {
    params: fill(init.params, params as unknown as Listed, parameter),
    state: fill(init.state, state as unknown as Listed, remembered),
  };
  release(init);
  return variables;
}

async function assertGolden(case_: Golden): Promise<void> {
  const layer = layerOf(case_);
  const { params, state } = variablesOf(layer, case_);
  const x = wave(case_.shape, 0);
  const mode = case_.mode === "train" ? trainMode(key(0)) : evalMode;
  const loss = (at: { params: Tree; x: Tensor }) => {
    const [y, next] = layer.apply({ params: at.params, state }, at.x, mode);
    return [ops.sum(ops.mul(y, wave(y.shape, 99))), { y, next }] as const;
  };
  const [[value, { y, next }], gradient] = valueAndGrad(loss, { aux: true })({ params, x });

  const check = async (what: string, actual: Comparable, expected: readonly number[]) => {
    await assertClose(actual, expected, sumTolerance(case_.terms, expected)).catch((error) => {
      throw new Error(`${what}: ${error.message}`);
    });
  };
  assertEquals(y.shape, case_.y.shape);
  await check("output", y, case_.y.values);
  await check("gradient of x", gradient.x, case_.x);
  const fixture = case_ as { gradient: Fixture; next: Fixture };
  for (const [path, leaf] of flatten(gradient.params)) {
    await check(`gradient of ${path}`, leaf, fixture.gradient[path]!);
  }
  for (const [path, leaf] of flatten(next)) {
    await check(`next ${path}`, leaf, fixture.next[path]!);
  }
  release([params, state, x, value, y, gradient]);
  release({ next }, { state });
}

for (const case_ of golden.cases) {
  const { kind, arguments: options, shape, mode } = case_;
  const call = options === null ? kind : `${kind}(${JSON.stringify(options).slice(1, -1)})`;
  testEach(
    `${call} of [${shape}] in ${mode} mode gives what torch gives`,
    () => assertGolden(case_),
  );
}
