/**
 * `summary`: what a model is made of and what it costs, without touching a device.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { summary } from "../inspect/mod.ts";
import type { Shape } from "../tensor.ts";
import { byName, MODELS } from "./registry.ts";
import { type Verb, verb } from "./verb.ts";

/** The verb `summary`. */
export const summaryVerb: Verb = verb(
  "summary",
  "Show the layers of a model and what they cost",
  {
    model: { type: "text", about: "model to look at", value: "NAME" },
    input: { type: "text", value: "HxWxC", about: "size of an image (default: as the model says)" },
    classes: { type: "integer", least: 1, about: "number of classes (default: as the model says)" },
    json: { type: "flag", about: "print only one line of JSON" },
  },
  (values) => {
    const entry = byName(MODELS, "a model", values.model);
    const input = values.input === undefined ? entry.input : imageSize(values.input);
    const model = entry.make(values.classes ?? entry.classes);
    const shape = [1, ...input];
    const { text, cost: { parameters, multiplyAdds, layers } } = summary(model, shape);
    console.log(values.json ? JSON.stringify({ parameters, multiplyAdds, layers }) : text);
    return Promise.resolve(0);
  },
);

function imageSize(text: string): Shape {
  const sizes = text.split("x").map(Number);
  if (sizes.length === 3 && sizes.every((size) => Number.isInteger(size) && size > 0)) return sizes;
  throw new ArgumentError(`Cannot use --input "${text}": need HEIGHTxWIDTHxCHANNELS`);
}
