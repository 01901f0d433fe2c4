// Follows a recipe in a program: MNIST at half the usual rate, with validation images set aside, and
// at the end with exact statistics in the normalisations.
//
// deno run --allow-read=node_modules examples/recipe.ts
import {
  evaluate,
  fold,
  initTraining,
  key,
  reestimateBatchNorm,
  scoped,
  setup,
  train,
} from "@fplusx/nn";
import { readBatches, type Samples } from "@fplusx/nn/data";
import { loadMnist } from "@fplusx/nn/deno";
import { diffRecipes, override, recipeData, recipes, trainingParts } from "@fplusx/nn/recipes";

const usual = recipes["quick-mnist"]!;
const recipe = ["schedule.peak=0.05", "data.validation=5000"].reduce(override, usual);
for (const { path, first, second } of diffRecipes(usual, recipe)) {
  console.log(`${path}: ${second} in place of ${first}`);
}

await setup();
const sets = await recipeData(recipe, await loadMnist());
const parts = trainingParts(recipe, { images: sets.train.count, classes: 10 });
const seed = key(recipe.seed);
using training = train({
  ...parts,
  state: initTraining(parts, fold(seed, "init"), [recipe.batch, ...sets.shape]),
  batches: readBatches(sets.train, { ...parts.batches, key: fold(seed, "data") }),
  steps: Number(Deno.args[0] ?? parts.steps),
});
for await (const event of training) {
  if (event.kind === "loss" && event.step % 50 === 0) console.log(event.step, event.loss);
}

const some = { ...sets.train, count: 2000 };
const { params, state } = training.state;
using exact = scoped(
  await reestimateBatchNorm(parts.model, { params, state }, {
    batches: readBatches(some, { size: recipe.batch }),
  }),
);
const accuracy = async (images: Samples) => {
  const batches = readBatches(images, { size: 500 });
  const { top1 } = await evaluate(parts.model, { params, state: exact }, { batches });
  return `${(100 * top1).toFixed(2)} %`;
};
console.log(`validation ${await accuracy(sets.validation)}, test ${await accuracy(sets.test)}`);
