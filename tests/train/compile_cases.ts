/**
 * The trainings that compiled steps are compared on with plain ones.
 *
 * @module
 */

import {
  adam,
  type Batch,
  crossEntropy,
  dense,
  dropout,
  embedding,
  entries,
  gelu,
  initTraining,
  key,
  knobs,
  type Layer,
  layerNorm,
  multiHeadAttention,
  release,
  relu,
  residual,
  sequential,
  sgd,
  type Shape,
  type Step,
  type StepParts,
  tensor,
  type TrainState,
  type Tree,
  type Values,
} from "@fplusx/nn";
import { resnetCifar } from "@fplusx/nn/models";

/** A training: its parts, and its batch number `i`. */
export interface Case {
  readonly parts: StepParts<Tree, Tree>;
  readonly shape: Shape;
  readonly batch: (i: number) => Batch;
}

const wave = (count: number, phase: number): Float32Array =>
  Float32Array.from({ length: count }, (_, k) => Math.sin(0.37 * k + phase));
const classes = (count: number, of: number, phase: number): Int32Array =>
  Int32Array.from({ length: count }, (_, k) => (k * 7 + phase) % of);

/** A perceptron with dropout, trained by Adam. */
export const perceptron: Case = {
  parts: {
    model: sequential(dense(16), relu, dropout(0.5), dense(3)) as Layer,
    optimizer: adam(),
    loss: crossEntropy,
  },
  shape: [5, 6],
  batch: (i) => ({ x: tensor(wave(30, i), [5, 6]), y: tensor(classes(5, 3, i)) }),
};

/** A transformer of one block that predicts the next token. */
export const transformer: Case = {
  parts: {
    model: sequential(
      embedding(11, 8),
      residual(sequential(layerNorm(), multiHeadAttention(2, { causal: true, dropout: 0.1 }))),
      residual(sequential(layerNorm(), dense(16), gelu(), dense(8))),
      dense(11),
    ) as Layer,
    optimizer: adam(),
    loss: crossEntropy,
  },
  shape: [2, 6],
  batch: (i) => ({
    x: tensor(classes(12, 11, i), [2, 6]),
    y: tensor(classes(12, 11, i + 7), [2, 6]),
  }),
};

/** ResNet-8 with momentum and weight decay. */
export const resnet8: Case = {
  parts: {
    model: resnetCifar(8) as Layer,
    optimizer: sgd({ momentum: 0.9, weightDecay: 1e-4 }),
    loss: crossEntropy,
  },
  shape: [4, 32, 32, 3],
  batch: (i) => ({
    x: tensor(wave(4 * 32 * 32 * 3, i), [4, 32, 32, 3]),
    y: tensor(classes(4, 10, i)),
  }),
};

/** What a run came to: its losses, and the values of its last state by path. */
export interface Course {
  readonly losses: readonly number[];
  readonly state: Readonly<Record<string, Values>>;
}

/** Takes steps from the beginning, with a rate that falls. */
export async function run(
  { parts, shape, batch }: Case,
  step: Step<TrainState>,
  { steps = 20, seed = 0 } = {},
): Promise<Course> {
  let state: TrainState = initTraining(parts, key(0), shape);
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const [data, turn] = [batch(i), knobs(0.1 / (i + 1), seed, i)];
    const [next, loss] = step(state, data, turn);
    release(state, next);
    state = next;
    losses.push((await loss.data())[0]!);
    release([data, turn, loss]);
  }
  const values: Record<string, Values> = {};
  for (const [path, leaf] of entries(state)) values[path] = (await leaf.data()).slice();
  release(state);
  return { losses, state: values };
}
