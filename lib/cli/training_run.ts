/**
 * The steps of a training: listeners are told of each, tests come after each epoch, checkpoints on the
 * way. Ctrl-C finishes the step and saves; a loss that is not finite leaves the last good weights.
 *
 * @module
 */

import { activeBackend } from "../backend/setup.ts";
import type { Tuning } from "../backend/tune.ts";
import { type Cursor, pickSamples, readBatches, type Samples } from "../data/mod.ts";
import { NonFiniteError } from "../errors.ts";
import { fold, type Key, key, permutation } from "../key.ts";
import { type Layer, trainMode, type Variables } from "../layer.ts";
import type { HistoryRecord } from "../inspect/mod.ts";
import { tidy } from "../ops.ts";
import { averagedParams } from "../optim/ema.ts";
import { scoped } from "../ownership.ts";
import type { RecipeData, TrainingParts } from "../recipes/mod.ts";
import { evaluate, type Evaluation } from "../train/evaluate.ts";
import { train } from "../train/loop.ts";
import { reestimateBatchNorm } from "../train/reestimate_batch_norm.ts";
import { topKAccuracy } from "../train/metrics.ts";
import type { Batch, TrainState } from "../train/step.ts";
import { examineOn } from "./examined.ts";
import { hearing } from "./hearing.ts";
import type { Listener } from "./listener.ts";
import { type Measured, type Stopwatch, stopwatch } from "./progress.ts";
import { advisedOnHalves } from "./precision.ts";
import { recordedStep } from "./recorded_step.ts";
import type { RunFolder } from "./run_folder.ts";
import type { RunEnd, RunRecord } from "./run_record.ts";

/** Where a training begins. */
export type Start = {
  /** What it begins with; the training takes it over. */
  readonly state: TrainState;
  /** Number of steps that were taken before. */
  readonly step: number;
  /** The place in the data. */
  readonly cursor: Cursor;
  /** How long they took, and how many images were learned from. */
  readonly measured?: Measured;
  /** What was noted of those steps. */
  readonly history: readonly HistoryRecord[];
};

/** What {@linkcode takeSteps} needs. */
export type TrainingRun = {
  /** What the training is. */
  readonly record: RunRecord;
  /** What its recipe says, made. */
  readonly parts: TrainingParts;
  /** What is learned from, and what is tested on. */
  readonly sets: RecipeData;
  /** Where it begins. */
  readonly start: Start;
  /** Where it is kept. */
  readonly folder: RunFolder;
  /** Who hears of it, the folder among them. */
  readonly listener: Required<Listener>;
  /** How its convolutions and products are done, where they were tuned. */
  readonly tuning: Tuning | undefined;
  /** Steps between checkpoints. */
  readonly checkpointEvery: number;
  /** Whether the code of every step is run, where one could be recorded and replayed. */
  readonly eager: boolean;
  /** Stops it between two steps. */
  readonly signal: AbortSignal;
  /** Says a line. */
  readonly log: (line: string) => void;
};

/** How a training has ended, and where its weights are. */
export type Finished = RunEnd & {
  /** The file. */
  readonly weights: string;
};

/**
 * Trains to the end, or until it is stopped; saves and examines what was learned.
 *
 * @throws {NonFiniteError} If the loss is not finite any more; the last good weights are saved.
 */
export async function takeSteps(run: TrainingRun): Promise<Finished> {
  const { record: { recipe }, parts, sets, start, folder, listener, signal } = run;
  const { model, steps, stepsPerEpoch } = parts;
  const base = key(recipe.seed);
  const heard = hearing(run);
  const stop = AbortSignal.any([signal, heard.enough]);
  using recorded = run.eager ? undefined : recordedStep(parts);
  using training = train({
    ...parts,
    ...recorded && { step: recorded.step },
    state: start.state,
    firstStep: start.step,
    steps,
    batches: readBatches(sets.train, {
      ...parts.batches,
      key: fold(base, "data"),
      cursor: start.cursor,
    }),
    schedule: (step) => heard.schedule(step),
    seed: recipe.seed,
    signal: stop,
  });
  const config = {
    recipe: JSON.stringify(recipe),
    classes: String(run.record.classes),
    ...run.tuning && { tuning: JSON.stringify(run.tuning) },
  };
  const meter = lossMeter();
  const clock = stopwatch(start.measured);
  const learned = (state: TrainState): Variables =>
    recipe.ema === null
      ? state
      : { ...state, params: averagedParams(state.params, state.optimizer) };
  const end = (
    outcome: RunEnd["outcome"],
    result?: Evaluation,
    variables = learned(training.state),
    bestStep?: number,
  ) => finish(run, { outcome, steps: training.step, bestStep, result, clock, learned: variables });

  let result: Evaluation | undefined;
  try {
    for await (const event of training) {
      if (event.kind !== "loss") continue;
      const { step, loss, learningRate, state, batch } = event;
      const done = step + 1;
      clock.count(event.examples);
      const figures = { loss: meter(loss), learningRate, rate: clock.rate() };
      const moment = { variables: state, share: done / steps, figures };
      const note = async (line: HistoryRecord) => {
        heard.note(line);
        await listener.note(line, moment);
      };
      const error = heard.needsError()
        ? { error: await errorOn(batch, model, state, fold(fold(base, "error"), step)) }
        : {};
      await note({ step, loss, learningRate, ...error });
      if (done % stepsPerEpoch === 0) {
        result = await clock.pause(() => testOn(sets.validation, model, learned(state)));
        const { loss, top1 } = result;
        await note({
          step,
          ...sets.validation === sets.test
            ? { testLoss: loss, top1 }
            : { validationLoss: loss, validationTop1: top1 },
        });
        if (heard.best() === done) await folder.keepBest(learned(state), done);
      }
      // The last step is left by Ctrl-C, or by the end.
      const last = done === steps || done === training.step && stop.aborted;
      if (done % run.checkpointEvery === 0 || last) {
        const measured = JSON.stringify({ seconds: clock.seconds(), total: clock.total() });
        const place = { step: done, cursor: batch.cursor, config: { ...config, measured } };
        await folder.checkpoints.save({ state, ...place });
      }
    }
  } catch (error) {
    if (error instanceof NonFiniteError) {
      const { weights } = await end("diverged");
      run.log(`the last good weights, of step ${training.step}, are in ${weights}`);
      throw advisedOnHalves(error, recipe, activeBackend());
    }
    throw error;
  }
  await folder.checkpoints.settled();
  // What was measured is of another state than the one that Ctrl-C leaves.
  if (signal.aborted && training.step < steps) return await end("stopped");
  const last = learned(training.state);
  const best = heard.best() ?? training.step;
  const found = best === training.step ? undefined : await folder.best(best, last);
  using kept = found && scoped(found);
  const { params, state } = kept ?? last;
  using exact = recipe.reestimate === null
    ? undefined
    : scoped(await clock.pause(() => reestimated(run, { params, state })));
  const variables = { params, state: exact ?? state };
  const isTested = !exact && !kept && sets.validation === sets.test &&
    training.step % stepsPerEpoch === 0;
  if (result === undefined || !isTested) {
    result = await clock.pause(() => testOn(sets.test, model, variables));
  }
  return await end("finished", result, variables, kept && best);
}

/** Estimates the statistics of normalisations on as many images as the recipe says. */
function reestimated({ record: { recipe }, parts, sets }: TrainingRun, variables: Variables) {
  const { seed, reestimate } = recipe;
  const order = permutation(fold(key(seed), "statistics"), sets.train.count);
  const train = pickSamples(sets.train, order.subarray(0, reestimate!));
  const { epochs: _epochs, ...making } = parts.batches;
  return reestimateBatchNorm(parts.model, variables, {
    batches: readBatches(train, { ...making, key: fold(key(seed), "statistics") }),
    seed,
  });
}

/** The share of a batch that is classified wrong, with the statistics of the batch. */
async function errorOn(batch: Batch, model: Layer, state: TrainState, key: Key): Promise<number> {
  using right = tidy(() => {
    const [logits] = model.apply(state, batch.x, trainMode(key));
    return topKAccuracy(logits, batch.y);
  });
  return 1 - (await right.data())[0]!;
}

/** What a training has come to. */
type Outcome = Pick<RunEnd, "outcome" | "steps"> & {
  readonly bestStep: number | undefined;
  readonly result: Evaluation | undefined;
  readonly clock: Stopwatch;
  readonly learned: Variables;
};

/** Saves and examines what was learned, and tells how it ended. */
async function finish(
  { record, parts, sets, folder, listener }: TrainingRun,
  { outcome, steps, bestStep, result, clock, learned }: Outcome,
): Promise<Finished> {
  const [seconds, imagesPerSecond] = [clock.seconds(), clock.rate()];
  const saved = await folder.save(learned, {
    model: record.model,
    classes: String(record.classes),
    recipe: JSON.stringify(record.recipe),
    steps: String(bestStep ?? steps),
  });
  const end: RunEnd = {
    outcome,
    steps,
    ...bestStep === undefined ? {} : { bestStep },
    seconds,
    imagesPerSecond,
    top1: result?.top1 ?? null,
    loss: result?.loss ?? null,
    weightsSha256: saved.weightsSha256,
    time: new Date().toISOString(),
  };
  const examined = result && await examineOn(sets.test, parts.model, learned);
  await listener.end({ ...record, end }, examined);
  return { ...saved, ...end };
}

function testOn(test: Samples, model: Layer, variables: Variables): Promise<Evaluation> {
  return evaluate(model, variables, { batches: readBatches(test, { size: TESTED }) });
}

/** Images that are tested on together. */
const TESTED = 250;

/** Smooths the loss: each new one counts for a twentieth. */
function lossMeter(): (loss: number) => number {
  let mean: number | undefined;
  return (loss) => mean = mean === undefined ? loss : 0.95 * mean + 0.05 * loss;
}
