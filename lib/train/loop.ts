/**
 * The training loop as an async iterator of events. Stopping early, aborting, saving and evaluating
 * are plain code in the body of a `for await`; the loop alone lets go of old states. Losses are read
 * a few steps late, several at once, so that the device never waits; and until a loss is known to be
 * finite the state before it is held: one that is not ends the training with the last good state.
 *
 * @module
 */

import { assertDevice } from "../backend/setup.ts";
import { ArgumentError, NonFiniteError } from "../errors.ts";
import { key } from "../key.ts";
import type { Layer } from "../layer.ts";
import { nextTurn } from "../next_turn.ts";
import { concat, reshape, tidy } from "../ops.ts";
import type { Schedule } from "../optim/schedule.ts";
import { release, retain } from "../ownership.ts";
import type { Scalar } from "../tensor.ts";
import { leaves, type Tree } from "../tree.ts";
import { takesOver } from "./compile.ts";
import type { LossEvent, TrainEvent } from "./event.ts";
import { inMixedPrecision } from "./mixed_precision.ts";
import { firstNonFinite } from "./non_finite.ts";
import {
  type Batch,
  type Knobs,
  knobs,
  type Step,
  type StepParts,
  stepSeed,
  type TrainState,
  trainStep,
} from "./step.ts";

/** What to train, on what, and for how long. */
export interface TrainOptions<P extends Tree, S extends Tree, B extends Batch = Batch>
  extends StepParts<P, S> {
  /** Where to begin; the training takes it over. */
  readonly state: TrainState<P, S>;
  /** Batches, which the training takes over; it ends when they do. */
  readonly batches: Iterable<B> | AsyncIterable<B>;
  /** Learning rate by step. */
  readonly schedule: Schedule;
  /** Other hyper-parameters by step, by the name of their {@linkcode knob}. */
  readonly schedules?: Readonly<Record<string, Schedule>>;
  /** Seed of all that is drawn in training; 0 by default. */
  readonly seed?: number;
  /** Number of the step at which to stop; when absent, the batches decide. */
  readonly steps?: number;
  /** Number of the first step, when a training is resumed; 0 by default. */
  readonly firstStep?: number;
  /** Stops the training between two steps. */
  readonly signal?: AbortSignal;
  /**
   * How many losses may be unread while the next step is taken; 2 by default. When there are more,
   * all but the newest half of them are read in one go: more in flight means more states that are held,
   * up to `inFlight + 2`, and less waiting where steps are short.
   */
  readonly inFlight?: number;
  /**
   * The step, when it is not the plain `trainStep` of the parts, for example a compiled one. It may not
   * take over the state: the training goes back to one that it holds when a loss is not finite.
   */
  readonly step?: Step<TrainState<P, S>>;
}

/** A training: an iterable of events that owns the state it has reached. */
export interface Training<
  P extends Tree = Tree,
  S extends Tree = Tree,
  B extends Batch = Batch,
> extends AsyncIterable<TrainEvent<P, S, B>>, Disposable {
  /** The state reached so far; after a loss that is not finite, the last good one. Borrowed. */
  readonly state: TrainState<P, S>;
  /** Number of steps that led to `state`. */
  readonly step: number;
}

/** A step whose loss is not known yet, and what it was taken from. */
type Pending<P extends Tree, S extends Tree, B extends Batch> = {
  readonly step: number;
  readonly before: TrainState<P, S>;
  readonly batch: B;
  readonly learningRate: number;
  readonly loss: Scalar;
};

/**
 * Trains a model, one event at a time.
 *
 * @throws {ArgumentError} If `inFlight` or `steps` is not a number of steps, the model has no
 * parameters, or `step` takes over the state that it is given.
 * @throws {NonFiniteError} While iterating, if a loss is not finite: names the step and the first
 * layer whose output is not; `state` of the training is then the last good one.
 *
 * @example Until the loss is small
 * ```ts
 * import { assert } from "@std/assert";
 * import { dense, initTraining, key, meanSquaredError, setup, sgd, tensor, train } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * function* batches() {
 *   while (true) yield { x: tensor([1, 2, 3], [3, 1]), y: tensor([2, 4, 6], [3, 1]) };
 * }
 * const parts = { model: dense(1), optimizer: sgd(), loss: meanSquaredError };
 * using training = train({
 *   ...parts,
 *   state: initTraining(parts, key(0), [3, 1]),
 *   batches: batches(),
 *   schedule: () => 0.05,
 * });
 * for await (const event of training) {
 *   if (event.kind === "loss" && event.loss < 0.01) break;
 * }
 * const [weight] = await training.state.params.weight.data();
 * assert(Math.abs(weight! - 2) < 0.5);
 * ```
 */
export function train<P extends Tree, S extends Tree, B extends Batch = Batch>(
  options: TrainOptions<P, S, B>,
): Training<P, S, B> {
  const { inFlight = 2, firstStep = 0, steps = Infinity } = options;
  if (!Number.isInteger(inFlight) || inFlight < 0) {
    throw new ArgumentError(`Cannot train with ${inFlight} losses in flight: need an integer ≥ 0`);
  }
  if (!(steps >= firstStep)) {
    throw new ArgumentError(`Cannot train up to step ${steps}: it begins at step ${firstStep}`);
  }
  if (leaves(options.state.params).length === 0) {
    throw new ArgumentError("Cannot train a model without parameters: there is nothing to learn");
  }
  if (options.step !== undefined && takesOver(options.step)) {
    throw new ArgumentError(
      "Cannot train with a step that takes over its state: compile it without `donate`",
    );
  }
  let current = options.state;
  let reached = firstStep;
  const pending: Pending<P, S, B>[] = [];
  // The state before the newest step whose loss is known: good, and given up when the next one is.
  let good: TrainState<P, S> | undefined;

  async function* events(): AsyncGenerator<TrainEvent<P, S, B>> {
    const step = options.step ?? trainStep(options);
    const start = performance.now();
    const breathe = breather();
    try {
      if (reached >= steps) return;
      for await (const batch of options.batches) {
        const learningRate = options.schedule(reached);
        const [next, loss] = takeStep(step, batch, knobsOf(learningRate));
        pending.push({ step: reached, before: current, batch, learningRate, loss });
        current = next;
        yield { kind: "step", step: reached++, learningRate, batch, state: current };
        assertDevice();
        if (pending.length > inFlight) yield* settle(Math.ceil(inFlight / 2), start);
        await breathe();
        if (reached >= steps || options.signal?.aborted) break;
      }
      yield* settle(0, start);
    } catch (error) {
      await nextTurn(); // the loss of a device is told after what it breaks
      assertDevice();
      throw error;
    } finally {
      letGo();
    }
  }

  function knobsOf(learningRate: number): Knobs {
    const others = Object.entries(options.schedules ?? {})
      .map(([name, schedule]) => [name, schedule(reached)]);
    return knobs(learningRate, options.seed ?? 0, reached, Object.fromEntries(others));
  }

  /** Takes a step; one that fails leaves nothing behind but the state it began with. */
  function takeStep(
    step: Step<TrainState<P, S>>,
    batch: Batch,
    turn: Knobs,
  ): [next: TrainState<P, S>, loss: Scalar] {
    try {
      return step(current, batch, turn);
    } catch (error) {
      release(batch);
      throw error;
    } finally {
      release(turn);
    }
  }

  /** Reads all losses but some, together. */
  async function* settle(left: number, start: number): AsyncGenerator<LossEvent<P, S, B>> {
    const due = pending.slice(0, Math.max(0, pending.length - left)).map(({ loss }) => loss);
    for (const loss of await valuesOf(due)) yield* tell(loss, start);
  }

  /** Tells the oldest loss, and lets go of what was held in case it were not finite. */
  async function* tell(value: number, start: number): AsyncGenerator<LossEvent<P, S, B>> {
    const oldest = pending[0]!;
    const { step, before, batch, learningRate, loss } = oldest;
    if (!Number.isFinite(value)) throw await diverged(oldest, value);
    pending.shift();
    const state = pending[0]?.before ?? current;
    const examples = batch.x.shape[0]!;
    const seconds = (performance.now() - start) / 1000;
    try {
      yield { kind: "loss", step, loss: value, learningRate, examples, seconds, batch, state };
    } finally {
      release({ batch, loss });
      if (good) release(good, { before, kept: held() });
      good = before;
    }
  }

  /** Goes back to the last good state, and finds out where the trouble began. */
  async function diverged(at: Pending<P, S, B>, value: number): Promise<NonFiniteError> {
    const mode = { kind: "train", key: key(stepSeed(options.seed ?? 0, at.step) >>> 0) } as const;
    const { apply } = options.model as Layer;
    const path = await firstNonFinite(
      options.precision === "mixed" ? (...given) => inMixedPrecision(() => apply(...given)) : apply,
      at.before,
      at.batch.x,
      mode,
    );
    const last = good ?? at.before;
    reached = good ? at.step - 1 : at.step;
    const abandoned = current;
    current = retain(last);
    release(abandoned, { kept: held(), last });
    return new NonFiniteError(
      `Cannot go on training: the loss of step ${at.step} is ${value}, and the first value that is ` +
        `not finite comes from ${path}; the state before step ${reached} is kept`,
      at.step,
    );
  }

  function held(): readonly TrainState<P, S>[] {
    return [current, ...pending.map(({ before }) => before)];
  }

  /** Lets go of everything but the current state. */
  function letGo(): void {
    for (const { before, batch, loss } of pending.splice(0)) {
      release({ before, batch, loss }, current);
    }
    if (good) release(good, current);
    good = undefined;
  }

  const iterator = events();
  return {
    get state() {
      return current;
    },
    get step() {
      return reached;
    },
    [Symbol.asyncIterator]: () => iterator,
    [Symbol.dispose]: () => {
      letGo();
      release(current);
    },
  };
}

/** Reads scalars at once: each read would have the host wait for the device. */
async function valuesOf(scalars: readonly Scalar[]): Promise<Iterable<number>> {
  if (scalars.length < 2) return await Promise.all(scalars.map(async (x) => (await x.data())[0]!));
  using all = tidy(() => concat(scalars.map((x) => reshape(x, [1])), 0)); // [steps]
  return await all.data();
}

/** Lets timers and signals have their turn now and then: a step on the CPU never waits for anything. */
function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 50) return;
    await nextTurn();
    last = performance.now();
  };
}
