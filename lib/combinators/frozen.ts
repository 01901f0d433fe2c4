/**
 * A layer that stays as it is while others learn: the body under a new head.
 *
 * @module
 */

import { untracked } from "../grad.ts";
import { evalMode, type Layer, layer } from "../layer.ts";
import type { Tree } from "../tree.ts";
import { wrapping } from "./composition.ts";

/**
 * Gives what `body` gives in eval mode, whatever the mode, and no gradient: neither to its parameters
 * nor to what is before it, so that nothing of it is computed or held for the way back. Its running
 * averages stay too, which freezing the parameters alone (see {@linkcode freeze}) would not do. The
 * variables are those of `body`.
 *
 * Weight decay and momentum know nothing of this: with them, freeze the parameters as well.
 *
 * @example Only the head learns
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, frozen, grad, key, named, ones, ops, setup, trainMode } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const model = named({ body: frozen(dense(4)), fc: dense(1) });
 * const { params, state } = model.init(key(0), [1, 2]);
 * const gradient = grad((p: typeof params) =>
 *   ops.sum(model.apply({ params: p, state }, ones([1, 2]), trainMode(key(0)))[0])
 * )(params);
 * assertEquals([...await gradient.body.bias!.data()], [0, 0, 0, 0]);
 * assertEquals([...await gradient.fc.bias!.data()], [1]);
 * ```
 */
export function frozen<P extends Tree, S extends Tree>(body: Layer<P, S>): Layer<P, S> {
  const whole = layer<P, S>({
    kind: "frozen",
    init: (key, shape) => body.init(key, shape),
    apply: (variables, x, { tap }) =>
      untracked(() => body.apply(variables, x, tap ? { ...evalMode, tap } : evalMode)),
  });
  return wrapping(whole, body, (other) => frozen(other));
}
