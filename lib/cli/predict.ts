/**
 * `predict`: the classes that a trained model finds most likely in a test image, drawn in the terminal
 * beside them, or in a picture.
 *
 * @module
 */

import { evalMode, type Layer, type Variables } from "../layer.ts";
import { softmax, tidy } from "../ops.ts";
import { scoped } from "../ownership.ts";
import type { DataName } from "../recipes/mod.ts";
import { backendOptions, startBackend } from "./backend.ts";
import { loadModel, testImages, trainedOptions } from "./load_model.ts";
import { required } from "./options.ts";
import { byName, DATA } from "./registry.ts";
import { type Verb, verb } from "./verb.ts";
import { picture, testImage, type View } from "./view.ts";

const SHOWN = 5;

/** The verb `predict`. */
export const predictVerb: Verb = verb(
  "predict",
  "Show what a trained model sees in an image",
  {
    ...trainedOptions,
    image: { type: "text", value: "FILE", about: "PNG or JPEG to look at, not a test image" },
    names: { type: "text", value: "FILE", about: "names of the classes in --image, one a line" },
    data: { type: "text", choices: Object.keys(DATA), about: "data set the test image is from" },
    folder: { type: "text", value: "DIR", about: "where the files of the data set are" },
    index: { type: "integer", least: 0, default: 0, about: "number of the test image" },
    ...backendOptions,
    json: { type: "flag", about: "print only one line of JSON" },
  },
  async (values) => {
    const { image, names, folder, index } = values;
    if (image === undefined) byName(DATA, "a data set", values.data);
    const path = required(values, "weights");
    await startBackend(values);
    const trained = await loadModel(path, values.model);
    using owned = scoped(trained.variables);
    const data = values.data as DataName; // as was checked
    const view = image === undefined
      ? await testImage(await testImages(data, trained, folder, values.json), index)
      : await picture(image, trained, names);
    const top = await mostLikely(trained.model, owned, view);
    if (values.json) console.log(JSON.stringify({ ...view.report, top }));
    else {
      console.log(view.caption);
      const width = Math.max(10, ...top.map(({ label }) => label.length));
      for (const { label, probability } of top) {
        const share = (100 * probability).toFixed(2).padStart(6);
        const bar = "█".repeat(Math.round(probability * 30));
        console.log(`${label.padStart(width)}  ${share} %  ${bar}`);
      }
    }
    return 0;
  },
);

async function mostLikely(model: Layer, variables: Variables, { x, classNames }: View) {
  using input = x;
  using probabilities = tidy(() => softmax(model.apply(variables, input, evalMode)[0]));
  return [...await probabilities.data()]
    .map((probability, c) => ({ label: classNames[c] ?? `${c}`, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, SHOWN);
}
