/**
 * What is differentiated on a backend in `float32`, and by differences in double precision: every layer
 * and a whole ResNet-8. The sum of its output with weights `u` has the gradient `Jᵀu`, and its derivative along
 * `v`, which is `<v, Jᵀu>`, is `<Jv, u>` as well.
 *
 * @module
 */

import { key } from "../../lib/key.ts";
import { trainMode } from "../../lib/layer.ts";
import { resnetCifar } from "../../lib/models/mod.ts";
import { release } from "../../lib/ownership.ts";
import type { Tensor } from "../../lib/tensor.ts";
import type { Tree } from "../../lib/tree.ts";
import type { Differentiated } from "../directional.ts";
import { differentiable, inputOf, lossOf, shaken, type Subject } from "../laws.ts";
import { LAYERS } from "./table.ts";

/** Everything that is differentiated. */
export const SUBJECTS: readonly Subject[] = [
  ...LAYERS,
  { name: "ResNet-8", layer: resnetCifar(8), shape: [2, 8, 8, 3] },
];

/** Does something with what is differentiated, and lets go of it. */
export async function differentiating<R>(
  subject: Subject,
  use: (problem: Differentiated<{ params: Tree; x: Tensor }>) => Promise<R>,
): Promise<R> {
  const { params, state } = shaken(subject.layer, subject.shape);
  const x = inputOf(subject);
  const f = lossOf(subject.layer, state, trainMode(key(3)));
  // So short that no direction meets a kink of relu.
  const result = await use({ f, point: { params, x }, select: differentiable(x), step: 1e-7 });
  release([params, state, x]);
  return result;
}
