/**
 * Transformations for some leaves only. A mask says which, by path or by what the leaf is; the rest
 * of the tree is left out as empty trees, so that the paths of the chosen leaves stay as they are.
 *
 * @module
 */

import { clone, zerosLike } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { selects } from "../path.ts";
import { empty, entries, leaves, rebuild, type Tree, zip } from "../tree.ts";
import {
  type GradientTransformation,
  statelessTransformation,
  transformation,
} from "./transform.ts";

/** Says which leaves: patterns of paths, or a function of the path and the parameter. */
export type Mask = string | readonly string[] | ((path: string, leaf: Tensor) => boolean);

/** Tells whether a mask includes the parameter at `path`. */
export function includes(mask: Mask, path: string, leaf: Tensor): boolean {
  return typeof mask === "function" ? mask(path, leaf) : selects(mask, path);
}

/**
 * Includes what has two axes or more: kernels and matrices, not biases nor the scales of
 * normalisation. Weight decay is usually meant for these alone:
 * {@link https://github.com/facebookarchive/fb.resnet.torch#notes fb.resnet.torch} remarks that the
 * ResNet paper decays only the weights of convolutions (and itself decays everything).
 *
 * @example Weight decay for weights only
 * ```ts
 * import { assert } from "@std/assert";
 * import { setup, sgd, weightsOnly, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * sgd({ momentum: 0.9, weightDecay: 1e-4, mask: weightsOnly });
 * assert(weightsOnly("conv1.weight", zeros([3, 3, 3, 16])));
 * assert(!weightsOnly("bn1.weight", zeros([16])));
 * ```
 */
export function weightsOnly(_path: string, leaf: Tensor): boolean {
  return leaf.shape.length > 1;
}

/**
 * Gives the transformation that acts on the leaves that a mask includes, and leaves the others.
 *
 * @example Clipping the head alone
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clipByGlobalNorm, masked, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const { init, update } = masked(clipByGlobalNorm(1), "fc.**");
 * const params = { conv: tensor([0]), fc: { bias: tensor([0]) } };
 * const gradient = { conv: tensor([8]), fc: { bias: tensor([8]) } };
 * const context = { params, learningRate: scalar(0.1) };
 * const [{ conv, fc }] = update(gradient, init(params), context);
 * assertEquals([...await conv.data(), ...await fc.bias.data()], [8, 1]);
 * ```
 */
export function masked<S extends Tree>(
  inner: GradientTransformation<S>,
  mask: Mask,
): GradientTransformation<S> {
  return transformation<S>({
    kind: inner.kind,
    init: (params) => inner.init(only(params, chosenBy(mask, params))),
    update: (updates, state, context) => {
      const chosen = chosenBy(mask, context.params);
      const params = only(context.params, chosen);
      const [some, next] = inner.update(only(updates, chosen), state, { ...context, params });
      const found = leaves(some)[Symbol.iterator]();
      const all = leaves(updates).map((leaf, i) => chosen[i] ? found.next().value! : clone(leaf));
      return [rebuild(updates, all), next];
    },
  });
}

/** Tells of each leaf of the parameters, in order, whether the mask includes it. */
function chosenBy(mask: Mask, params: Tree): boolean[] {
  return entries(params).map(([path, param]) => includes(mask, path, param));
}

/** Gives a tree in which the leaves that are not chosen are empty trees. */
export function only(tree: Tree, chosen: readonly boolean[]): Tree {
  return rebuild(tree, leaves(tree).map((leaf, i) => chosen[i] ? leaf : empty));
}

/**
 * Gives the transformation whose updates are zero where a mask includes; last in a chain, it keeps
 * parameters as they are, whatever the gradient or weight decay.
 *
 * @example Training the head of a model
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyGradient, chain, freeze, scalar, setup, sgd, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = chain(sgd({ weightDecay: 0.5 }), freeze("body.**"));
 * const params = { body: { w: tensor([2]) }, head: tensor([2]) };
 * const [next] = applyGradient(optimizer, params, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.5),
 * });
 * assertEquals([...await next.body.w.data(), ...await next.head.data()], [2, 0.5]);
 * ```
 */
export function freeze(mask: Mask): GradientTransformation {
  return statelessTransformation("freeze", (updates, { params }) => {
    return zip(
      ([leaf, param], path) => includes(mask, path, param!) ? zerosLike(leaf!) : clone(leaf!),
      updates,
      params,
    );
  });
}
