/** A step of stochastic gradient descent, for all parameters: see `lib/optim/sgd.ts`. */

import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { type PerLeaf, runPerLeaf } from "../leaves.ts";

/** What kind of descent it is; each is 1 or 0. */
export interface Descent {
  /** Whether there is momentum. */
  readonly momentum: number;
  /** Whether momentum looks one step ahead. */
  readonly nesterov: number;
  /** Whether momentum remembers steps, and not gradients. */
  readonly caffe: number;
}

/** Names the tensors of a parameter `p` with gradient `g`, and `trace` where there is momentum. */
export function sgdTensors({ momentum }: Descent): PerLeaf {
  return {
    name: "sgd",
    outputs: { pNext: "p", ...momentum ? { traceNext: "trace" } : {} },
    inputs: ["p", "g", ...momentum ? ["trace"] : []],
    shared: "settings", // learning rate, momentum, weight decay
  };
}

/** Gives the code for one parameter. */
export function sgdCode(decays: boolean, { momentum, nesterov, caffe }: Descent): string {
  return [
    "let p = p$[at];",
    "var u = g$[at];",
    decays && "u += settings[2] * p;",
    caffe && "u *= -settings[0];",
    momentum && "let v = u + settings[1] * trace$[at];\ntraceNext$[at] = v;",
    momentum && (nesterov ? "u += settings[1] * v;" : "u = v;"),
    !caffe && "u *= -settings[0];",
    "pNext$[at] = p + u;",
  ].filter(Boolean).join("\n");
}

/** Gives all parameters, and then what momentum remembers of each. */
export function sgd(
  backend: GuardedBackend,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  { decays, ...descent }: Descent & { readonly decays: readonly number[] },
): tf.TensorInfo[] {
  const what = sgdTensors(descent);
  const groups = decays.map((decays, i) => ({
    tensors: what.inputs.map((name) => inputs[`${name}${i}`]!),
    body: sgdCode(decays === 1, descent),
  }));
  return runPerLeaf(backend, what, inputs.settings!, groups);
}
