/**
 * Top-1 and top-5 over images one by one, however each is classified.
 *
 * @module
 */

import { reshape, tensor, tidy } from "../ops.ts";
import { release } from "../ownership.ts";
import type { Tensor } from "../tensor.ts";
import { addBatch, type Metrics, readMeans, topKAccuracy, type Totals } from "../train/metrics.ts";
import type { Image } from "./image.ts";

/** An image and its class. */
export type LabelledImage = {
  /** The image. */
  readonly image: Image;
  /** Number of its class. */
  readonly label: number;
};

/** What {@linkcode evaluateImages} found. */
export type ImageEvaluation = {
  /** Number of images. */
  readonly examples: number;
  /** Share (0 to 1) of images whose class is among the `k` most probable, by `k`. */
  readonly topK: ReadonlyMap<number, number>;
};

/**
 * Measures how often the class of an image is among the `k` most probable ones.
 *
 * @param classify Gives the probabilities `[classes]`, which the evaluation lets go of.
 * @param topK Which `k` to measure; 1 and 5 by default.
 * @throws {EmptyError} If there is no image.
 * @throws {ArgumentError} If there are not `k` classes.
 * @throws {LabelError} If a label is not a class.
 *
 * @example A classifier that always says 2, and then 1
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { setup, tensor } from "@fplusx/nn";
 * import { evaluateImages, image } from "@fplusx/nn/images";
 *
 * await setup({ backend: "cpu" });
 * const dot = image(1, 1, new Uint8Array(3));
 * const examples = [0, 1, 2, 2].map((label) => ({ image: dot, label }));
 * const { topK } = await evaluateImages(() => tensor([0.1, 0.3, 0.6]), examples, [1, 2]);
 * assertEquals([...topK], [[1, 0.5], [2, 0.75]]);
 * ```
 */
export async function evaluateImages(
  classify: (image: Image) => Tensor,
  examples: Iterable<LabelledImage> | AsyncIterable<LabelledImage>,
  topK: readonly number[] = [1, 5],
): Promise<ImageEvaluation> {
  let totals: Totals<Metrics> | undefined;
  const hits = (probabilities: Tensor, label: number): Metrics => {
    const [scores, labels] = [reshape(probabilities, [1, -1]), tensor(Int32Array.of(label))];
    return Object.fromEntries(topK.map((k) => [k, topKAccuracy(scores, labels, k)]));
  };
  try {
    for await (const { image, label } of examples) {
      const before = totals;
      totals = tidy(() => addBatch(before, hits(classify(image), label), 1));
      release(before ?? {});
    }
    const shares = await readMeans(totals);
    return { examples: totals!.count, topK: new Map(topK.map((k) => [k, shares[k]!])) };
  } finally {
    release(totals ?? {});
  }
}
