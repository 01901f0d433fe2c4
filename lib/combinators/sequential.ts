/**
 * One layer after another: `sequential` counts its parts, `named` names them, `repeat` makes them.
 * All three are one loop, in which each layer is told the shape that the one before it gives, and does
 * what a relu after it would do if it can.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import {
  applyPart,
  initPart,
  type Layer,
  layer,
  type Mode,
  type ParamsOf,
  type StateOf,
  type Variables,
} from "../layer.ts";
import { relu } from "../layers/activation.ts";
import { applyRectified, canRectify, rectifiedOf, withRectified } from "../layers/rectified.ts";
import { clone } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { empty, type Tree } from "../tree.ts";
import { composed } from "./composition.ts";
import { checkNames, collectInits, type Layers, nextState, partsOf, variablesOf } from "./parts.ts";

/**
 * Applies layers one after another; variables are a tuple with an entry for each.
 *
 * @example Two layers, and the type of their parameters
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, type DenseParams, type Empty, key, relu, sequential, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const model = sequential(dense(3), relu);
 * const { params, shape } = model.init(key(0), [1, 2]);
 * const [first]: readonly [DenseParams, Empty] = params;
 * assertEquals(first.weight.shape, [2, 3]);
 * assertEquals(shape, [1, 3]);
 * ```
 */
export function sequential<const L extends readonly Layer[]>(
  ...layers: L
): Layer<ParamsOf<L>, StateOf<L>> {
  return series("sequential", layers);
}

/**
 * Applies layers one after another, in the order they are written; variables are a record.
 *
 * @throws {ArgumentError} If a name is an integer, is empty, or has a dot in it.
 *
 * @example Names become paths
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, entries, key, named, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const { params } = named({ hidden: dense(3), out: dense(1) }).init(key(0), [1, 2]);
 * assertEquals(entries(params).map(([path]) => path), [
 *   "hidden.weight",
 *   "hidden.bias",
 *   "out.weight",
 *   "out.bias",
 * ]);
 * ```
 */
export function named<const L extends Readonly<Record<string, Layer>>>(
  layers: L,
): Layer<ParamsOf<L>, StateOf<L>> {
  checkNames(layers);
  return series("named", layers);
}

/**
 * Applies `count` layers of one type, each made from its number (from 0), one after another.
 *
 * @throws {ArgumentError} If `count` is not an integer from 0.
 *
 * @example Three layers that grow
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, key, repeat, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const { params } = repeat(3, (i) => dense(4 + i)).init(key(0), [1, 2]);
 * assertEquals(params.map(({ weight }) => weight.shape), [[2, 4], [4, 5], [5, 6]]);
 * ```
 */
export function repeat<P extends Tree, S extends Tree>(
  count: number,
  makeLayer: (i: number) => Layer<P, S>,
): Layer<readonly P[], readonly S[]> {
  if (!Number.isInteger(count) || count < 0) {
    throw new ArgumentError(`Cannot repeat a layer ${count} times: need an integer from 0`);
  }
  return series("repeat", Array.from({ length: count }, (_, i) => makeLayer(i)));
}

function series<P extends Tree, S extends Tree>(kind: string, layers: Layers): Layer<P, S> {
  const parts = partsOf(layers);
  const run = (
    variables: Variables<P, S>,
    input: Tensor,
    mode: Mode,
    applyLast: typeof applyPart,
  ): [y: Tensor, next: S] => {
    let x = parts.length === 0 ? clone(input) : input;
    let rectified = false; // what a relu would give
    const next = parts.map(([name, part], i) => {
      if (rectified) {
        rectified = false;
        return empty;
      }
      rectified = parts[i + 1]?.[1] === relu && rectifiedOf(part, mode) !== undefined;
      const apply = rectified ? applyRectified : i === parts.length - 1 ? applyLast : applyPart;
      const [y, next] = apply(name, part, variablesOf(variables, name), x, mode);
      // What the tape still needs it has its own handles on; a deep net need not hold the rest.
      if (x !== input && x !== y) x.dispose();
      x = y;
      return next;
    });
    return [x, nextState(layers, variables.state, next)];
  };
  const whole = layer<P, S>({
    kind,
    init(key, shape) {
      const inits = parts.map(([name, part]) => {
        const init = initPart(name, part, key, shape);
        shape = init.shape;
        return init;
      });
      return { ...collectInits<P, S>(layers, inits), shape };
    },
    apply: (variables, x, mode) => run(variables, x, mode, applyPart),
  });
  const end = parts.at(-1);
  if (end !== undefined && canRectify(end[1])) {
    withRectified(
      whole,
      (variables, x, mode, addend) =>
        run(variables, x, mode, (...part) => applyRectified(...part, addend)),
    );
  }
  const rebuild = (layers: Layers) => series<Tree, Tree>(kind, layers);
  return composed(whole, () => ({ order: "series", open: true, parts: layers, rebuild }));
}
