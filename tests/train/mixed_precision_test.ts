/**
 * Training in mixed precision: where nothing is kept in halves it is the plain training bit for bit, and
 * where something is, it comes close, takes less memory, and can be recorded.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  applyIfFinite,
  ArgumentError,
  type Batch,
  batchNorm,
  compile,
  conv,
  crossEntropy,
  depthwiseConv,
  globalAveragePool,
  initTraining,
  key,
  knobs,
  type Layer,
  type Loss,
  maxPool,
  ops,
  release,
  relu,
  sequential,
  sgd,
  type StepParts,
  type Tensor,
  tensor,
  trainStep,
  type Tree,
} from "@fplusx/nn";
import { testEach } from "../backends.ts";
import { type Case, perceptron, resnet8, run } from "./compile_cases.ts";

const mixed = ({ parts, ...rest }: Case, lossScale?: number): Case => ({
  ...rest,
  parts: { ...parts, precision: "mixed", ...lossScale === undefined ? {} : { lossScale } },
});

/** ResNet-8 on smaller images. */
const small: Case = {
  ...resnet8,
  shape: [4, 8, 8, 3],
  batch: (i) => {
    const { x, y } = resnet8.batch(i);
    const crop = ops.slice(x, [0, 0, 0, 0], [4, 8, 8, 3]);
    release(x);
    return { x: crop, y };
  },
};

testEach("Mixed precision without halves is the plain one bit for bit", async () => {
  const course = await run(perceptron, trainStep(perceptron.parts), { steps: 3 });
  for (const scale of [undefined, 2 ** 12]) {
    const scaled = mixed(perceptron, scale);
    assertEquals(await run(scaled, trainStep(scaled.parts), { steps: 3 }), course);
  }
}, ["cpu", "wasm"]);

testEach("A compiled step in mixed precision is the plain one bit for bit", async () => {
  const example = mixed(small);
  const plain = trainStep(example.parts);
  const course = await run(example, plain, { steps: 4 });
  using step = compile(plain, { donate: true });
  assertEquals(await run(example, step, { steps: 4 }), course);
}, ["webgpu"]);

testEach("A network learns in mixed precision what it learns without, nearly", async () => {
  const [single, half] = [small, mixed(small)].map((example) => ({
    ...example,
    batch: () => example.batch(0),
  }));
  const plain = await run(single!, trainStep(single!.parts), { steps: 8 });
  using step = compile(trainStep(half!.parts));
  const course = await run(half!, step, { steps: 8 });
  course.losses.forEach((loss, i) => {
    // A half has eleven digits; the first loss is what they are worth, and training spreads them.
    const far = Math.abs(loss - plain.losses[i]!);
    assert(far < (i === 0 ? 2e-3 : 5e-2) && (i > 0 || far > 0), `${far} after ${i} steps`);
  });
  assert(course.losses.at(-1)! < 0.5 * course.losses[0]!);
}, ["webgpu"]);

/** A small network with a loss `factor` times as large. */
function example(factor: number, more: Partial<StepParts<Tree, Tree>> = {}, size = 4) {
  const loss: Loss = (output, y) => ops.mul(crossEntropy(output, y), factor);
  const parts: StepParts<Tree, Tree> = {
    model: sequential(conv(4, 3), conv(8, 3), globalAveragePool) as Layer,
    optimizer: sgd(),
    loss,
    precision: "mixed",
    ...more,
  };
  const shape = [2, size, size, 3];
  const batch = (): Batch => ({
    x: tensor(Float32Array.from({ length: 6 * size * size }, (_, i) => Math.sin(i)), shape),
    y: tensor(Int32Array.of(1, 7), [2]),
  });
  return { parts, shape, batch };
}

/** How far the first kernel goes in a step at rate 1. */
async function changeOf({ parts, shape, batch }: ReturnType<typeof example>): Promise<number> {
  const state = initTraining(parts, key(0), shape);
  const [data, turn] = [batch(), knobs(1, 0, 0)];
  const [next, loss] = trainStep(parts)(state, data, turn);
  const path = (tree: unknown) => (tree as Record<string, { weight: Tensor }>)["0"]!.weight;
  const before = await path(state.params).data();
  const after = await path(next.params).data();
  const change = Math.max(...after.map((value, i) => Math.abs(value - before[i]!)));
  release([state, next, data, turn, loss]);
  return change;
}

testEach("Small gradients do not vanish if the loss is scaled", async (backend) => {
  const factor = 2 ** -24;
  assertEquals(await changeOf(example(factor, { lossScale: 1 })) > 0, backend !== "webgpu");
  assert(await changeOf(example(factor, { lossScale: 2 ** 20 })) > 0);
});

testEach("A gradient that is larger than any half is passed over", async (backend) => {
  const optimizer = applyIfFinite(sgd(), 3);
  const moves = await changeOf(example(1, { optimizer, lossScale: 2 ** 30 }));
  assertEquals(moves > 0, backend !== "webgpu");
  assert(await changeOf(example(1, { optimizer })) > 0);
});

testEach("A scale that would round is refused", () => {
  for (const lossScale of [1000, 0, -2, NaN, Infinity]) {
    assertThrows(
      () => trainStep({ ...perceptron.parts, precision: "mixed", lossScale }),
      ArgumentError,
      `Cannot scale the loss by ${lossScale}: need a power of two, by which nothing is rounded`,
    );
  }
}, ["cpu"]);

const bias = false;
const LAYERS: Readonly<Record<string, Layer>> = {
  convolutions: sequential(conv(8, 3, { bias }), batchNorm(), relu) as Layer,
  "depthwise convolutions": sequential(depthwiseConv(3, { bias }), batchNorm(), relu) as Layer,
  pooling: sequential(conv(8, 3, { bias }), maxPool(3, { stride: 1, padding: 1 })) as Layer,
};

for (const [name, block] of Object.entries(LAYERS)) {
  testEach(`A step in mixed precision takes less memory: ${name}`, async () => {
    const first = conv(8, 3, { bias });
    const model = sequential(first, block, block, block, block, globalAveragePool) as Layer;
    const bytes: number[] = [];
    for (const precision of ["single", "mixed"] as const) {
      const { shape, parts, batch } = example(1, { model, precision }, 32);
      using step = compile(trainStep(parts));
      const given = [initTraining(parts, key(0), shape), batch(), knobs(1, 0, 0)] as const;
      const [next, loss] = step(...given);
      await loss.data();
      release([given, next, loss]);
      bytes.push(step.stats.bytes);
    }
    assert(bytes[1]! < 0.7 * bytes[0]!, `${bytes}`);
  }, ["webgpu"]);
}
