/**
 * Looking at a trained network: its scores for images, and the share it gets wrong.
 *
 * @module
 */

import { batches, type Dataset, take } from "../data/mod.ts";
import { evalMode, type Layer, type Variables } from "../layer.ts";
import type { Tensor } from "../tensor.ts";

/** Gives the scores of a network for the first images of a data set, image by image, in eval mode. */
export async function scoresOf(
  model: Layer,
  variables: Variables,
  data: Dataset,
  count: number,
): Promise<Float32Array> {
  const found: number[] = [];
  for (using batch of batches(take(data, count), { size: 256 })) {
    const [y] = model.apply(variables, batch.x, evalMode);
    found.push(...await y.data());
    y.dispose();
  }
  return Float32Array.from(found);
}

/** Gives the share of the first images of a data set that a network gets wrong, in eval mode. */
export async function errorOf(
  model: Layer,
  variables: Variables,
  data: Dataset,
  count: number = data.shape[0],
): Promise<number> {
  const scores = await scoresOf(model, variables, data, count);
  const { classes, labels } = data;
  const images = scores.length / classes;
  let wrong = 0;
  for (let i = 0; i < images; i++) {
    const row = scores.subarray(i * classes, (i + 1) * classes);
    const best = row.reduce((best, score, c) => score > row[best]! ? c : best, 0);
    if (best !== labels[i]) wrong++;
  }
  return wrong / images;
}

/** Gives one batch of the first images of a data set; owned by the caller. */
export function firstBatch(data: Dataset, count: number): { x: Tensor; y: Tensor } & Disposable {
  const [batch] = batches(take(data, count), { size: count });
  return batch!;
}
