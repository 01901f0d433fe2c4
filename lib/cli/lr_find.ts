/**
 * `lr-find`: the loss of a recipe while the learning rate grows, and the rates that follow from it.
 *
 * @module
 */

import { readBatches } from "../data/mod.ts";
import { writeFileAtomic } from "../deno/mod.ts";
import { curvesSvg } from "../inspect/mod.ts";
import { fold, key } from "../key.ts";
import { recipeData, trainingParts } from "../recipes/mod.ts";
import { findLearningRate, type LearningRatePoint } from "../train/find_learning_rate.ts";
import { initTraining } from "../train/step.ts";
import { backendOptions, startBackend } from "./backend.ts";
import { abortOnInterrupt } from "./interrupt.ts";
import { sayPrecision } from "./precision.ts";
import { progress } from "./progress.ts";
import { chosenRecipe, recipeOptions } from "./recipe_options.ts";
import { loadSets } from "./registry.ts";
import { type Verb, verb } from "./verb.ts";

/** The verb `lr-find`. */
export const lrFindVerb: Verb = verb(
  "lr-find",
  "Find a learning rate for a recipe",
  {
    ...recipeOptions,
    folder: { type: "text", value: "PLACE", about: "folder, archive or address of the data set" },
    steps: { type: "integer", least: 10, default: 100, about: "steps in which the rate grows" },
    from: { type: "number", least: 0, default: 1e-5, about: "first rate" },
    to: { type: "number", least: 0, default: 10, about: "last rate, if the loss does not explode" },
    svg: { type: "text", value: "FILE", about: "picture of the curve to write" },
    ...backendOptions,
    json: { type: "flag", about: "print only one line of JSON" },
  },
  async (values) => {
    const { steps, from, to } = values;
    const recipe = await chosenRecipe(values);
    using bar = progress("looking", values.json);
    sayPrecision(recipe, await startBackend(values), bar.log);
    const sets = await loadSets(recipe.data, values.folder, values.json);
    const { train, shape } = await recipeData(recipe, sets);
    const parts = trainingParts(recipe, { images: train.count, classes: train.classNames.length });
    const base = key(recipe.seed);
    const abort = new AbortController();
    using interrupts = abortOnInterrupt(abort, bar.log);
    const found = await findLearningRate({
      ...parts,
      state: initTraining(parts, fold(base, "init"), [recipe.batch, ...shape]),
      batches: readBatches(train, { ...parts.batches, key: fold(base, "data") }),
      seed: recipe.seed,
      ...{ steps, from, to },
      signal: abort.signal,
      progress: ({ step, learningRate, smoothed }) =>
        bar.update((step + 1) / steps, { learningRate, loss: smoothed }),
    });
    if (abort.signal.aborted) return interrupts.exitCode;
    const { points, steepest, suggestion } = found;
    if (values.svg !== undefined) {
      const lines = points.map(({ step, learningRate, smoothed }) => ({
        step,
        learningRate,
        loss: smoothed,
      }));
      const svg = curvesSvg(lines, { title: "Loss while the learning rate grows" });
      await writeFileAtomic(values.svg, new TextEncoder().encode(svg));
    }
    bar.end();
    if (values.json) console.log(JSON.stringify(found));
    else {
      console.log([
        `loss ${sketch(points)}`,
        `from ${show(from)} to ${show(points.at(-1)!.learningRate)}; falls fastest at ${
          show(steepest)
        }`,
        `a rate to go up to: --set schedule.peak=${show(suggestion)}`,
      ].join("\n"));
    }
    return 0;
  },
);

const show = (rate: number) => String(Number(rate.toPrecision(2)));

const WIDTH = 60;
const BARS = "▁▂▃▄▅▆▇█";

/** Draws the smoothed losses in one line, low to high; what is above the first is cut off. */
function sketch(points: readonly LearningRatePoint[]): string {
  const losses = points.map(({ smoothed }) => smoothed);
  const [top, bottom] = [losses[0]!, Math.min(...losses)];
  return Array.from({ length: Math.min(WIDTH, losses.length) }, (_, i) => {
    const loss = losses[Math.floor(i * losses.length / Math.min(WIDTH, losses.length))]!;
    const share = top === bottom ? 0 : (loss - bottom) / (top - bottom);
    return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))];
  }).join("");
}
