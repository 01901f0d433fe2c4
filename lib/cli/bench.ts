/**
 * `bench`: how fast a model is on this machine, predicting and training, and how much memory that takes.
 * What is told is the median of many runs with its quartiles; the first run, which makes things ready, is
 * told apart. Each run is waited for, and what it computes is read.
 *
 * @module
 */

import { type Key, key } from "../key.ts";
import { evalMode } from "../layer.ts";
import { cast, clip, mul, tidy } from "../ops.ts";
import { release, scoped } from "../ownership.ts";
import { normal, uniform } from "../random.ts";
import { models, override, type Recipe, recipes, trainingParts } from "../recipes/mod.ts";
import { initTraining, knobs, trainStep } from "../train/step.ts";
import { leaves, type Tree } from "../tree.ts";
import { backendOptions, startBackend } from "./backend.ts";
import { sayPrecision } from "./precision.ts";
import { progress } from "./progress.ts";
import { readRecipe, recipeOptions } from "./recipe_options.ts";
import { byName, MODELS } from "./registry.ts";
import { tuned, tuneOption } from "./tuned.ts";
import { type Verb, verb } from "./verb.ts";

const { recipe, set, model, batch } = recipeOptions;

/** The verb `bench`. */
export const benchVerb: Verb = verb(
  "bench",
  "Measure how fast a model predicts and trains here",
  {
    model: { ...model, about: "model to measure" },
    recipe: {
      ...recipe,
      about: "recipe whose model and optimizer to measure, or a file NAME.json",
    },
    set,
    batch: { ...batch, about: "images in a batch (default: as the recipe says)" },
    seconds: { type: "number", least: 0, default: 5, about: "how long to measure each" },
    tune: tuneOption,
    ...backendOptions,
    json: { type: "flag", about: "print only one line of JSON" },
  },
  async (values) => {
    const followed = await recipeToMeasure(values);
    const { batch, model: { name } } = followed;
    const { input, classes } = models[name]!;
    const backend = await startBackend(values);
    using bar = progress("measuring", values.json);
    sayPrecision(followed, backend, bar.log);
    const of = key(followed.seed);
    const parts = trainingParts(followed, { images: batch, classes });
    const shape = [batch, ...input];
    const { optimizer, ...variables } = initTraining(parts, of, shape);
    let state = { ...variables, optimizer };
    const bytes = bytesOf(variables);
    using x = normal(of, shape);
    using y = labels(of, batch, classes);

    const predict = async () => {
      const [output] = parts.model.apply(state, x, evalMode);
      await output.data();
      output.dispose();
    };
    const step = trainStep(parts);
    let count = 0;
    const learn = async () => {
      using turn = scoped(knobs(parts.schedule(0), followed.seed, count++));
      const [next, loss] = step(state, { x, y }, turn);
      await loss.data();
      release({ state, loss }, next);
      state = next;
    };
    if (values.tune !== undefined) await tuned(values.tune, learn, bar.log, values.json);
    const measured = {
      predict: await measure(predict, values.seconds, (share) => bar.update(share / 2)),
      train: await measure(learn, values.seconds, (share) => bar.update((1 + share) / 2)),
    };
    release(state);
    bar.end();
    const memory = {
      parametersMB: bytes / 1e6,
      processMB: Math.max(measured.predict.processMB, measured.train.processMB),
    };
    const { threads, adapter } = backend;
    if (values.json) {
      const where = { backend: backend.name, adapter, threads };
      const rates = Object.fromEntries(
        Object.entries(measured).map(([what, timing]) => [what, {
          ...timing,
          imagesPerSecond: batch / timing.median * 1000,
        }]),
      );
      console.log(JSON.stringify({ model: name, batch, input, ...where, ...rates, ...memory }));
      return 0;
    }
    const on = threads > 1 ? `${backend.name}, ${threads} threads` : backend.name;
    console.log([
      `${name} on ${on} (${adapter}), batches of ${shape.join(" × ")}`,
      "",
      row("", "images/s", "median", "quartiles", "runs", "first"),
      ...Object.entries(measured).map(([what, { median, quartiles, runs, first }]) =>
        row(
          what,
          (batch / median * 1000).toFixed(0),
          ms(median),
          quartiles.map(ms).join(" – "),
          `${runs}`,
          ms(first),
        )
      ),
      "",
      `parameters and state ${memory.parametersMB.toFixed(1)} MB, ` +
      `the process at most ${memory.processMB.toFixed(0)} MB`,
    ].join("\n"));
    return 0;
  },
);

async function recipeToMeasure(values: {
  readonly model: string | undefined;
  readonly recipe: string | undefined;
  readonly set: readonly string[];
  readonly batch: number | undefined;
}): Promise<Recipe> {
  const { model, batch } = values;
  if (values.recipe === undefined) byName(MODELS, "a model", model);
  const base = values.recipe === undefined
    ? recipes["quick-mnist"]!
    : await readRecipe(values.recipe);
  return [
    ...model === undefined ? [] : [`model={"name":${JSON.stringify(model)}}`],
    ...batch === undefined ? [] : [`batch=${batch}`],
    ...values.set,
  ].reduce(override, base);
}

/** Random classes `[batch]`. */
function labels(of: Key, batch: number, classes: number) {
  return tidy(() => cast(clip(mul(uniform(of, [batch]), classes), 0, classes - 1), "int32"));
}

function bytesOf(tree: Tree): number {
  return leaves(tree).reduce((sum, { size }) => sum + 4 * size, 0);
}

/** How long something takes, in milliseconds. */
type Timing = {
  readonly first: number;
  readonly median: number;
  readonly quartiles: readonly [number, number];
  readonly runs: number;
  readonly processMB: number;
};

/** Runs that are measured at least, however long they take. */
const LEAST = 5;

/** Measures for some seconds; the second run is not counted either, since it may still make ready. */
async function measure(
  run: () => Promise<void>,
  seconds: number,
  progress: (share: number) => void,
): Promise<Timing> {
  const times: number[] = [];
  let processMB = 0;
  const start = performance.now();
  for (let spent = 0; spent < seconds || times.length < LEAST + 2;) {
    const began = performance.now();
    await run();
    const now = performance.now();
    times.push(now - began);
    spent = (now - start) / 1000;
    processMB = Math.max(processMB, Deno.memoryUsage().rss / 1e6);
    progress(Math.min(spent / seconds, 1));
  }
  const sorted = times.slice(2).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return {
    first: times[0]!,
    median: at(0.5),
    quartiles: [at(0.25), at(0.75)],
    runs: sorted.length,
    processMB,
  };
}

const ms = (time: number): string => `${time.toFixed(time < 10 ? 2 : time < 100 ? 1 : 0)} ms`;

const row = (what: string, ...cells: readonly string[]): string =>
  [what.padEnd(8), ...cells.map((cell, i) => cell.padStart([8, 10, 20, 6, 10][i]!))].join(" ");
