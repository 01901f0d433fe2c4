/**
 * Averages of the parameters over the steps, which often do better than the last parameters. An
 * average is kept in the memory of the optimizer, so that it is saved and resumed with it.
 *
 * @module
 */

import { TreeError } from "../errors.ts";
import { add, clone } from "../ops.ts";
import { entries, flatten, map, type Tree, unflatten, zip } from "../tree.ts";
import { complement, type Hyperparameter } from "./hyperparameter.ts";
import { approach, type GradientTransformation, transformation } from "./transform.ts";

/** State of {@linkcode ema}. */
export type EmaState = {
  /** Running average of the parameters. */
  readonly average: Tree;
};

/**
 * Gives the transformation that leaves updates as they are, and keeps a running average of the
 * parameters that they lead to. It has to be the last in a chain.
 *
 * @param decay Share of the average that is kept in each step; 0.9999 is usual for long trainings.
 * @throws {ArgumentError} If `decay` is not in [0, 1).
 *
 * @example An average that follows
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyGradient, averagedParams, chain, ema, scalar, setup, sgd, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = chain(sgd(), ema(0.75));
 * const params = { w: tensor([0]) };
 * const [next, memory] = applyGradient(optimizer, { w: tensor([-8]) }, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(1),
 * });
 * assertEquals([...await next.w.data()], [8]);
 * assertEquals([...await averagedParams(next, memory).w.data()], [2]);
 * ```
 */
export function ema(decay: Hyperparameter): GradientTransformation<EmaState> {
  const toAverage = complement("ema", "fraction", { decay });
  return transformation<EmaState>({
    kind: "ema",
    init: (params) => ({ average: map(clone, params) }),
    update: (updates, { average }, context) => {
      const share = toAverage(context);
      const next = zip(
        ([a, p, u]) => approach(a!, add(p!, u!), share),
        average,
        context.params,
        updates,
      );
      return [map(clone, updates), { average: next }];
    },
  });
}

/**
 * Finds the averaged parameters in the memory of an optimizer that has {@linkcode ema} or
 * {@linkcode scheduleFree} in it. They are borrowed: the memory still owns them.
 *
 * @throws {TreeError} If there is no average of these parameters, or more than one.
 *
 * @example Nothing was averaged
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { averagedParams, setup, sgd, TreeError, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const params = { w: zeros([1]) };
 * assertThrows(() => averagedParams(params, sgd().init(params)), TreeError);
 * ```
 */
export function averagedParams<P extends Tree>(params: P, memory: Tree): P {
  const averages = new Map<string, Map<string, ReturnType<typeof clone>>>();
  for (const [path, leaf] of entries(memory)) {
    const [, before, rest] = /^((?:.*\.)?average)(?:\.|$)(.*)$/s.exec(path) ?? [];
    if (before === undefined) continue;
    averages.set(before, (averages.get(before) ?? new Map()).set(rest!, leaf));
  }
  const wanted = [...flatten(params).keys()];
  const found = [...averages.values()].filter((average) =>
    average.size === wanted.length && wanted.every((path) => average.has(path))
  );
  if (found.length === 1) return unflatten(params, found[0]!);
  throw new TreeError(
    `Cannot find averaged parameters in this memory: need one average, got ${found.length}`,
  );
}
