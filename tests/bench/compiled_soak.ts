/**
 * Ten thousand compiled steps of a small network, in which nothing may grow: tensors, buffers and bytes
 * on the GPU, the heap.
 */

import { assert, assertEquals } from "@std/assert";
import {
  batchNorm,
  compile,
  conv,
  crossEntropy,
  dense,
  globalAveragePool,
  initTraining,
  key,
  liveTensors,
  normal,
  relu,
  sequential,
  setup,
  sgd,
  tensor,
  train,
  trainStep,
} from "@fplusx/nn";
import { gpuMB } from "./contenders/gpu_memory.ts";
import { rounded } from "./race.ts";

const STEPS = 10_000;
/** By then every buffer that a step needs is there. */
const SETTLED = 100;
/** By then the code is compiled that will be. */
const WARM = 1000;
const SHAPE = [8, 8, 8, 3];

const parts = {
  model: sequential(conv(8, 3), batchNorm(), relu, globalAveragePool, dense(10)),
  optimizer: sgd({ momentum: 0.9 }),
  loss: crossEntropy,
};

function* batches() {
  for (let i = 0;; i++) {
    yield {
      x: normal(key(i), SHAPE),
      y: tensor(Int32Array.from({ length: 8 }, (_, k) => (k + i) % 10)),
    };
  }
}

/** Trains, and fails if more is held at the end than at the start. */
export async function compiledSoak(): Promise<object> {
  const { adapter } = await setup({ backend: "webgpu" });
  const create = GPUDevice.prototype.createBuffer;
  let buffers = 0;
  GPUDevice.prototype.createBuffer = function (...args) {
    buffers++;
    return create.apply(this, args);
  };
  using step = compile(trainStep(parts));
  using training = train({
    ...parts,
    step,
    state: initTraining(parts, key(0), SHAPE),
    batches: batches(),
    schedule: () => 0.01,
    steps: STEPS,
    inFlight: 16,
  });
  const held = () => ({
    tensors: liveTensors(),
    buffers,
    gpuMB: gpuMB(),
    ownMB: step.stats.bytes / 1e6,
  });
  let warmMB = 0;
  let before: ReturnType<typeof held> | undefined;
  const began = performance.now();
  for await (const event of training) {
    if (event.kind !== "step") continue;
    if (event.step === WARM) warmMB = heapMB();
    // Losses are read nine at a time, so what is held goes round.
    if (event.step >= SETTLED && (STEPS - 1 - event.step) % 9 === 0) before ??= held();
    if (event.step === STEPS - 1) assertEquals(held(), before);
  }
  const seconds = (performance.now() - began) / 1000;
  GPUDevice.prototype.createBuffer = create;
  const lastMB = heapMB();
  assert(lastMB < warmMB + 1, `The heap grew from ${warmMB} to ${lastMB} MB`);
  return {
    name: "compiled soak",
    adapter,
    steps: STEPS,
    msPerStep: rounded(1000 * seconds / STEPS),
    ...before,
    heapMB: [rounded(warmMB), rounded(lastMB)],
  };
}

/** What the heap holds when all garbage is collected. */
function heapMB(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("Cannot measure the heap: need --v8-flags=--expose-gc");
  gc();
  return Deno.memoryUsage().heapUsed / 1e6;
}
