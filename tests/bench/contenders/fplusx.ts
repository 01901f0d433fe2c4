/** The library itself. */

import {
  type BackendName,
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
  unflattenTree,
} from "@fplusx/nn";
import type { Block } from "../lines.ts";
import { models } from "../models.ts";
import { parametersOf, type Problem, RECIPE } from "../problem.ts";
import type { Contender, Start } from "./contender.ts";
import { gpuMB } from "./gpu_memory.ts";

const toTensor = ({ values, shape }: Block) => tensor(values, shape);

/** Makes ready to train step by step. */
export const start: Start = (problem, backend) => train(problem, backend, false);

/** Makes ready to train with a compiled step that works in place. */
export const startCompiled: Start = (problem, backend) => train(problem, backend, true);

async function train(
  problem: Problem,
  backend: string,
  compiled: boolean,
): Promise<Contender> {
  const { adapter } = await setup({ backend: backend as BackendName });
  const { network, examples, labels, learningRate } = problem;
  const model = models[network].make();
  const parts = { model, optimizer: sgd(RECIPE), loss: crossEntropy };
  const recorded = compiled ? compile(trainStep(parts), { donate: true }) : undefined;
  const take = recorded ?? trainStep(parts);
  const drawn = initTraining(parts, key(0), examples.shape);
  const given = new Map(
    Object.entries(parametersOf(problem)).map(([path, block]) => [path, toTensor(block)]),
  );
  let state = { ...drawn, params: unflattenTree(drawn.params, given) };
  release(drawn, state);
  const batch = { x: toTensor(examples), y: tensor(labels) };
  let step = 0;
  return {
    adapter,
    ...backend === "webgpu" && { gpuMB: () => gpuMB() + (recorded?.stats.bytes ?? 0) / 1e6 },
    async step() {
      const turn = knobs(learningRate, 0, step++);
      const [next, loss] = take(state, batch, turn);
      const [value] = await loss.data();
      release([state, turn, loss], next);
      state = next;
      return [value!];
    },
  };
}
