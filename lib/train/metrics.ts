/**
 * Metrics: what people read. They are computed on the device and summed there over batches, each
 * weighted by its number of examples, so that an evaluation reads from the device once, at its end.
 *
 * @module
 */

import { ArgumentError, EmptyError } from "../errors.ts";
import * as ops from "../ops.ts";
import type { Scalar, Tensor } from "../tensor.ts";
import { map, zip } from "../tree.ts";
import { checkLabels } from "./loss.ts";

/**
 * Gives the share of examples whose label is among the `k` largest logits; of equal ones the class
 * with the smaller number is taken.
 *
 * @param logits `[batch, classes]`, or with more axes in front.
 * @param labels `int32` of the shape of `logits` without the last axis.
 * @throws {ArgumentError} If there are not `k` classes.
 * @throws {DTypeError} If the labels are not `int32`.
 * @throws {ShapeError} If the shapes do not fit.
 * @throws {LabelError} If a label is not a class, where labels were made from host values.
 *
 * @example Right at first, right at second guess
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { setup, tensor, topKAccuracy } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const logits = tensor([9, 1, 5, 9, 1, 5], [2, 3]);
 * const labels = tensor(Int32Array.of(0, 2));
 * assertEquals([...await topKAccuracy(logits, labels).data()], [0.5]);
 * assertEquals([...await topKAccuracy(logits, labels, 2).data()], [1]);
 * ```
 */
export function topKAccuracy(logits: Tensor, labels: Tensor, k = 1): Scalar {
  checkLabels(logits, labels);
  const classes = logits.shape.at(-1)!;
  if (!(Number.isInteger(k) && k >= 1 && k <= classes)) {
    throw new ArgumentError(
      `Cannot take the accuracy of the top ${k}: need an integer from 1 to ${classes}, the classes`,
    );
  }
  return ops.tidy(() => {
    if (k === 1) return share(ops.equal(ops.argMax(logits), labels));
    const [, guesses] = ops.topK(logits, k); // [batch, k]
    const hits = ops.equal(guesses, ops.reshape(labels, [...labels.shape, 1]));
    return share(ops.max(ops.cast(hits, "float32"), -1));
  });
}

function share(hits: Tensor): Scalar {
  return ops.mean(ops.cast(hits, "float32"));
}

/** Means over a batch, by name. */
export type Metrics = {
  /** Mean over the examples of a batch. */
  readonly [name: string]: Scalar;
};

/** Sums of metrics over examples. */
export type Totals<M extends Metrics = Metrics> = {
  /** Sum over all examples, by name. */
  readonly sums: M;
  /** Number of examples. */
  readonly count: number;
};

/**
 * Gives totals with one more batch of `count` examples; starts from `undefined`.
 *
 * @throws {ArgumentError} If `count` is not a positive integer.
 *
 * @example Batches of different sizes
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addBatch, readMeans, scalar, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const first = addBatch(undefined, { loss: scalar(2) }, 3);
 * const both = addBatch(first, { loss: scalar(6) }, 1);
 * assertEquals(await readMeans(both), { loss: 3 });
 * ```
 */
export function addBatch<M extends Metrics>(
  totals: Totals<M> | undefined,
  metrics: M,
  count: number,
): Totals<M> {
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new ArgumentError(
      `Cannot add a batch of ${count} examples: need an integer of at least 1`,
    );
  }
  return ops.tidy(() => {
    const weight = ops.scalar(count);
    const more = map((mean) => ops.mul(mean, weight), metrics);
    return {
      sums: totals === undefined ? more : zip(([a, b]) => ops.add(a!, b!), totals.sums, more),
      count: (totals?.count ?? 0) + count,
    };
  });
}

/**
 * Reads the means of all examples, by name, with one read from the device.
 *
 * @throws {EmptyError} If nothing was added.
 *
 * @example The mean of one batch
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addBatch, readMeans, scalar, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const totals = addBatch(undefined, { loss: scalar(2), top1: scalar(0.5) }, 8);
 * assertEquals(await readMeans(totals), { loss: 2, top1: 0.5 });
 * ```
 */
export async function readMeans<M extends Metrics>(
  totals: Totals<M> | undefined,
): Promise<{ readonly [K in keyof M]: number }> {
  if (totals === undefined) throw new EmptyError("Cannot average metrics: no batch was added");
  const names = Object.keys(totals.sums);
  using all = ops.tidy(() =>
    ops.concat(names.map((name) => ops.reshape(totals.sums[name]!, [1])), 0)
  );
  const sums = await all.data();
  const means = names.map((name, i) => [name, sums[i]! / totals.count]);
  return Object.fromEntries(means) as { readonly [K in keyof M]: number };
}
