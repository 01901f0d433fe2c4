/**
 * The time of the host for a replayed step: ResNet-20 on batches of 32, compiled, the state in place. The
 * call is timed without waiting for the device, and within it the submission, in which a software adapter
 * may wait. `deno run --no-prompt --allow-read=. tests/bench/host_time.ts`
 */

import {
  compile,
  crossEntropy,
  initTraining,
  key,
  knobs,
  release,
  setup,
  sgd,
  tensor,
  trainStep,
} from "@fplusx/nn";
import { resnetCifar } from "@fplusx/nn/models";

const BATCH = 32;
const STEPS = 22;

const { adapter } = await setup({ backend: "webgpu" });
const parts = {
  model: resnetCifar(20),
  optimizer: sgd({ momentum: 0.9, weightDecay: 1e-4 }),
  loss: crossEntropy,
};
const shape = [BATCH, 32, 32, 3];
const batch = {
  x: tensor(Float32Array.from({ length: BATCH * 3072 }, (_, i) => Math.sin(i)), shape),
  y: tensor(Int32Array.from({ length: BATCH }, (_, i) => i % 10)),
};
using step = compile(trainStep(parts), { donate: true });

let submitting = 0;
const { submit } = GPUQueue.prototype;
GPUQueue.prototype.submit = function (commands) {
  const began = performance.now();
  submit.call(this, commands);
  submitting += performance.now() - began;
};

let state = initTraining(parts, key(0), shape);
const times: { readonly call: number; readonly submit: number }[] = [];
for (let i = 0; i < STEPS; i++) {
  const turn = knobs(0.1, 0, i);
  submitting = 0;
  const began = performance.now();
  const [next, loss] = step(state, batch, turn);
  const call = performance.now() - began;
  times.push({ call, submit: submitting });
  await loss.data(); // the device has nothing to do when the next step is submitted
  release([state, turn, loss], next);
  state = next;
}
const replayed = times.slice(2); // the first is recorded, the second compared
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const ms = (value: number): number => Math.round(value * 100) / 100;
const dispatches = step.stats.graphs[0]!.dispatches;
console.log(JSON.stringify({
  bench: "host-time",
  network: "resnet20",
  batch: BATCH,
  adapter,
  dispatches,
  hostMs: ms(median(replayed.map(({ call }) => call))),
  encodeMs: ms(median(replayed.map(({ call, submit }) => call - submit))),
  submitMs: ms(median(replayed.map(({ submit }) => submit))),
  least: ms(Math.min(...replayed.map(({ call }) => call))),
}));
release([state, batch]);
