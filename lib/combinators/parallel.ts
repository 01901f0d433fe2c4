/**
 * Several layers applied to the same input, and their outputs merged: the way a network branches.
 *
 * @module
 */

import type { Layer, ParamsOf, StateOf } from "../layer.ts";
import { branches, type Merge } from "./branches.ts";
import { checkNames, type Layers } from "./parts.ts";

/** Options of {@linkcode parallel}. */
export interface ParallelOptions {
  /** How branches come together; `"sum"` by default. */
  readonly merge?: Merge;
}

/**
 * Applies each of a tuple or record of layers to the input, and merges what they give.
 *
 * @throws {ArgumentError} If there is no layer, or a name that {@linkcode named} refuses.
 * @throws {ShapeError} If the shapes that the branches give do not fit; comes from `init`.
 *
 * @example Two widths side by side
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, key, parallel, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const model = parallel({ narrow: dense(2), wide: dense(5) }, { merge: "concat" });
 * const { params, shape } = model.init(key(0), [1, 3]);
 * assertEquals(params.wide.weight.shape, [3, 5]);
 * assertEquals(shape, [1, 7]);
 * ```
 */
export function parallel<const L extends Layers>(
  layers: L,
  options: ParallelOptions = {},
): Layer<ParamsOf<L>, StateOf<L>> {
  checkNames(layers);
  return branches("parallel", "branches", layers, options.merge ?? "sum");
}
