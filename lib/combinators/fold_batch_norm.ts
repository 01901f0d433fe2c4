/**
 * In eval mode a batch normalisation only scales and shifts each channel, which the convolution before
 * it can do as well: its weight is scaled and its bias shifted once, and the normalisation is gone.
 *
 * @module
 */

import { abstractKey } from "../key.ts";
import { evalMode, type Layer, type Variables } from "../layer.ts";
import { roleOf } from "../layers/role.ts";
import { identity } from "../layers/shape.ts";
import { add, clone, mul, ones, reshape, sub, tidy, zerosLike } from "../ops.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { empty, map, type Tree } from "../tree.ts";
import { compositionOf } from "./composition.ts";
import { collect, type Layers, partsOf, variablesOf } from "./parts.ts";

/** A model with its variables. */
export type Model = {
  /** The model. */
  readonly model: Layer;
  /** What it has learned. */
  readonly variables: Variables;
};

/** What a normalisation does to each channel in eval mode. */
type Affine = { readonly scale: Tensor; readonly shift: Tensor };

/** A model that can perhaps do what comes after it as well. */
type Folded = Model & { readonly absorb?: (affine: Affine) => Folded };

/**
 * Gives a model that gives the same in eval mode (but for rounding) and has no batch normalisation
 * right after a convolution or `dense`; what is left in its place is the identity, so that paths stay.
 * It looks into all combinators, and leaves alone what it cannot look into. Layers that depend on the
 * shape of their input become those for `shape`. The folded model is for inference: in train mode
 * nothing is normalised.
 *
 * @param variables Are borrowed; those that come out are the caller's.
 * @throws {ShapeError} If the model cannot take `shape`.
 *
 * @example A convolution that normalises
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batchNorm, conv, entries, foldBatchNorm, key, sequential, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const model = sequential(conv(2, 3, { bias: false }), batchNorm());
 * const variables = model.init(key(0), [1, 8, 8, 1]);
 * const folded = foldBatchNorm(model, variables, [1, 8, 8, 1]);
 * assertEquals(entries(folded.variables.params).map(([path]) => path), ["0.weight", "0.bias"]);
 * ```
 */
export function foldBatchNorm<P extends Tree, S extends Tree>(
  model: Layer<P, S>,
  variables: Variables<P, S>,
  shape: Shape,
): Model {
  return tidy(() => {
    const folded = fold(model, variables, shape);
    const { params, state } = folded.variables;
    const owned = (leaf: Tensor) => clone(leaf);
    return {
      model: folded.model,
      variables: { params: map(owned, params), state: map(owned, state) },
    };
  });
}

function fold(model: Layer, variables: Variables, shape: Shape): Folded {
  const composition = compositionOf(model, shape);
  if (composition === undefined) return single(model, variables);
  const { order, open, parts, rebuild } = composition;
  const folded: Folded[] = [];
  for (const [name, part] of partsOf(parts)) {
    const own = variablesOf(variables, name);
    const absorb = order === "series" ? folded.at(-1)?.absorb : undefined;
    if (absorb !== undefined && roleOf(part) === "normalization") {
      folded[folded.length - 1] = absorb(affineOf(part, own));
      folded.push({ model: identity, variables: { params: empty, state: empty } });
    } else folded.push(fold(part, own, shape));
    if (order === "series") ({ shape } = part.init(abstractKey, shape));
  }
  const whole = (folded: readonly Folded[]): Folded => {
    const made: Model = {
      model: rebuild(like(parts, folded.map(({ model }) => model))),
      variables: {
        params: collect(parts, folded.map(({ variables }) => variables.params)),
        state: collect(parts, folded.map(({ variables }) => variables.state)),
      },
    };
    const absorb = open ? folded.at(-1)?.absorb : undefined;
    if (absorb === undefined) return made;
    return { ...made, absorb: (affine) => whole([...folded.slice(0, -1), absorb(affine)]) };
  };
  return whole(folded);
}

function single(model: Layer, variables: Variables): Folded {
  if (roleOf(model) !== "linear") return { model, variables };
  return {
    model,
    variables,
    absorb({ scale, shift }) {
      const { weight, bias } = variables.params as { weight: Tensor; bias?: Tensor };
      const params = {
        weight: mul(weight, scale),
        bias: bias === undefined ? shift : add(mul(bias, scale), shift),
      };
      return single(model, { params, state: empty });
    },
  };
}

/** Asks the normalisation itself, which knows its epsilon: without mean and bias it makes 1 the scale. */
function affineOf(norm: Layer, { params, state }: Variables): Affine {
  const { mean, variance } = state as { mean: Tensor; variance: Tensor };
  const { weight, bias } = params as { weight?: Tensor; bias?: Tensor };
  const zero = zerosLike(mean);
  const centered: Variables = {
    params: weight === undefined ? params : { weight, bias: zero },
    state: { mean: zero, variance },
  };
  const [y] = norm.apply(centered, ones([1, mean.size]), evalMode);
  const scale = reshape(y, [-1]);
  return { scale, shift: sub(bias ?? zero, mul(mean, scale)) };
}

function like(parts: Layers, layers: readonly Layer[]): Layers {
  if (Array.isArray(parts)) return layers;
  return Object.fromEntries(Object.keys(parts).map((name, i) => [name, layers[i]!]));
}
