/**
 * The options that say how to train: a recipe by name or from a file, and what is to be changed in it.
 * The short options change one field each.
 *
 * @module
 */

import { fileError } from "../deno/mod.ts";
import { ArgumentError, FormatError } from "../errors.ts";
import { override, parseRecipe, type Recipe, recipes } from "../recipes/mod.ts";
import type { OptionValues } from "./options.ts";
import { byName, DATA, MODELS } from "./registry.ts";

/** The options that say how to train. */
export const recipeOptions = {
  recipe: { type: "text", value: "NAME", about: "recipe to follow, or a file NAME.json" },
  set: { type: "list", value: "PATH=VALUE", about: "change a field of the recipe; any number" },
  model: { type: "text", value: "NAME", about: "model to train" },
  data: { type: "text", about: "data set to train on", choices: Object.keys(DATA) },
  limit: { type: "integer", least: 1, about: "use only the first N images of each part" },
  epochs: { type: "integer", least: 1, about: "times to go through the data" },
  batch: { type: "integer", least: 1, about: "images in a batch" },
  "learning-rate": { type: "number", least: 0, about: "highest learning rate" },
  "weight-decay": { type: "number", least: 0, about: "decay of the weights" },
  precision: {
    type: "text",
    choices: ["single", "mixed"],
    about: "mixed has WebGPU keep halves between layers, in less memory",
  },
  seed: { type: "integer", least: 0, about: "seed of everything random" },
} as const;

/** Values of the options that say how to train. */
export type RecipeValues = OptionValues<typeof recipeOptions>;

/** The field that each short option sets. */
const SHORT = {
  model: "model.name",
  data: "data.name",
  limit: "data.limit",
  epochs: "length.count",
  batch: "batch",
  "learning-rate": "schedule.peak",
  "weight-decay": "optimizer.weightDecay",
  precision: "precision",
  seed: "seed",
} as const;

/** The recipe that is changed when none is named. */
const PLAIN = "quick-mnist";

/**
 * Gives the recipe that the options say. When none is named it is a plain one, of which model and data
 * set have to be said.
 *
 * @param before The recipe of the training that is taken up again, if one is.
 * @throws {ArgumentError} If there is no such recipe, or a change is not allowed.
 * @throws {FileError} If a file cannot be read.
 */
export async function chosenRecipe(values: RecipeValues, before?: Recipe): Promise<Recipe> {
  const named = values.recipe === undefined ? before : await readRecipe(values.recipe);
  if (named === undefined) {
    byName(MODELS, "a model", values.model);
    byName(DATA, "a data set", values.data);
  }
  const base = named ?? recipes[PLAIN]!;
  if (values.epochs !== undefined && base.length.unit !== "epochs") {
    throw new ArgumentError(
      "Cannot use --epochs with a recipe that counts steps: need --set length.count=STEPS",
    );
  }
  const short = Object.entries(SHORT).flatMap(([option, path]) => {
    const value = values[option as keyof typeof SHORT];
    return value === undefined ? [] : [`${path}=${value}`];
  });
  return [...short, ...values.set].reduce(override, base);
}

/**
 * Finds a recipe by its name, or reads it from a file whose name ends with `.json`.
 *
 * @throws {ArgumentError} If there is none of this name, or the file holds none.
 * @throws {FileError} If a file cannot be read.
 */
export async function readRecipe(name: string): Promise<Recipe> {
  if (!name.endsWith(".json")) return byName(recipes, "a recipe", name);
  return parseRecipe(jsonOf(name, await readText(name)));
}

/**
 * Gives the recipe that a file of ours holds. What is sealed is what was written, but anybody can write.
 *
 * @param cure What to do when it is damaged, as the end of a sentence.
 * @throws {FormatError} If it is.
 */
export function recipeIn(json: string, path: string, cure: string): Recipe {
  try {
    return parseRecipe(JSON.parse(json));
  } catch (error) {
    const why = error instanceof ArgumentError ? error.message : "it is not JSON";
    throw new FormatError(`Cannot follow the recipe in "${path}", ${cure}: ${why}`, 0);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw fileError("read", path, cause);
  }
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ArgumentError(
      `Cannot read a recipe from "${name}": need JSON, ${(cause as Error).message}`,
    );
  }
}
