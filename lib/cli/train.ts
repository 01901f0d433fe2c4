/**
 * `train`: a model on a data set, with a progress line, a test after each epoch, and at the end the
 * weights, the history and its curves in a folder. Ctrl-C finishes the step and saves.
 *
 * @module
 */

import { batches, type Dataset, take } from "../data/mod.ts";
import { fold, key } from "../key.ts";
import type { Layer, Variables } from "../layer.ts";
import { cosineDecay, type Schedule, warmup } from "../optim/schedule.ts";
import { sgd } from "../optim/sgd.ts";
import { evaluate, type Evaluation } from "../train/evaluate.ts";
import { train } from "../train/loop.ts";
import { crossEntropy } from "../train/loss.ts";
import { initTraining } from "../train/step.ts";
import { backendOptions, startBackend } from "./backend.ts";
import { abortOnInterrupt, INTERRUPTED } from "./interrupt.ts";
import { type OptionValues } from "./options.ts";
import { progress, showDuration, stopwatch } from "./progress.ts";
import { byName, DATA, MODELS } from "./registry.ts";
import { newRunPath, runFolder } from "./run_folder.ts";
import { type Verb, verb } from "./verb.ts";

const options = {
  model: { type: "text", about: "model to train", value: "NAME" },
  data: { type: "text", about: "data set to train on", choices: Object.keys(DATA) },
  folder: { type: "text", value: "DIR", about: "where the files of the data set are" },
  limit: { type: "integer", least: 1, about: "use only the first N images of each part" },
  epochs: { type: "integer", least: 1, default: 2, about: "times to go through the data" },
  batch: { type: "integer", least: 1, default: 64, about: "images in a batch" },
  "learning-rate": { type: "number", least: 0, default: 0.1, about: "highest learning rate" },
  "weight-decay": { type: "number", least: 0, default: 5e-4, about: "decay of the weights" },
  seed: { type: "integer", least: 0, default: 0, about: "seed of everything random" },
  ...backendOptions,
  out: { type: "text", value: "DIR", about: "where to save (default runs/MODEL-TIME)" },
  json: { type: "flag", about: "print only one line of JSON, at the end" },
} as const;

/** The verb `train`. */
export const trainVerb: Verb = verb(
  "train",
  "Train a model; save its weights, history and curves",
  options,
  run,
);

async function run(values: OptionValues<typeof options>): Promise<number> {
  const entry = byName(MODELS, "a model", values.model);
  const load = byName(DATA, "a data set", values.data);
  const out = values.out ?? newRunPath(values.model!);
  using bar = progress("training", values.json);
  const backend = await startBackend(values);
  bar.log(`backend  ${backend.name} (${backend.adapter}): ${backend.reason}`);
  const sets = await load(values.folder);
  const [trainSet, test] = [take(sets.train, values.limit), take(sets.test, values.limit)];
  bar.log(`data     ${values.data}: ${trainSet.shape[0]} images, ${test.shape[0]} to test on`);

  const base = key(values.seed);
  const perEpoch = Math.ceil(trainSet.shape[0] / values.batch);
  const steps = perEpoch * values.epochs;
  const parts = {
    model: entry.make(trainSet.classes),
    optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: values["weight-decay"] }),
    loss: crossEntropy,
  };
  const abort = new AbortController();
  using _interrupts = abortOnInterrupt(abort, bar.log);
  await using folder = await runFolder(out);
  using training = train({
    ...parts,
    state: initTraining(parts, fold(base, "init"), [values.batch, ...trainSet.shape.slice(1)]),
    batches: batches(trainSet, {
      size: values.batch,
      key: fold(base, "data"),
      epochs: values.epochs,
    }),
    schedule: oneCycle(values["learning-rate"], steps),
    seed: values.seed,
    signal: abort.signal,
  });
  const meter = lossMeter();
  const clock = stopwatch();
  let result: Evaluation | undefined;
  for await (const event of training) {
    if (event.kind === "loss") {
      const { step, loss, learningRate } = event;
      await folder.note({ step, loss, learningRate });
      clock.count(event.examples);
      bar.update((step + 1) / steps, { loss: meter(loss), learningRate, rate: clock.rate() });
    } else if ((event.step + 1) % perEpoch === 0) {
      result = await clock.pause(() => testOn(test, parts.model, training.state));
      const { loss: testLoss, top1 } = result;
      await folder.note({ step: event.step, testLoss, top1 });
      const epoch = (event.step + 1) / perEpoch;
      bar.log(`epoch ${epoch}  test loss ${testLoss.toFixed(4)}  top-1 ${percent(top1)}`);
    }
  }
  const seconds = clock.seconds();
  if (abort.signal.aborted) result = await testOn(test, parts.model, training.state);
  const { top1, loss } = result!;
  const saved = await folder.save(training.state, {
    model: values.model!,
    classes: String(trainSet.classes),
    steps: String(training.step),
    seed: String(values.seed),
  });
  const report = {
    model: values.model,
    data: values.data,
    top1,
    loss,
    steps: training.step,
    seconds,
    imagesPerSecond: clock.rate(),
    backend: backend.name,
    adapter: backend.adapter,
    ...saved,
  };
  if (values.json) console.log(JSON.stringify(report));
  else {
    console.log(
      `${percent(top1)} of ${test.shape[0]} test images right after ${training.step} steps in ` +
        `${showDuration(seconds)} (${Math.round(report.imagesPerSecond)} images/s)\n` +
        `weights, history and curves are in ${out}`,
    );
  }
  return abort.signal.aborted ? INTERRUPTED : 0;
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
