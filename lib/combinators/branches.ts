/**
 * The loop under `parallel` and `residual`: each layer sees the same input, and a merger makes one
 * tensor of what they give.
 *
 * @module
 */

import { ArgumentError, ShapeError, showShape } from "../errors.ts";
import { applyPart, initPart, type Layer, layer } from "../layer.ts";
import { applyRectified, canRectify, withRectified } from "../layers/rectified.ts";
import { add, concat, mul } from "../ops.ts";
import type { Shape, Tensor } from "../tensor.ts";
import type { Tree } from "../tree.ts";
import { composed } from "./composition.ts";
import { collectInits, type Layers, nextState, partsOf, variablesOf } from "./parts.ts";

/** How branches come together: added, averaged, or side by side along the last axis. */
export type Merge = "sum" | "mean" | "concat";

const sum = (ys: readonly Tensor[]): Tensor => ys.reduce((sum, y) => add(sum, y));

const MERGERS: { readonly [M in Merge]: (ys: readonly Tensor[]) => Tensor } = {
  sum,
  mean: (ys) => mul(sum(ys), 1 / ys.length),
  concat: (ys) => concat(ys, ys[0]!.shape.length - 1),
};

const VERBS: { readonly [M in Merge]: string } = {
  sum: "add",
  mean: "average",
  concat: "concatenate",
};

/** Makes a layer of branches; `kind` and `what` are its names for summaries and messages. */
export function branches<P extends Tree, S extends Tree>(
  kind: string,
  what: string,
  layers: Layers,
  merge: Merge,
): Layer<P, S> {
  const parts = partsOf(layers);
  if (parts.length === 0) {
    throw new ArgumentError(`Cannot ${VERBS[merge]} ${what}: need at least one`);
  }
  const mergeShapes = (shapes: readonly Shape[]): Shape => {
    const [first, ...others] = shapes.map((shape) =>
      merge === "concat" ? shape.slice(0, -1) : shape
    );
    if (others.every((other) => showShape(other) === showShape(first!))) {
      const width = shapes.reduce((sum, shape) => sum + shape.at(-1)!, 0);
      return merge === "concat" ? [...first!, width] : shapes[0]!;
    }
    const given = parts.map(([name], i) => `${name} gives ${showShape(shapes[i]!)}`);
    throw new ShapeError(`Cannot ${VERBS[merge]} ${what}: ${given.join(" and ")}`);
  };
  const whole = layer<P, S>({
    kind,
    init(key, shape) {
      const inits = parts.map(([name, part]) => initPart(name, part, key, shape));
      return {
        ...collectInits<P, S>(layers, inits),
        shape: mergeShapes(inits.map(({ shape }) => shape)),
      };
    },
    apply(variables, x, mode) {
      const results = parts.map(([name, part]) =>
        applyPart(name, part, variablesOf(variables, name), x, mode)
      );
      return [
        MERGERS[merge](results.map(([y]) => y)),
        nextState(layers, variables.state, results.map(([, next]) => next)),
      ];
    },
  });
  const [[name, first], ...others] = parts as [[string, Layer], ...[string, Layer][]];
  if (merge === "sum" && canRectify(first)) {
    withRectified(whole, (variables, x, mode, addend) => {
      const results = others.map(([name, part]) =>
        applyPart(name, part, variablesOf(variables, name), x, mode)
      );
      const ys = [...results.map(([y]) => y), ...addend === undefined ? [] : [addend]];
      const more = ys.length === 0 ? [] : [sum(ys)];
      const own = variablesOf(variables, name);
      const [y, next] = applyRectified(name, first, own, x, mode, ...more);
      const nexts = [next, ...results.map(([, next]) => next)];
      return [y, nextState(layers, variables.state, nexts)];
    });
  }
  const rebuild = (layers: Layers) => branches<Tree, Tree>(kind, what, layers, merge);
  return composed(whole, () => ({ order: "branches", open: false, parts: layers, rebuild }));
}
