/**
 * Evaluation: the model in eval mode over every batch, with sums kept as tensors and read together
 * at the end.
 *
 * @module
 */

import { evalMode, type Layer, type Variables } from "../layer.ts";
import { nextTurn } from "../next_turn.ts";
import { tidy } from "../ops.ts";
import { release } from "../ownership.ts";
import type { Tensor } from "../tensor.ts";
import type { Tree } from "../tree.ts";
import { crossEntropy } from "./loss.ts";
import { addBatch, type Metrics, readMeans, topKAccuracy, type Totals } from "./metrics.ts";
import type { Batch, Loss } from "./step.ts";

/** What {@linkcode evaluate} measures on which batches. */
export interface EvaluateOptions {
  /** Batches, which the evaluation takes over. */
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** The loss, as a mean over the batch; `crossEntropy` by default. */
  readonly loss?: Loss;
  /** Which `k` of top-k accuracy to measure; 1 and, with more than five classes, 5 by default. */
  readonly topK?: readonly number[];
  /** Is told after each batch how many examples are done. */
  readonly progress?: (examples: number) => void;
}

/** What {@linkcode evaluate} found. */
export type Evaluation = {
  /** Number of examples. */
  readonly examples: number;
  /** Mean loss. */
  readonly loss: number;
  /** Share (0 to 1) of examples whose label is the highest score. */
  readonly top1: number;
  /** Share (0 to 1) of examples whose label is among the `k` highest scores, by `k`. */
  readonly topK: ReadonlyMap<number, number>;
};

/**
 * Measures a model in eval mode.
 *
 * @throws {EmptyError} If there is no batch.
 *
 * @example A classifier that is always right
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { evaluate, identity, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const batches = [{ x: tensor([9, 0, 0, 9], [2, 2]), y: tensor(Int32Array.of(0, 1)) }];
 * const { top1 } = await evaluate(identity, { params: [], state: [] }, { batches });
 * assertEquals(top1, 1);
 * ```
 */
export async function evaluate<P extends Tree, S extends Tree>(
  model: Layer<P, S>,
  variables: Variables<P, S>,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const { loss = crossEntropy, progress } = options;
  let totals: Totals<Metrics> | undefined;
  const measure = (x: Tensor, y: Tensor): Metrics => {
    const [output] = model.apply(variables, x, evalMode);
    const topK = options.topK ?? ((output.shape.at(-1) ?? 0) > 5 ? [1, 5] : [1]);
    const shares = topK.map((k) => [`top${k}`, topKAccuracy(output, y, k)]);
    return { loss: loss(output, y), ...Object.fromEntries(shares) };
  };
  for await (const { x, y } of options.batches) {
    const before = totals;
    totals = tidy(() => addBatch(before, measure(x, y), x.shape[0]!));
    release({ x, y, before: before ?? {} });
    progress?.(totals.count);
    await nextTurn(); // on the CPU nothing else would wait
  }
  const { loss: mean, ...shares } = await readMeans(totals);
  release(totals!);
  const topK = new Map(
    Object.entries(shares).map(([name, share]) => [Number(name.slice(3)), share]),
  );
  return { examples: totals!.count, loss: mean!, top1: topK.get(1) ?? NaN, topK };
}
