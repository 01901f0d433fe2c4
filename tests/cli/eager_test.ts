/** Recorded steps from the command line: the same weights as without, and errors that say how to do without. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  BackendError,
  crossEntropy,
  dense,
  initTraining,
  key,
  knobs,
  type Layer,
  MismatchError,
  ops,
  RecordingError,
  release,
  sgd,
  tensor,
  train,
} from "@fplusx/nn";
import { recordedStep } from "../../lib/cli/recorded_step.ts";
import { withFiles } from "../deno/temporary_folder.ts";
import { testEach, webgpuSkipped } from "../backends.ts";
import { lastJson, run, stripes } from "./stripes.ts";

/** Fields of a recipe that change what a step does. */
const busy = [
  'model={"name":"resnet8","width":4,"survival":0.8,"dropPer":"sample"}',
  "accumulate=2",
  "clip=1",
  "ema=0.9",
  "labelSmoothing=0.1",
  'mix=[{"kind":"mixup","alpha":0.2},{"kind":"cutmix","alpha":1}]',
];
const adam =
  'optimizer={"kind":"adamw","beta1":0.9,"beta2":0.99,"weightDecay":0.01,"decay":"weights"}';

for (const [name, fields] of [["plain", []], ["busy", busy], ["Adam's", [adam]]] as const) {
  Deno.test({
    name:
      `A ${name} training comes to the same weights recorded, not recorded, or resumed [webgpu]`,
    ignore: webgpuSkipped !== undefined,
    fn: () =>
      withFiles({}, async (folder) => {
        await stripes(`${folder}/data`, 20);
        const place = [
          ...["--folder", `${folder}/data`, "--backend", "webgpu", "--json"],
          ...["--checkpoint-every", "1", "--keep", "9"],
        ];
        const begin = [
          ...["train", "--recipe", "quick-mnist", "--limit", "14", "--epochs", "2", "--batch", "5"],
          ...fields.flatMap((field) => ["--set", field]),
        ];
        const digestOf = async (...args: string[]) => {
          const { code, out, err } = await run(...args, ...place);
          assertEquals(code, 0, err);
          return lastJson(out).weightsSha256;
        };
        const out = `${folder}/out`;
        const digests = [await digestOf(...begin, "--out", out)];
        digests.push(await digestOf(...begin, "--eager", "--out", `${folder}/eager`));
        // The batch before step 3 is a smaller one, which has a recording of its own.
        for (const [left, how] of [[3, []], [4, ["--eager"]]] as const) {
          for (let step = left + 1; step <= 6; step++) {
            await Deno.remove(`${out}/checkpoints/step-0000000${step}.safetensors`);
          }
          digests.push(await digestOf("train", "--resume", ...how, "--out", out));
        }
        assertEquals(new Set(digests).size, 1, digests.join());
      }),
  });
}

const parts = { model: dense(2) as Layer, optimizer: sgd(), loss: crossEntropy };
const batchOf = () => ({ x: tensor([1, 2], [1, 2]), y: tensor(Int32Array.of(1)) });

testEach("A step that cannot be recorded says how to do without", () => {
  const reading: typeof parts = {
    ...parts,
    loss: (logits, y) => {
      void logits.data();
      return crossEntropy(logits, y);
    },
  };
  using recorded = recordedStep(reading);
  const [state, batch, turn] = [initTraining(parts, key(0), [1, 2]), batchOf(), knobs(0.1, 0, 0)];
  const { message } = assertThrows(() => recorded.step(state, batch, turn), RecordingError);
  assertEquals(
    message,
    "Cannot read a float32 tensor of shape [1,2] inside a compiled step: return it, and read it " +
      "after the step; --eager takes the steps without recording them",
  );
  release([state, batch, turn]);
});

testEach("An error that recording has no part in says nothing of it", () => {
  const failing: typeof parts = {
    ...parts,
    loss: () => {
      throw new BackendError("Cannot go on: the device is asleep");
    },
  };
  using recorded = recordedStep(failing);
  const [state, batch, turn] = [initTraining(parts, key(0), [1, 2]), batchOf(), knobs(0.1, 0, 0)];
  const { message } = assertThrows(() => recorded.step(state, batch, turn), BackendError);
  assertEquals(message, "Cannot go on: the device is asleep");
  release([state, batch, turn]);
});

testEach("A step that is not what was recorded says how to do without", async () => {
  let calls = 0;
  const counting: typeof parts = {
    ...parts,
    loss: (logits, y) => ops.mul(crossEntropy(logits, y), ++calls),
  };
  using recorded = recordedStep(counting);
  using training = train({
    ...counting,
    step: recorded.step,
    state: initTraining(parts, key(0), [1, 2]),
    batches: [batchOf(), batchOf()],
    schedule: () => 0.1,
  });
  const { message } = await assertRejects(async () => {
    for await (const _ of training);
  }, MismatchError);
  assertEquals(
    message,
    "Cannot replay the step: operation 4, Multiply, takes 2, and when it was recorded it took 1; " +
      "what changes has to be a tensor of the state, the batch or the knobs; --eager takes the " +
      "steps without recording them",
  );
}, ["webgpu"]);
