/**
 * What a training tells about: that a step was taken, and later its loss, which has to be read from the
 * device first.
 *
 * @module
 */

import type { Tree } from "../tree.ts";
import type { Batch, TrainState } from "./step.ts";

/** A step was taken; its loss is not known yet. */
export type StepEvent<
  P extends Tree = Tree,
  S extends Tree = Tree,
  B extends Batch = Batch,
> = {
  /** Tells this event from the others. */
  readonly kind: "step";
  /** Number of the step, from 0. */
  readonly step: number;
  /** Learning rate of the step. */
  readonly learningRate: number;
  /** The batch it was taken on; borrowed until the next event. */
  readonly batch: B;
  /** State after the step; borrowed until the next event. */
  readonly state: TrainState<P, S>;
};

/** The loss of a step became known; every step before it had a finite loss too. */
export type LossEvent<
  P extends Tree = Tree,
  S extends Tree = Tree,
  B extends Batch = Batch,
> = {
  /** Tells this event from the others. */
  readonly kind: "loss";
  /** Number of the step, from 0. */
  readonly step: number;
  /** Loss of the batch before the update. */
  readonly loss: number;
  /** Learning rate of the step. */
  readonly learningRate: number;
  /** Number of examples in the batch. */
  readonly examples: number;
  /** Seconds since the training began. */
  readonly seconds: number;
  /** The batch of the step; borrowed until the next event. */
  readonly batch: B;
  /** State after the step, though later steps may have been taken; borrowed until the next event. */
  readonly state: TrainState<P, S>;
};

/** What {@linkcode train} tells about. */
export type TrainEvent<
  P extends Tree = Tree,
  S extends Tree = Tree,
  B extends Batch = Batch,
> = StepEvent<P, S, B> | LossEvent<P, S, B>;
