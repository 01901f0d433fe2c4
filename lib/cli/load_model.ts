/**
 * A trained model from its file of weights, which remembers which model it is.
 *
 * @module
 */

import { openWeights } from "../deno/mod.ts";
import { abstractKey } from "../key.ts";
import type { Layer, Variables } from "../layer.ts";
import { loadStateDict, loadTree, type SafetensorsFile } from "../weights/mod.ts";
import type { OptionValues } from "./options.ts";
import { byName, type ModelEntry, MODELS } from "./registry.ts";

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
  const model = entry.make(Number(file.metadata.get("classes") ?? entry.classes));
  const { params, state } = model.init(abstractKey, [1, ...entry.input]);
  return { name: name!, entry, model, variables: await load({ params, state }, file) };
}

/** Loads what we have saved, or else a state dict of PyTorch. */
function load(like: Variables, file: SafetensorsFile): Promise<Variables> {
  const isOurs = file.tensors.keys().some((name) => name.startsWith("params."));
  return isOurs ? loadTree(like, file) : loadStateDict(like, file);
}
