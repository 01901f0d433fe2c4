/**
 * A trained model from a file that remembers which model it is.
 *
 * @module
 */

import { type Samples, samplesOf } from "../data/mod.ts";
import { fileError, openWeights } from "../deno/mod.ts";
import { FormatError } from "../errors.ts";
import { abstractKey } from "../key.ts";
import type { Layer, Variables } from "../layer.ts";
import {
  type DataName,
  type ModelEntry,
  type ModelOptions,
  type Recipe,
  recipeData,
} from "../recipes/mod.ts";
import { parseCheckpointPlace } from "../train/checkpoint.ts";
import { loadStateDict, loadTree, type SafetensorsFile } from "../weights/mod.ts";
import type { OptionValues } from "./options.ts";
import { recipeIn } from "./recipe_options.ts";
import { byName, loadSets, MODELS } from "./registry.ts";

/** The options that say which trained model. */
export const trainedOptions = {
  weights: {
    type: "text",
    value: "FILE",
    about: "weights or checkpoint of a training, or weights of torchvision (safetensors)",
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
  /** Number of classes. */
  readonly classes: number;
  /** How it was trained, if the file says so. */
  readonly recipe: Recipe | undefined;
  /** The model. */
  readonly model: Layer;
  /** What it has learned; owned by the caller. */
  readonly variables: Variables;
};

/** What a file of weights says about them. */
type Told = {
  readonly model?: string | undefined;
  readonly classes?: string | undefined;
  readonly recipe?: Recipe | undefined;
};

/**
 * Loads a trained model from its weights, as we or PyTorch save them, or from a checkpoint; of one that
 * keeps an average of the parameters, that.
 *
 * @throws {FileError} If the file cannot be read.
 * @throws {FormatError} If the file is not a safetensors file, or is a checkpoint that is damaged.
 * @throws {KeysError} If the weights are those of another model; lists all that disagree.
 */
export async function loadModel(
  path: string,
  named: OptionValues<typeof trainedOptions>["model"],
): Promise<Trained> {
  using file = await openWeights(path);
  const told = await toldBy(file, path);
  const { recipe } = told;
  const name = named ?? told.model;
  const entry = byName(MODELS, "a model", name);
  const { name: _name, ...options } = named === undefined && recipe ? recipe.model : { name };
  const classes = Number(told.classes ?? entry.classes);
  const model = entry.make(classes, options);
  const variables = await load(model.init(abstractKey, [1, ...entry.input]), file, options);
  return { name: name!, entry, classes, recipe, model, variables };
}

async function toldBy({ metadata }: SafetensorsFile, path: string): Promise<Told> {
  const isCheckpoint = metadata.has("checkpoint");
  const { model, classes, recipe: json }: Readonly<Record<string, string>> = isCheckpoint
    ? (await parseCheckpointPlace(await readBytes(path))).config
    : Object.fromEntries(metadata);
  const recipe = json === undefined
    ? undefined
    : recipeIn(json, path, "take another file of that training");
  if (classes !== undefined && !/^[1-9]\d*$/.test(classes)) {
    throw new FormatError(`Cannot make the model in "${path}" for ${classes} classes`, 0);
  }
  return { model: model ?? recipe?.model.name, classes, recipe };
}

async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    throw fileError("read", path, cause);
  }
}

/** Where an optimizer that is a recipe's keeps the average of the parameters. */
const AVERAGE = "optimizer.ema.average.";

/** Loads what we have saved, or else a state dict of PyTorch. */
async function load(
  { params, state }: Variables,
  file: SafetensorsFile,
  { strideIn = "3x3" }: ModelOptions,
): Promise<Variables> {
  const starting = (...prefixes: readonly string[]) =>
    new Map([...file.tensors].filter(([name]) => prefixes.some((p) => name.startsWith(p))));
  if (starting("params.").size === 0) {
    return await loadStateDict({ params, state }, file, { strideIn });
  }
  if (starting(AVERAGE).size === 0) {
    return await loadTree({ params, state }, { ...file, tensors: starting("params.", "state.") });
  }
  const like = { optimizer: { ema: { average: params } }, state };
  const loaded = await loadTree(like, { ...file, tensors: starting(AVERAGE, "state.") });
  return { params: loaded.optimizer.ema.average, state: loaded.state };
}

/** Gives the test images as a model has learned to see them. */
export async function testImages(
  data: DataName,
  { recipe }: Pick<Trained, "recipe">,
  folder?: string,
  quiet?: boolean,
): Promise<Samples> {
  const testCrop = recipe?.data.testCrop ?? null;
  const sets = await loadSets({ name: data, testCrop }, folder, quiet);
  if (recipe === undefined) return "images" in sets.test ? samplesOf(sets.test) : sets.test;
  const { train: { statistics } } = await recipeData(recipe, sets);
  const whole = { ...recipe, data: { ...recipe.data, limit: null, validation: null } };
  return { ...(await recipeData(whole, sets)).test, statistics };
}
