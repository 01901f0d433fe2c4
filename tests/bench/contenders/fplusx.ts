/** The library itself. */

import {
  type BackendName,
  crossEntropy,
  initTraining,
  key,
  knobs,
  type Layer,
  release,
  setup,
  sgd,
  tensor,
  trainStep,
  unflattenTree,
} from "@fplusx/nn";
import type { Block } from "../lines.ts";
import { models, RECIPE } from "../problem.ts";
import type { Start } from "./contender.ts";
import { gpuMB } from "./gpu_memory.ts";

const toTensor = ({ values, shape }: Block) => tensor(values, shape);

/** Makes ready to train with the library. */
export const start: Start = async ({ network, params, images, labels }, backend) => {
  const { adapter } = await setup({ backend: backend as BackendName });
  const model: Layer = models[network]();
  const { learningRate, ...recipe } = RECIPE;
  const parts = { model, optimizer: sgd(recipe), loss: crossEntropy };
  const take = trainStep(parts);
  const drawn = initTraining(parts, key(0), images.shape);
  const given = new Map(Object.entries(params).map(([path, block]) => [path, toTensor(block)]));
  let state = { ...drawn, params: unflattenTree(drawn.params, given) };
  release(drawn, state);
  const batch = { x: toTensor(images), y: tensor(labels) };
  let step = 0;
  return {
    adapter,
    ...backend === "webgpu" && { gpuMB },
    async step() {
      const turn = knobs(learningRate, 0, step++);
      const [next, loss] = take(state, batch, turn);
      const [value] = await loss.data();
      release([state, turn, loss], next);
      state = next;
      return [value!];
    },
  };
};
