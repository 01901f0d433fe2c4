/**
 * `export`: what a training has learned, from its weights or a checkpoint, as a file for others.
 *
 * @module
 */

import { setup } from "../backend/setup.ts";
import { saveWeights, sha256, writeFileAtomic } from "../deno/mod.ts";
import { summary } from "../inspect/mod.ts";
import { scoped } from "../ownership.ts";
import { entries } from "../tree.ts";
import { akamasterNames, saveStateDict, torchvisionNames } from "../weights/mod.ts";
import { loadModel, type Trained, trainedOptions } from "./load_model.ts";
import { required } from "./options.ts";
import { type Verb, verb } from "./verb.ts";

/** Names of a state dict by format. */
const STATE_DICTS = { torchvision: torchvisionNames, akamaster: akamasterNames } as const;

/** The verb `export`. */
export const exportVerb: Verb = verb(
  "export",
  "Write what a model has learned for others to read",
  {
    ...trainedOptions,
    format: {
      type: "text",
      default: "safetensors",
      choices: ["safetensors", ...Object.keys(STATE_DICTS), "summary"],
      about: "our names, a state dict of PyTorch, or what the model is, as JSON",
    },
    to: { type: "text", value: "FILE", about: "file to write" },
    json: { type: "flag", about: "print only one line of JSON" },
  },
  async (values) => {
    const [path, to] = [required(values, "weights"), required(values, "to")];
    // Values go through untouched, and no device is worth its start.
    await setup({ backend: "cpu" });
    const trained = await loadModel(path, values.model);
    using _owned = scoped(trained.variables);
    const written = await write(to, values.format, trained);
    const { name: model } = trained;
    if (values.json) console.log(JSON.stringify({ model, format: values.format, to, ...written }));
    else console.log(`${model} is in ${to}, ${written.size} bytes, SHA-256 ${written.sha256}`);
    return 0;
  },
);

async function write(to: string, format: string, trained: Trained) {
  const { variables, recipe } = trained;
  const { params, state } = variables;
  const metadata = {
    model: trained.name,
    classes: String(trained.classes),
    ...recipe === undefined ? {} : { recipe: JSON.stringify(recipe) },
  };
  if (format === "safetensors") return await saveWeights(to, { params, state }, metadata);
  const strideIn = recipe?.model.strideIn;
  const bytes = format === "summary"
    ? new TextEncoder().encode(`${JSON.stringify(summaryOf(trained), null, 2)}\n`)
    : await saveStateDict(variables, {
      names: STATE_DICTS[format as keyof typeof STATE_DICTS],
      metadata,
      ...strideIn === undefined ? {} : { strideIn },
    });
  await writeFileAtomic(to, bytes);
  return { sha256: await sha256(bytes), size: bytes.length };
}

/** What the model is, what it costs, and of what it is made. */
function summaryOf({ name, entry, classes, recipe, model, variables }: Trained) {
  const { cost: { parameters, multiplyAdds, layers } } = summary(model, [1, ...entry.input]);
  const { params, state } = variables;
  const tensors = entries({ params, state }).map(([path, { shape, dtype }]) => ({
    path,
    shape,
    dtype,
  }));
  const { input } = entry;
  return { model: name, classes, input, parameters, multiplyAdds, recipe, layers, tensors };
}
