import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Batch,
  compile,
  type CompiledStep,
  DeviceLostError,
  entries,
  formatCheckpoint,
  initTraining,
  key,
  liveTensors,
  parseCheckpoint,
  release,
  setup,
  train,
  type Training,
  type TrainState,
  trainStep,
  type Values,
} from "@fplusx/nn";
import { requestAdapter } from "../../lib/backend/webgpu/device.ts";
import { testEach, webgpuSkipped } from "../backends.ts";
import { perceptron } from "./compile_cases.ts";

const { parts, shape } = perceptron;

function* batchesFrom(first: number): Generator<Batch> {
  for (let i = first;; i++) yield perceptron.batch(i);
}

/** A training up to a step, from the beginning or from where another was. */
function training(step: CompiledStep, steps: number, from?: TrainState, firstStep = 0): Training {
  return train({
    ...parts,
    step,
    state: from ?? initTraining(parts, key(0), shape),
    batches: batchesFrom(firstStep),
    schedule: (i) => 0.1 / (i + 1),
    steps,
    firstStep,
  });
}

async function valuesOf(state: TrainState): Promise<Record<string, Values>> {
  const values: Record<string, Values> = {};
  for (const [path, leaf] of entries(state)) values[path] = (await leaf.data()).slice();
  return values;
}

async function checkpointOf({ state, step }: Training): Promise<Uint8Array<ArrayBuffer>> {
  return await formatCheckpoint({ state, step, cursor: { epoch: 0, index: 0 }, config: {} });
}

async function loadFrom(bytes: Uint8Array<ArrayBuffer>): Promise<TrainState> {
  const like = initTraining(parts, key(1), shape);
  const { state } = await parseCheckpoint(bytes, like);
  release(like);
  return state;
}

testEach("A compiled training that was stopped goes on as if it had not been", async () => {
  using step = compile(trainStep(parts));
  using whole = training(step, 9);
  for await (const _ of whole);
  using first = training(step, 4);
  for await (const _ of first);
  const bytes = await checkpointOf(first);
  using other = compile(trainStep(parts));
  using second = training(other, 9, await loadFrom(bytes), 4);
  for await (const _ of second);
  assertEquals(await valuesOf(second.state), await valuesOf(whole.state));
});

testEach("Compiled steps hold no more after a hundred than after a dozen", async () => {
  using step = compile(trainStep(parts));
  using long = training(step, 100);
  const counts: (readonly [tensors: number, bytes: number])[] = [];
  for await (const event of long) {
    if (event.kind === "step") counts.push([liveTensors(), step.stats.bytes]);
  }
  assertEquals(counts[99], counts[11]);
}, ["webgpu"]);

Deno.test({
  name:
    "A compiled training reports a lost device within a step, and goes on with another [webgpu]",
  ignore: webgpuSkipped !== undefined,
  async fn() {
    const device = await (await requestAdapter())!.requestDevice();
    await setup({ device });
    using step = compile(trainStep(parts));
    using whole = training(step, 9);
    for await (const _ of whole);
    const values = await valuesOf(whole.state);

    const lost = training(step, 9);
    let bytes: Uint8Array<ArrayBuffer> | undefined;
    let after = 0;
    await assertRejects(async () => {
      for await (const event of lost) {
        if (bytes !== undefined) after++;
        if (event.kind !== "step" || event.step !== 5) continue;
        bytes = await checkpointOf(lost);
        device.destroy();
      }
    }, DeviceLostError);
    assert(after <= 1, `${after} events later`);
    lost[Symbol.dispose]();

    await setup({ backend: "webgpu" });
    using again = training(step, 9, await loadFrom(bytes!), 6);
    for await (const _ of again);
    assertEquals(await valuesOf(again.state), values);
  },
});
