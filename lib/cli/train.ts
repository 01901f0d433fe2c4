/**
 * `train`: a model on a data set, with a progress line, a test after each epoch, and at the end the
 * weights, the history and a report in a folder. Checkpoints are written on the way; Ctrl-C
 * finishes the step, saves, and says how to go on. Whoever wants to see the training is a listener.
 *
 * @module
 */

import { batches, type Cursor, type Dataset, take } from "../data/mod.ts";
import { livePage, tensorboardWriter } from "../deno/mod.ts";
import { ArgumentError, NonFiniteError } from "../errors.ts";
import { cost } from "../inspect/mod.ts";
import { fold, key } from "../key.ts";
import type { Layer, Variables } from "../layer.ts";
import { cosineDecay, type Schedule, warmup } from "../optim/schedule.ts";
import { sgd } from "../optim/sgd.ts";
import { release } from "../ownership.ts";
import type { Checkpoint } from "../train/checkpoint.ts";
import { evaluate, type Evaluation } from "../train/evaluate.ts";
import { train } from "../train/loop.ts";
import { crossEntropy } from "../train/loss.ts";
import { initTraining, type TrainState } from "../train/step.ts";
import { backendOptions, startBackend } from "./backend.ts";
import { examineOn } from "./examined.ts";
import { abortOnInterrupt, INTERRUPTED } from "./interrupt.ts";
import { listeners } from "./listener.ts";
import { onPage } from "./on_page.ts";
import { onTensorboard } from "./on_tensorboard.ts";
import type { OptionValues } from "./options.ts";
import { progress, showDuration, stopwatch } from "./progress.ts";
import { byName, DATA, MODELS } from "./registry.ts";
import { newRunPath, readHistory, type RunFolder, runFolder } from "./run_folder.ts";
import { environmentOf, type RunEnd, type RunRecord } from "./run_record.ts";
import { trainingBar } from "./training_bar.ts";
import { type Verb, verb } from "./verb.ts";

const options = {
  model: { type: "text", value: "NAME", about: "model to train" },
  data: { type: "text", about: "data set to train on", choices: Object.keys(DATA) },
  folder: { type: "text", value: "PLACE", about: "folder, archive or address of the data set" },
  limit: { type: "integer", least: 1, about: "use only the first N images of each part" },
  epochs: { type: "integer", least: 1, default: 2, about: "times to go through the data" },
  batch: { type: "integer", least: 1, default: 64, about: "images in a batch" },
  "learning-rate": { type: "number", least: 0, default: 0.1, about: "highest learning rate" },
  "weight-decay": { type: "number", least: 0, default: 5e-4, about: "decay of the weights" },
  seed: { type: "integer", least: 0, default: 0, about: "seed of everything random" },
  ...backendOptions,
  out: { type: "text", value: "DIR", about: "where to save (default runs/MODEL-TIME)" },
  "checkpoint-every": {
    type: "integer",
    least: 1,
    about: "steps between checkpoints (default: an epoch)",
  },
  keep: { type: "integer", least: 1, default: 3, about: "checkpoints to keep" },
  resume: { type: "flag", about: "go on from the last checkpoint in --out" },
  tensorboard: { type: "flag", about: "write event files for TensorBoard to --out" },
  watch: {
    type: "integer",
    least: 0,
    bare: 8000,
    value: "PORT",
    about: "show the curves live on 127.0.0.1; needs --allow-net=127.0.0.1",
  },
  json: { type: "flag", about: "print only one line of JSON, at the end" },
} as const;

/** What a training must be started with again to be resumed. */
const CONFIG = [
  "model",
  "data",
  "limit",
  "epochs",
  "batch",
  "learning-rate",
  "weight-decay",
  "seed",
] as const;

/** The verb `train`. */
export const trainVerb: Verb = verb(
  "train",
  "Train a model; save its weights, history and a report",
  options,
  run,
);

async function run(values: OptionValues<typeof options>): Promise<number> {
  const entry = byName(MODELS, "a model", values.model);
  const load = byName(DATA, "a data set", values.data);
  if (values.resume && values.out === undefined) {
    throw new ArgumentError("Cannot resume without --out: need the folder of the training");
  }
  const out = values.out ?? newRunPath(values.model!);
  using bar = progress("training", values.json);
  await using page = values.watch === undefined
    ? undefined
    : livePage({ title: `${values.model} on ${values.data}`, port: values.watch });
  if (page) bar.log(`watch    ${page.url}`);
  const backend = await startBackend(values);
  bar.log(`backend  ${backend.name} (${backend.adapter}): ${backend.reason}`);
  const sets = await load(values.folder, values.json);
  const [trainSet, test] = [take(sets.train, values.limit), take(sets.test, values.limit)];
  bar.log(`data     ${values.data}: ${trainSet.shape[0]} images, ${test.shape[0]} to test on`);

  const base = key(values.seed);
  const perEpoch = Math.ceil(trainSet.shape[0] / values.batch);
  const steps = perEpoch * values.epochs;
  const every = values["checkpoint-every"] ?? perEpoch;
  const config = Object.fromEntries(CONFIG.map((name) => [name, String(values[name])]));
  const parts = {
    model: entry.make(trainSet.classes),
    optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: values["weight-decay"] }),
    loss: crossEntropy,
  };
  await using folder = await runFolder(out, { keep: values.keep, warn: bar.log });
  const shape = [values.batch, ...trainSet.shape.slice(1)];
  const fresh = initTraining(parts, fold(base, "init"), shape);
  const start = values.resume
    ? await resumed(folder, out, fresh, config)
    : { state: fresh, step: 0, cursor: { epoch: 0, index: 0 } };
  if (values.resume) bar.log(`resumed  after step ${start.step} of ${steps}`);
  await using board = values.tensorboard ? await tensorboardWriter(out, start.step) : undefined;
  const listener = listeners(
    folder,
    trainingBar(bar, perEpoch),
    ...board ? [onTensorboard(board)] : [],
    ...page ? [onPage(page)] : [],
  );
  const record: RunRecord = {
    model: values.model!,
    data: values.data!,
    classes: trainSet.classes,
    parameters: cost(parts.model, shape).parameters,
    steps,
    options: shownOptions(values),
    environment: environmentOf(backend),
  };
  // Steps after the checkpoint are taken again, so what was said of them is forgotten.
  await listener.begin(record, values.resume ? await readHistory(out, start.step) : []);

  const abort = new AbortController();
  using _interrupts = abortOnInterrupt(abort, bar.log);
  using training = train({
    ...parts,
    state: start.state,
    firstStep: start.step,
    steps,
    batches: batches(trainSet, {
      size: values.batch,
      key: fold(base, "data"),
      epochs: values.epochs,
      cursor: start.cursor,
    }),
    schedule: oneCycle(values["learning-rate"], steps),
    seed: values.seed,
    signal: abort.signal,
  });
  const checkpoint = (step: number, state: TrainState, cursor: Cursor) =>
    folder.checkpoints.save({ state, step, cursor, config });
  const meter = lossMeter();
  const clock = stopwatch();
  /** Saves and examines what was learned, and tells how it ended. */
  const finish = async (outcome: RunEnd["outcome"], result?: Evaluation) => {
    const [seconds, imagesPerSecond] = [clock.seconds(), clock.rate()];
    const saved = await folder.save(training.state, {
      model: values.model!,
      classes: String(trainSet.classes),
      steps: String(training.step),
      seed: String(values.seed),
    });
    const end: RunEnd = {
      outcome,
      steps: training.step,
      seconds,
      imagesPerSecond,
      top1: result?.top1 ?? null,
      loss: result?.loss ?? null,
      weightsSha256: saved.weightsSha256,
      time: new Date().toISOString(),
    };
    const examined = result && await examineOn(test, parts.model, training.state);
    await listener.end({ ...record, end }, examined);
    return { ...saved, ...end };
  };

  let result: Evaluation | undefined;
  try {
    for await (const event of training) {
      if (event.kind !== "loss") continue;
      const { step, loss, learningRate, state, batch: { cursor } } = event;
      const done = step + 1;
      clock.count(event.examples);
      const figures = { loss: meter(loss), learningRate, rate: clock.rate() };
      const moment = { variables: state, share: done / steps, figures };
      await listener.note({ step, loss, learningRate }, moment);
      if (done % perEpoch === 0) {
        result = await clock.pause(() => testOn(test, parts.model, state));
        await listener.note({ step, testLoss: result.loss, top1: result.top1 }, moment);
      }
      // The last step is left by Ctrl-C, or by the end.
      if (done % every === 0 || done === steps || done === training.step && abort.signal.aborted) {
        await checkpoint(done, state, cursor);
      }
    }
  } catch (error) {
    if (error instanceof NonFiniteError) {
      const { weights } = await finish("diverged");
      bar.log(`the last good weights, of step ${training.step}, are in ${weights}`);
    }
    throw error;
  }
  await folder.checkpoints.settled();
  const stopped = abort.signal.aborted && training.step < steps;
  // What was measured is of another state than the one that Ctrl-C leaves.
  result = stopped
    ? undefined
    : result ?? await clock.pause(() => testOn(test, parts.model, training.state));
  const { outcome: _outcome, time: _time, ...end } = await finish(
    stopped ? "stopped" : "finished",
    result,
  );
  if (values.json) {
    const { model, data } = record;
    console.log(
      JSON.stringify({ model, data, ...end, backend: backend.name, adapter: backend.adapter }),
    );
  } else {
    const right = result ? `${percent(result.top1)} of the test images are right; ` : "";
    console.log(
      `${right}${end.steps} steps in ${showDuration(end.seconds)} at ` +
        `${Math.round(end.imagesPerSecond)} images/s
` +
        `weights, history and report.html are in ${out}`,
    );
  }
  if (!stopped) return 0;
  bar.log(
    `stopped; the same command with --out ${out} --resume goes on after step ${end.steps}`,
  );
  return INTERRUPTED;
}

/** The options that a report tells: those that have a value. */
function shownOptions(values: OptionValues<typeof options>): RunRecord["options"] {
  const { json: _json, ...others } = values;
  return Object.fromEntries(
    Object.entries(others).filter(([, value]) => value !== undefined && value !== false),
  ) as RunRecord["options"];
}

/** Goes back to the last checkpoint, in place of `fresh`, and checks that it is of this training. */
async function resumed(
  { checkpoints }: RunFolder,
  out: string,
  fresh: TrainState,
  config: Checkpoint["config"],
): Promise<Omit<Checkpoint, "config">> {
  const found = await checkpoints.latest(fresh);
  release(fresh);
  if (found === undefined) {
    throw new ArgumentError(`Cannot resume "${out}": there is no checkpoint in it`);
  }
  const differ = CONFIG.filter((name) => found.config[name] !== config[name]);
  if (differ.length === 0) return found;
  release(found.state);
  const list = differ.map((name) => `--${name} was ${found.config[name]} and is ${config[name]}`);
  throw new ArgumentError(`Cannot resume "${out}" with other options: ${list.join(", ")}`);
}

function testOn(test: Dataset, model: Layer, variables: Variables): Promise<Evaluation> {
  return evaluate(model, variables, { batches: batches(test, { size: 250 }) });
}

/** Up in a straight line over the first fifth, then down along half a cosine (Smith 2018). */
function oneCycle(highest: number, steps: number): Schedule {
  const rise = Math.max(1, Math.floor(steps / 5));
  const fall = cosineDecay(highest, Math.max(1, steps - rise));
  return warmup(rise, fall, { start: highest / 10 });
}

/** Smooths the loss: each new one counts for a twentieth. */
function lossMeter(): (loss: number) => number {
  let mean: number | undefined;
  return (loss) => mean = mean === undefined ? loss : 0.95 * mean + 0.05 * loss;
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
