/**
 * Where did the first value come from that is not a number? The model is applied once more, with a
 * tap on every part, and the outputs are looked through in the order in which they were made.
 *
 * @module
 */

import type { Layer, Mode, Variables } from "../layer.ts";
import { clone, keep } from "../ops.ts";
import { release } from "../ownership.ts";
import type { Tensor } from "../tensor.ts";
import { entries } from "../tree.ts";

/**
 * Names the first thing that is not finite: a part of the model (which says if its parameters
 * already were), the input, or else the loss.
 *
 * @param apply Applies the model as it was when the loss was not finite.
 */
export async function firstNonFinite(
  apply: Layer["apply"],
  variables: Variables,
  x: Tensor,
  mode: Mode,
): Promise<string> {
  if (!await isFinite(x)) return "the input";
  const outputs: [path: string, y: Tensor][] = [];
  const visit = (path: string, y: Tensor) => void outputs.push([path, keep(clone(y))]);
  const [y, next] = apply(variables, x, { ...mode, tap: { path: "", visit } });
  visit("the model", y);
  release({ y, next }, variables);
  try {
    for (const [path, output] of outputs) {
      if (!await isFinite(output)) return await blame(path, variables);
    }
    return "the loss";
  } finally {
    release(outputs);
  }
}

async function blame(path: string, { params }: Variables): Promise<string> {
  for (const [leaf, tensor] of entries(params)) {
    if (leaf.startsWith(`${path}.`) && !await isFinite(tensor)) return `the parameter "${leaf}"`;
  }
  return path === "the model" ? path : `"${path}"`;
}

async function isFinite(x: Tensor): Promise<boolean> {
  return (await x.data()).every(Number.isFinite);
}
