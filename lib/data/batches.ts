/**
 * The batches of a data set in memory: shuffled, augmented, normalised, and to be taken up again at any
 * place.
 *
 * @module
 */

import { assembler, type LabelledBatch, upload } from "./batch.ts";
import type { Dataset } from "./dataset.ts";
import { type BatchesOptions, places } from "./order.ts";
import type { Sample } from "./picture.ts";

/**
 * Gives the batches of a data set: `x` `[batch, height, width, channels]`, normalised with the
 * statistics of the data set, and `y` `[batch]`. The last batch of an epoch may be smaller, and a
 * `size` above the number of images gives one batch of all, unless `dropLast` is set. What comes can
 * be gone through again and again. What a picture's augmentation draws depends on the key, the epoch
 * and the position of the picture in the data set, and not on the size of the batches.
 *
 * @throws {ArgumentError} If an option is out of its range.
 * @throws {EmptyError} If `dropLast` leaves no batch at all.
 *
 * @example Stopping after two batches, and going on
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, setup } from "@fplusx/nn";
 * import { batches, dataset } from "@fplusx/nn/data";
 *
 * await setup({ backend: "cpu" });
 * const images = Uint8Array.from({ length: 10 }, (_, i) => i);
 * const digits = dataset({ images, shape: [10, 1, 1, 1], labels: images, classes: 10 });
 * const seen: number[] = [];
 * let cursor = { epoch: 0, index: 0 };
 * for (using batch of batches(digits, { size: 4, key: key(0) })) {
 *   seen.push(...await batch.y.data());
 *   cursor = batch.cursor;
 *   if (seen.length === 8) break;
 * }
 * for (using batch of batches(digits, { size: 4, key: key(0), cursor })) {
 *   seen.push(...await batch.y.data());
 * }
 * assertEquals(seen.sort(), [...images]);
 * ```
 *
 * @example Pictures that are never the same
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, setup } from "@fplusx/nn";
 * import { batches, dataset, inTurn, randomCrop, randomFlip } from "@fplusx/nn/data";
 *
 * await setup({ backend: "cpu" });
 * const pictures = dataset({
 *   images: new Uint8Array(4 * 32 * 32 * 3),
 *   shape: [4, 32, 32, 3],
 *   labels: [0, 1, 0, 1],
 *   classes: 2,
 * });
 * const augmentNormalized = inTurn(randomCrop({ padding: 4 }), randomFlip());
 * for (using batch of batches(pictures, { size: 2, key: key(0), augmentNormalized })) {
 *   assertEquals(batch.x.shape, [2, 32, 32, 3]);
 * }
 * ```
 */
export function batches(data: Dataset, options: BatchesOptions): Iterable<LabelledBatch> {
  const order = places(data.shape[0], options);
  const assemble = assembler(data.statistics, options);
  function* generate(): Generator<LabelledBatch> {
    for (const { epoch, rows, cursor } of order) {
      const samples = Array.from(rows, (row) => sampleAt(data, row));
      const origins = Array.from(rows, (row) => ({ epoch, row }));
      yield upload(assemble(samples, origins), cursor, origins[0]!, options);
    }
  }
  return { [Symbol.iterator]: generate };
}

/** Gives one picture of a data set, as a view of it. */
export function sampleAt({ images, labels, shape }: Dataset, row: number): Sample {
  const [, height, width, channels] = shape;
  const size = height * width * channels;
  const data = images.subarray(row * size, (row + 1) * size);
  return { picture: { height, width, data }, label: labels[row]! };
}
