/**
 * `train`: a model on a data set by a recipe, with a progress line, a test after each epoch, and at the
 * end the weights, the history and a report in a folder. What is asked for is checked before anything
 * is loaded; how the steps are taken is in `training_run.ts`.
 *
 * @module
 */

import { livePage, tensorboardWriter } from "../deno/mod.ts";
import { ArgumentError } from "../errors.ts";
import { cost } from "../inspect/mod.ts";
import { objectIn } from "../json.ts";
import { fold, key } from "../key.ts";
import { release } from "../ownership.ts";
import { diffRecipes, type Recipe, recipeData, trainingParts } from "../recipes/mod.ts";
import { initTraining, type TrainState } from "../train/step.ts";
import { backendOptions, startBackend } from "./backend.ts";
import { abortOnInterrupt } from "./interrupt.ts";
import { listeners } from "./listener.ts";
import { onPage } from "./on_page.ts";
import { onTensorboard } from "./on_tensorboard.ts";
import type { OptionValues } from "./options.ts";
import { sayPrecision } from "./precision.ts";
import { profileStep } from "./profile_step.ts";
import { type Measured, progress, showDuration } from "./progress.ts";
import { chosenRecipe, recipeIn, recipeOptions } from "./recipe_options.ts";
import { loadSets } from "./registry.ts";
import { newRunPath, readHistory, type RunFolder, runFolder } from "./run_folder.ts";
import { environmentOf, type RunRecord } from "./run_record.ts";
import { trainingBar } from "./training_bar.ts";
import { type Start, takeSteps } from "./training_run.ts";
import { tuneStep } from "./tune_step.ts";
import { tuneOption } from "./tuned.ts";
import { type Verb, verb } from "./verb.ts";

const options = {
  ...recipeOptions,
  folder: { type: "text", value: "PLACE", about: "folder, archive or address of the data set" },
  ...backendOptions,
  out: { type: "text", value: "DIR", about: "where to save (default runs/MODEL-TIME)" },
  "checkpoint-every": {
    type: "integer",
    least: 1,
    about: "steps between checkpoints (default: an epoch)",
  },
  keep: { type: "integer", least: 1, default: 3, about: "checkpoints to keep" },
  resume: { type: "flag", about: "go on from the last checkpoint in --out, by its recipe" },
  tensorboard: { type: "flag", about: "write event files for TensorBoard to --out" },
  watch: {
    type: "integer",
    least: 0,
    bare: 8000,
    value: "PORT",
    about: "show the curves live on 127.0.0.1; needs --allow-net=127.0.0.1",
  },
  eager: { type: "flag", about: "run the code of every step, where WebGPU would record it once" },
  tune: tuneOption,
  profile: {
    type: "flag",
    about: "first time one step, kernel by kernel; its timeline is profile.json in --out",
  },
  json: { type: "flag", about: "print only one line of JSON, at the end" },
} as const;

type Values = OptionValues<typeof options>;

/** The verb `train`. */
export const trainVerb: Verb = verb(
  "train",
  "Train a model by a recipe; save its weights, history and a report",
  options,
  run,
);

async function run(values: Values): Promise<number> {
  if (values.resume && values.out === undefined) {
    throw new ArgumentError("Cannot resume without --out: need the folder of the training");
  }
  using bar = progress("training", values.json);
  await using opened = new AsyncDisposableStack();
  const open = async (path: string) =>
    opened.use(
      await runFolder(path, { keep: values.keep, warn: values.json ? console.error : bar.log }),
    );
  const before = values.resume ? await takenUp(await open(values.out!), values) : undefined;
  const recipe = before?.recipe ?? await chosenRecipe(values);
  const { model: { name: model }, data: { name: data }, seed } = recipe;
  const out = values.out ?? newRunPath(model);
  const page = values.watch === undefined
    ? undefined
    : opened.use(livePage({ title: `${model} on ${data}`, port: values.watch }));
  if (page) bar.log(`watch    ${page.url}`);
  const backend = await startBackend(values);
  bar.log(`backend  ${backend.name} (${backend.adapter}): ${backend.reason}`);
  sayPrecision(recipe, backend, bar.log);
  const sets = await recipeData(recipe, await loadSets(recipe.data, values.folder, values.json));
  const { train, validation, test } = sets;
  const aside = validation === test ? "" : `, ${validation.count} to validate on`;
  bar.log(`data     ${data}: ${train.count} images${aside}, ${test.count} to test on`);

  const classes = train.classNames.length;
  const parts = trainingParts(recipe, { images: train.count, classes });
  const { steps, stepsPerEpoch } = parts;
  const folder = before?.folder ?? await open(out);
  const shape = [recipe.batch, ...sets.shape];
  const fresh = initTraining(parts, fold(key(seed), "init"), shape);
  const start = before ? await resumed(folder, out, before.place, fresh) : beginning(fresh);
  if (before) bar.log(`resumed  after step ${start.step} of ${steps}`);
  const board = values.tensorboard
    ? opened.use(await tensorboardWriter(out, start.step))
    : undefined;
  const listener = listeners(
    folder,
    trainingBar(bar, stepsPerEpoch),
    ...board ? [onTensorboard(board)] : [],
    ...page ? [onPage(page)] : [],
  );
  const record: RunRecord = {
    model,
    data,
    classes,
    parameters: cost(parts.model, shape).parameters,
    steps,
    recipe,
    options: shownOptions(values),
    environment: environmentOf(backend),
  };
  await listener.begin(record, start.history);
  const ahead = { record, parts, sets, start };
  const tuning = await tuneStep(ahead, before?.place, values.tune, bar.log, values.json);
  if (values.profile) {
    const told = await profileStep(ahead, `${out}/profile.json`);
    if (told && !values.json) {
      console.log(`${told}\nchrome://tracing and ui.perfetto.dev show ${out}/profile.json`);
    }
  }
  const abort = new AbortController();
  using interrupts = abortOnInterrupt(abort, bar.log);
  const end = await takeSteps({
    ...ahead,
    folder,
    listener,
    tuning,
    checkpointEvery: values["checkpoint-every"] ?? stepsPerEpoch,
    eager: values.eager,
    signal: abort.signal,
    log: bar.log,
  });
  bar.end();
  if (values.json) {
    const { outcome: _outcome, time: _time, ...told } = end;
    console.log(
      JSON.stringify({ model, data, ...told, backend: backend.name, adapter: backend.adapter }),
    );
  } else {
    const right = end.top1 === null ? "" : `${percent(end.top1)} of the test images are right; `;
    console.log(
      `${right}${end.steps} steps in ${showDuration(end.seconds)} at ` +
        `${Math.round(end.imagesPerSecond)} images/s
` +
        `weights, history and report.html are in ${out}`,
    );
  }
  if (end.outcome !== "stopped") return 0;
  bar.log(
    `stopped; train --out ${out} --resume goes on after step ${end.steps}`,
  );
  return interrupts.exitCode;
}

/** Where a checkpoint stands, and the file that it is in. */
type Place = NonNullable<Awaited<ReturnType<RunFolder["checkpoints"]["place"]>>>;

/** What is known of a training that is taken up again, before anything of it is loaded. */
type Before = {
  readonly folder: RunFolder;
  readonly recipe: Recipe;
  readonly place: Place;
};

/** Finds the recipe of the last checkpoint, and checks that the options do not ask for another. */
async function takenUp(folder: RunFolder, values: Values): Promise<Before> {
  const { out } = values;
  const place = await folder.checkpoints.place();
  if (place === undefined) {
    throw new ArgumentError(`Cannot resume "${out}": there is no checkpoint in it`);
  }
  const { recipe: json } = place.config;
  if (json === undefined) {
    throw new ArgumentError(`Cannot resume "${out}": its checkpoint holds no recipe`);
  }
  const recipe = recipeIn(json, place.path, "remove the file to go on from the one before it");
  const differ = diffRecipes(recipe, await chosenRecipe(values, recipe));
  if (differ.length === 0) return { folder, recipe, place };
  const list = differ.map(({ path, first = "absent", second = "absent" }) =>
    `${path} was ${first} and is ${second}`
  );
  throw new ArgumentError(`Cannot resume "${out}" with another recipe: ${list.join(", ")}`);
}

const beginning = (state: TrainState): Start => ({
  state,
  step: 0,
  cursor: { epoch: 0, index: 0 },
  history: [],
});

/** Goes back to the last checkpoint, in place of `fresh`. */
async function resumed(
  { checkpoints }: RunFolder,
  out: string,
  place: Place,
  fresh: TrainState,
): Promise<Start> {
  const found = await checkpoints.latest(fresh);
  release(fresh);
  // Steps after the checkpoint are taken again, so what was said of them is forgotten. It was there a
  // moment ago, and nobody else writes to the folder.
  return {
    ...place,
    ...found!,
    measured: measuredIn(place),
    history: await readHistory(out, place.step),
  };
}

/** Time and images up to a checkpoint; none where it does not say. */
function measuredIn({ config: { measured = "" } }: Place): Measured {
  const { seconds, total } = objectIn(measured);
  const isNumber = (value: unknown): value is number => Number.isFinite(value);
  return isNumber(seconds) && isNumber(total) ? { seconds, total } : { seconds: 0, total: 0 };
}

/** The options that a report tells: those that have a value, and are not told by the recipe. */
function shownOptions(values: Values): RunRecord["options"] {
  const told = Object.entries(values).filter(([name, value]) =>
    name !== "json" && !Object.hasOwn(recipeOptions, name) && value !== undefined && value !== false
  );
  return Object.fromEntries(told) as RunRecord["options"];
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
