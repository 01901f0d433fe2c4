/**
 * A trained model from its file of weights, which remembers which model it is.
 *
 * @module
 */

import { type Dataset, dataset } from "../data/mod.ts";
import { openWeights } from "../deno/mod.ts";
import { abstractKey } from "../key.ts";
import type { Layer, Variables } from "../layer.ts";
import { type ModelEntry, parseRecipe, type Recipe, recipeData } from "../recipes/mod.ts";
import { loadStateDict, loadTree, type SafetensorsFile } from "../weights/mod.ts";
import type { OptionValues } from "./options.ts";
import { byName, MODELS, type TrainAndTest } from "./registry.ts";

/** The options that say which trained model. */
export const trainedOptions = {
  weights: {
    type: "text",
    value: "FILE",
    about: "weights of a training, or of torchvision (safetensors)",
  },
  model: {
    type: "text",
    value: "NAME",
    about: "model they belong to (default: as the file says)",
  },
} as const;

/** A model with what it has learned. */
export type Trained = {
  /** Name of the model. */
  readonly name: string;
  /** The images it is meant for. */
  readonly entry: ModelEntry;
  /** How it was trained, if the file says so. */
  readonly recipe: Recipe | undefined;
  /** The model. */
  readonly model: Layer;
  /** What it has learned; owned by the caller. */
  readonly variables: Variables;
};

/**
 * Loads a trained model.
 *
 * @throws {FileError} If the file cannot be read.
 * @throws {FormatError} If the file is not a safetensors file.
 * @throws {KeysError} If the weights are those of another model; lists all that disagree.
 */
export async function loadModel(
  path: string,
  named: OptionValues<typeof trainedOptions>["model"],
): Promise<Trained> {
  using file = await openWeights(path);
  const name = named ?? file.metadata.get("model");
  const entry = byName(MODELS, "a model", name);
  const told = file.metadata.get("recipe");
  const recipe = told === undefined ? undefined : parseRecipe(JSON.parse(told));
  const { name: _name, ...options } = named === undefined && recipe ? recipe.model : { name };
  const model = entry.make(Number(file.metadata.get("classes") ?? entry.classes), options);
  const { params, state } = model.init(abstractKey, [1, ...entry.input]);
  return { name: name!, entry, recipe, model, variables: await load({ params, state }, file) };
}

/** Gives the test images, normalised as those that a model has learned from. */
export function testImages({ test, train }: TrainAndTest, recipe: Recipe | undefined): Dataset {
  if (recipe === undefined) return test;
  const { statistics } = recipeData(recipe, { train, test }).train;
  return dataset({ ...test, classes: test.classNames, statistics });
}

/** Loads what we have saved, or else a state dict of PyTorch. */
function load(like: Variables, file: SafetensorsFile): Promise<Variables> {
  const isOurs = file.tensors.keys().some((name) => name.startsWith("params."));
  return isOurs ? loadTree(like, file) : loadStateDict(like, file);
}
