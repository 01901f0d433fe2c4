import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type Batch,
  compile,
  DeviceLostError,
  DisposedError,
  entries,
  formatCheckpoint,
  initTraining,
  key,
  knobs,
  LabelError,
  liveTensors,
  parseCheckpoint,
  release,
  setup,
  type Step,
  tensor,
  train,
  type Training,
  type TrainState,
  trainStep,
  type Values,
} from "@fplusx/nn";
import { requestAdapter } from "../../lib/backend/webgpu/device.ts";
import { tf } from "../../lib/tfjs.ts";
import { testEach, webgpuSkipped } from "../backends.ts";
import { type Case, perceptron, transformer } from "./compile_cases.ts";

const { parts, shape } = perceptron;

function* batchesFrom(first: number, { batch }: Case): Generator<Batch> {
  for (let i = first;; i++) yield batch(i);
}

/** A training up to a step, from the beginning or from where another was. */
function training(
  step: Step<TrainState>,
  steps: number,
  { from, firstStep = 0, example = perceptron }: {
    readonly from?: TrainState;
    readonly firstStep?: number;
    readonly example?: Case;
  } = {},
): Training {
  const { parts, shape } = example;
  return train({
    ...parts,
    step,
    state: from ?? initTraining(parts, key(0), shape),
    batches: batchesFrom(firstStep, example),
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
  using second = training(other, 9, { from: await loadFrom(bytes), firstStep: 4 });
  for await (const _ of second);
  assertEquals(await valuesOf(second.state), await valuesOf(whole.state));
});

testEach(
  "Two compiled trainings at once are what each is alone, and end for themselves",
  async () => {
    const cases = [perceptron, transformer] as const;
    const alone: Record<string, Values>[] = [];
    for (const example of cases) {
      using step = compile(trainStep(example.parts));
      using one = training(step, 6, { example });
      for await (const _ of one);
      alone.push(await valuesOf(one.state));
    }
    const steps = cases.map(({ parts }) => compile(trainStep(parts)));
    const both = cases.map((example, i) => training(steps[i]!, 6, { example }));
    const running = both.map((one) => one[Symbol.asyncIterator]());
    let isRunning = true;
    while (isRunning) {
      const turns = await Promise.all(running.map((events) => events.next()));
      isRunning = !turns.every(({ done }) => done);
    }
    for (const [i, one] of both.entries()) {
      assertEquals(await valuesOf(one.state), alone[i]);
      // The second time nothing happens, and the other is still there.
      for (let again = 0; again < 2; again++) {
        steps[i]![Symbol.dispose]();
        one[Symbol.dispose]();
      }
    }
  },
);

testEach("What was disposed is not used again", async () => {
  const step = compile(trainStep(parts));
  const one = training(step, 9);
  const events = one[Symbol.asyncIterator]();
  await events.next();
  one[Symbol.dispose]();
  const leaf = "Cannot use a float32 tensor of shape [6,16]: it was disposed";
  const [, weight] = entries(one.state).find(([path]) => path === "params.0.weight")!;
  await assertRejects(async () => await weight.data(), DisposedError, leaf);
  await assertRejects(() => events.next(), DisposedError, `${leaf}, at "state.params.0.weight"`);
  step[Symbol.dispose]();
  const [state, batch, turn] = [
    initTraining(parts, key(0), shape),
    perceptron.batch(0),
    knobs(1, 0, 0),
  ];
  const { message } = assertThrows(() => step(state, batch, turn), DisposedError);
  assertEquals(message, "Cannot take a compiled step: it was disposed");
  release([state, batch, turn]);
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

testEach(
  "Models that are made again and again, and steps that fail, leave no memory behind",
  () => {
    const memory = () => {
      const { numBytesInGPU, numBytesAllocatedInGPU, numTensors } = tf
        .memory() as unknown as Record<
          string,
          number
        >;
      return [numBytesInGPU, numBytesAllocatedInGPU, numTensors];
    };
    const counts: unknown[] = [];
    for (let i = 0; i < 100; i++) {
      const state = initTraining(parts, key(i), shape);
      const [{ x, y }, turn] = [perceptron.batch(i), knobs(1, 0, i)];
      const wrong = tensor(Int32Array.of(0, 1, 2, 1, 3));
      using compiled = compile(trainStep(parts));
      for (const step of [compiled, trainStep(parts)]) {
        assertThrows(() => step(state, { x, y: wrong }, turn), LabelError);
        release(step(state, { x, y }, turn));
      }
      release([state, x, y, wrong, turn]);
      counts.push(memory());
    }
    assertEquals(counts[99], counts[9]);
  },
  ["webgpu"],
);

for (const way of ["compiled", "plain"] as const) {
  Deno.test({
    name:
      `A ${way} training reports a lost device within a step, and goes on with another [webgpu]`,
    ignore: webgpuSkipped !== undefined,
    async fn() {
      const device = await (await requestAdapter())!.requestDevice();
      await setup({ device });
      using compiled = compile(trainStep(parts));
      const step = way === "compiled" ? compiled : trainStep(parts);
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
      using again = training(step, 9, { from: await loadFrom(bytes!), firstStep: 6 });
      for await (const _ of again);
      assertEquals(await valuesOf(again.state), values);
    },
  });
}
