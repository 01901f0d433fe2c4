/**
 * A step of Adam, for all parameters: see `lib/optim/adam.ts`. What is the same for every element is
 * computed once: the weights that the averages have seen, and from them the coefficients of a step.
 */

import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import { type PerLeaf, runPerLeaf } from "../leaves.ts";
import { bindings, entry, generator, type Program } from "../program.ts";

/** Names the tensors of a parameter `p` with gradient `g`, and its averages. */
export const ADAM_TENSORS: PerLeaf = {
  name: "adam",
  outputs: { pNext: "p", meanNext: "mean", squareNext: "square" },
  inputs: ["p", "g", "mean", "square"],
  shared: "c",
};

/** Gives the code for one parameter. */
export function adamCode(decays: boolean, nesterov: boolean): string {
  return [
    "let p = p$[at];",
    "let g = g$[at];",
    "var m = mean$[at];",
    "var s = square$[at];",
    "m += (g - m) * c[1];",
    "s += (g * g - s) * c[2];",
    "meanNext$[at] = m;",
    "squareNext$[at] = s;",
    `var u = ${nesterov ? "(m + g * c[6])" : "m"} / (sqrt(s * c[3]) + c[4]);`,
    decays && "u += c[5] * p;",
    "pNext$[at] = p - u * c[0];",
  ].filter(Boolean).join("\n");
}

/**
 * The program that gives coefficients `c` and the weights after the step, from the settings: learning
 * rate, the shares of the new in mean and square, epsilon, weight decay, and the decay of the mean.
 */
export const adamCoefficients: (nesterov: boolean) => Program = generator((nesterov) => ({
  name: "adamCoefficients",
  wgsl: bindings(
    { c: "f32", meanWeightNext: "f32", squareWeightNext: "f32" },
    { settings: "f32", meanWeight: "f32", squareWeight: "f32" },
  ) + entry(
    1,
    `  let toMean = settings[1];
  let m = meanWeight[0] + (1.0 - meanWeight[0]) * toMean;
  let s = squareWeight[0] + (1.0 - squareWeight[0]) * settings[2];
  meanWeightNext[0] = m;
  squareWeightNext[0] = s;
  let factor = ${nesterov ? "settings[5] / (m + (1.0 - m) * toMean)" : "1.0 / m"};
  c[0] = settings[0];
  c[1] = toMean;
  c[2] = settings[2];
  c[3] = 1.0 / (s * (factor * factor));
  c[4] = settings[3] / factor;
  c[5] = settings[4];
  c[6] = toMean / m / factor;`,
    1,
  ),
  groups: [1, 1, 1],
}));

/** Gives all parameters, all means, all squares, and the weights that these have seen. */
export function adam(
  backend: GuardedBackend,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  { decays, nesterov }: { readonly decays: readonly number[]; readonly nesterov: number },
): tf.TensorInfo[] {
  const [c, ...weights] = [[7], [], []].map((shape) => backend.makeTensorInfo(shape, "float32"));
  const { settings, meanWeight, squareWeight } = inputs;
  const program = adamCoefficients(nesterov === 1);
  dispatch(backend, program, [c!, ...weights], [settings!, meanWeight!, squareWeight!]);
  const groups = decays.map((decays, i) => ({
    tensors: ADAM_TENSORS.inputs.map((name) => inputs[`${name}${i}`]!),
    body: adamCode(decays === 1, nesterov === 1),
  }));
  const made = runPerLeaf(backend, ADAM_TENSORS, c!, groups);
  backend.disposeData(c!.dataId);
  return [...made, ...weights];
}
