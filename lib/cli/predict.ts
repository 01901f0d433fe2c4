/**
 * `predict`: what a trained model sees in a test image, drawn in the terminal beside the most likely
 * classes.
 *
 * @module
 */

import { batches, type Dataset, pick } from "../data/mod.ts";
import { ArgumentError } from "../errors.ts";
import { evalMode } from "../layer.ts";
import { softmax } from "../ops.ts";
import { release, scoped } from "../ownership.ts";
import { backendOptions, startBackend } from "./backend.ts";
import { loadModel, trainedOptions } from "./load_model.ts";
import { required } from "./options.ts";
import { byName, DATA } from "./registry.ts";
import { type Verb, verb } from "./verb.ts";

/** The verb `predict`. */
export const predictVerb: Verb = verb(
  "predict",
  "Show what a trained model sees in a test image",
  {
    ...trainedOptions,
    data: { type: "text", choices: Object.keys(DATA), about: "data set the image is from" },
    folder: { type: "text", value: "DIR", about: "where the files of the data set are" },
    index: { type: "integer", least: 0, default: 0, about: "number of the test image" },
    ...backendOptions,
    json: { type: "flag", about: "print only one line of JSON" },
  },
  async (values) => {
    const load = byName(DATA, "a data set", values.data);
    const path = required(values, "weights");
    await startBackend(values);
    const { model, variables } = await loadModel(path, values.model);
    using owned = scoped(variables);
    const { test } = await load(values.folder);
    if (values.index >= test.shape[0]) {
      throw new ArgumentError(
        `Cannot use --index ${values.index}: the test set has ${test.shape[0]} images`,
      );
    }
    const image = pick(test, Uint32Array.of(values.index));
    const [batch] = batches(image, { size: 1 });
    const [scores] = model.apply(owned, batch!.x, evalMode);
    const probabilities = softmax(scores);
    const ranked = [...await probabilities.data()]
      .map((probability, c) => ({ label: test.classNames[c]!, probability }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, 5);
    release([batch!.x, batch!.y, scores, probabilities]);
    const truth = test.classNames[image.labels[0]!]!;
    if (values.json) console.log(JSON.stringify({ index: values.index, truth, top: ranked }));
    else {
      console.log(drawing(image));
      console.log(`test image ${values.index}, labelled ${truth}`);
      for (const { label, probability } of ranked) {
        const bar = "█".repeat(Math.round(probability * 30));
        console.log(
          `${label.padStart(10)}  ${(100 * probability).toFixed(2).padStart(6)} %  ${bar}`,
        );
      }
    }
    return 0;
  },
);

const SHADES = " ░▒▓█";

/** Draws the first channel of one image, two characters to a pixel. */
function drawing({ images, shape: [, height, width, channels] }: Dataset): string {
  const scale = images instanceof Uint8Array ? 255 : 1;
  const shade = (y: number, x: number) => {
    const pixel = images[(y * width + x) * channels]! / scale;
    return SHADES[Math.max(0, Math.min(4, Math.round(pixel * 4)))]!.repeat(2);
  };
  return Array.from(
    { length: height },
    (_, y) => Array.from({ length: width }, (_, x) => shade(y, x)).join("").trimEnd(),
  ).join("\n");
}
