/**
 * The training step: a pure function from state, batch and knobs to the next state and the loss.
 * Everything that changes from step to step enters as a tensor, so the same function can be run,
 * recorded and replayed.
 *
 * @module
 */

import { valueAndGrad } from "../grad.ts";
import { fold, type Key, key, randomBits } from "../key.ts";
import { type Layer, trainMode, type Variables } from "../layer.ts";
import { scalar, tidy } from "../ops.ts";
import { applyGradient, type GradientTransformation } from "../optim/transform.ts";
import type { Scalar, Shape, Tensor } from "../tensor.ts";
import type { Tree } from "../tree.ts";
import { mixedPrecision } from "./mixed_precision.ts";

/** Everything that training changes: parameters, state and the memory of the optimizer. */
export type TrainState<P extends Tree = Tree, S extends Tree = Tree> = Variables<P, S> & {
  /** The memory of the optimizer. */
  readonly optimizer: Tree;
};

/** Inputs and targets that are trained on together. */
export type Batch = {
  /** Inputs, `[batch, …]`. */
  readonly x: Tensor;
  /** Targets, for example `int32` labels `[batch]`. */
  readonly y: Tensor;
};

/** What changes from step to step besides the batch: see {@linkcode knob} for other names. */
export type Knobs = {
  /** The learning rate of this step. */
  readonly learningRate: Scalar;
  /** The seed of this step, `int32`, for dropout and the like. */
  readonly seed: Scalar;
  /** A hyper-parameter of this step. */
  readonly [name: string]: Scalar;
};

/** Gives the next state and the loss before the update; borrows what it is given. */
export type Step<T extends Tree = TrainState> = (
  state: T,
  batch: Batch,
  knobs: Knobs,
) => [next: T, loss: Scalar];

/** Gives the loss of a batch, a scalar, from the output of the model and the targets. */
export type Loss = (output: Tensor, y: Tensor) => Scalar;

/** Gives loss, next state and gradient of a batch; borrows what it is given. */
export type Objective<P extends Tree = Tree, S extends Tree = Tree> = (
  params: P,
  state: S,
  batch: Batch,
  seed: Scalar,
) => [lossAndState: [loss: Scalar, next: S], gradient: P];

/** What a training step is made of. */
export interface StepParts<P extends Tree, S extends Tree> {
  /** The model. */
  readonly model: Layer<P, S>;
  /** How gradients become updates. */
  readonly optimizer: GradientTransformation;
  /** What is minimised. */
  readonly loss: Loss;
  /** Changes how the gradient is taken, for example {@linkcode sharpnessAware}. */
  readonly wrap?: (objective: Objective<P, S>) => Objective<P, S>;
  /**
   * `"mixed"` lets WebGPU keep what convolutions, batch normalisation and pooling make, and its
   * gradients, in halves: floats of 16 bits, for less memory. Parameters and all sums stay floats, and
   * on other backends nothing is rounded. `"single"` by default.
   *
   * What is larger than 65,504 becomes infinite in halves: in the loss that ends a training as ever,
   * and of gradients {@linkcode applyIfFinite} lets none through.
   */
  readonly precision?: "single" | "mixed";
  /**
   * What the loss is multiplied with in mixed precision while the gradient is taken, so that small
   * gradients do not become zero: a power of two. 128 by default, amid the factors from 8 to 32,768
   * of Micikevicius et al., [Mixed precision training](https://arxiv.org/abs/1710.03740), 2018.
   */
  readonly lossScale?: number;
}

/**
 * Gives fresh training state for inputs of `shape`.
 *
 * @throws {ShapeError} If the model cannot take `shape`; names the layer.
 */
export function initTraining<P extends Tree, S extends Tree>(
  { model, optimizer }: Pick<StepParts<P, S>, "model" | "optimizer">,
  key: Key,
  shape: Shape,
): TrainState<P, S> {
  const { params, state } = model.init(key, shape);
  return { params, state, optimizer: optimizer.init(params) };
}

/**
 * Makes the training step of a model.
 *
 * @throws {ArgumentError} If `lossScale` is not a power of two.
 * @throws {BackendError} From a step in mixed precision, if the WebGPU device has no `shader-f16`.
 *
 * @example Three steps towards a line
 * ```ts
 * import { assert } from "@std/assert";
 * import {
 *   dense, initTraining, key, knobs, meanSquaredError, release, setup, sgd, tensor, trainStep,
 * } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const parts = { model: dense(1), optimizer: sgd(), loss: meanSquaredError };
 * const step = trainStep(parts);
 * const batch = { x: tensor([1, 2, 3], [3, 1]), y: tensor([2, 4, 6], [3, 1]) };
 * let state = initTraining(parts, key(0), [3, 1]);
 * const losses: number[] = [];
 * for (let i = 0; i < 3; i++) {
 *   const [next, loss] = step(state, batch, knobs(0.05, 0, i));
 *   losses.push((await loss.data())[0]!);
 *   release(state, next);
 *   state = next;
 * }
 * assert(losses[2]! < losses[0]!);
 * ```
 */
export function trainStep<P extends Tree, S extends Tree>(
  { model, optimizer, loss, wrap, precision, lossScale }: StepParts<P, S>,
): Step<TrainState<P, S>> {
  const of = (loss: Loss): Objective<P, S> =>
    valueAndGrad(
      (params: P, state: S, { x, y }: Batch, seed: Scalar): [Scalar, S] => {
        const [output, next] = model.apply({ params, state }, x, trainMode(key(seed)));
        return [loss(output, y), next];
      },
      { aux: true },
    );
  const plain = precision === "mixed" ? mixedPrecision(loss, of, lossScale) : of(loss);
  const objective = wrap === undefined ? plain : wrap(plain);
  return ({ params, state, optimizer: memory }, batch, knobs) =>
    tidy(() => {
      const { learningRate, seed } = knobs;
      const [[value, next], gradients] = objective(params, state, batch, seed);
      const context = { params, learningRate, knobs };
      const [nextParams, nextMemory] = applyGradient(optimizer, gradients, memory, context);
      return [{ params: nextParams, state: next, optimizer: nextMemory }, value];
    });
}

/**
 * Gives the knobs of step number `step`: its learning rate, its seed drawn from `seed`, and other
 * hyper-parameters by name.
 */
export function knobs(
  learningRate: number,
  seed: number,
  step: number,
  others: Readonly<Record<string, number>> = {},
): Knobs {
  return {
    ...Object.fromEntries(Object.entries(others).map(([name, value]) => [name, scalar(value)])),
    learningRate: scalar(learningRate),
    seed: scalar(stepSeed(seed, step), "int32"),
  };
}

/** The seed of one step, as a signed integer of 32 bits. */
export function stepSeed(seed: number, step: number): number {
  return randomBits(fold(key(seed), step), 1)[0]! | 0;
}
