/**
 * Samples that are read when they are needed, for data that do not fit in memory: a number of them, and
 * a way to read any one. Reading any one is what makes the shuffle exact and the cursor cheap.
 *
 * @module
 */

import { ArgumentError, DTypeError, ShapeError, showShape } from "../errors.ts";
import { sameShape } from "../tensor.ts";
import { assembler, type HostBatch, type LabelledBatch, type Origin, upload } from "./batch.ts";
import { sampleAt } from "./batches.ts";
import { type Dataset, dataset, type Statistics } from "./dataset.ts";
import { type BatchesOptions, check, type Place, places } from "./order.ts";
import { blank, channelsOf, type Picture, type Sample } from "./picture.ts";
import { map } from "./stream.ts";

/** Samples that can be read in any order. */
export interface Samples<P extends Picture = Picture> {
  /** Number of samples. */
  readonly count: number;
  /** Name of each class. */
  readonly classNames: readonly string[];
  /** What batches are normalised with. */
  readonly statistics: Statistics;
  /** Reads a sample. */
  sample(index: number): Sample<P> | Promise<Sample<P>>;
}

/** Options of {@linkcode readBatches}. */
export interface ReadBatchesOptions extends BatchesOptions {
  /** Number of batches that are read while another is in use; 2 by default. */
  readonly ahead?: number;
}

/**
 * Gives the pictures of a data set as samples, to be changed by {@linkcode mapSamples}.
 */
export function samplesOf(data: Dataset): Samples {
  const { shape: [count], classNames, statistics } = data;
  return { count, classNames, statistics, sample: (index) => sampleAt(data, index) };
}

/**
 * Gives samples that are changed when they are read.
 *
 * @example Pictures turned upside down
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dataset, mapSamples, samplesOf } from "@fplusx/nn/data";
 *
 * const images = Uint8Array.of(1, 2, 3, 4);
 * const pair = dataset({ images, shape: [2, 2, 1, 1], labels: [0, 1], classes: 2 });
 * const turned = mapSamples(samplesOf(pair), ({ picture, label }) => ({
 *   picture: { ...picture, data: picture.data.toReversed() },
 *   label,
 * }));
 * assertEquals((await turned.sample(1)).picture.data, Uint8Array.of(4, 3));
 * ```
 */
export function mapSamples<P extends Picture, Q extends Picture>(
  samples: Samples<P>,
  change: (sample: Sample<P>, index: number) => Sample<Q> | Promise<Sample<Q>>,
): Samples<Q> {
  return { ...samples, sample: async (index) => change(await samples.sample(index), index) };
}

/**
 * Gives the samples at these positions, in this order; they are read when they are needed.
 *
 * @throws {ArgumentError} If there is no sample at a position.
 *
 * @example The last first
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dataset, pickSamples, readAll, samplesOf } from "@fplusx/nn/data";
 *
 * const images = Uint8Array.of(1, 2, 3);
 * const three = dataset({ images, shape: [3, 1, 1, 1], labels: [0, 1, 0], classes: 2 });
 * const { labels } = await readAll(pickSamples(samplesOf(three), Uint32Array.of(2, 1)));
 * assertEquals([...labels], [0, 1]);
 * ```
 */
export function pickSamples<P extends Picture>(
  samples: Samples<P>,
  rows: Uint32Array,
): Samples<P> {
  const outside = rows.find((row) => row >= samples.count);
  if (outside !== undefined) {
    throw new ArgumentError(`Cannot pick sample ${outside}: there are ${samples.count}`);
  }
  return { ...samples, count: rows.length, sample: (index) => samples.sample(rows[index]!) };
}

/**
 * Reads all samples into a data set in memory.
 *
 * @throws {EmptyError} If there is none.
 * @throws {ShapeError} If the pictures differ in shape, or the statistics are for other channels.
 * @throws {DTypeError} If some pictures have bytes and others floats.
 *
 * @example There and back
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dataset, readAll, samplesOf } from "@fplusx/nn/data";
 *
 * const images = Uint8Array.of(1, 2, 3, 4);
 * const pair = dataset({ images, shape: [2, 2, 1, 1], labels: [0, 1], classes: 2 });
 * assertEquals(await readAll(samplesOf(pair)), pair);
 * ```
 */
export async function readAll(
  { count, classNames, statistics, sample }: Samples,
): Promise<Dataset> {
  const first = count > 0
    ? (await sample(0)).picture
    : { height: 0, width: 0, data: new Uint8Array() };
  const { height, width, data } = first;
  const shape = [height, width, count > 0 ? channelsOf(first) : 0];
  const images = blank(data, count * data.length);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const { picture, label } = await sample(i);
    const own = [picture.height, picture.width, channelsOf(picture)];
    if (!sameShape(own, shape)) {
      throw new ShapeError(
        `Cannot read pictures of shapes ${showShape(shape)} and ${showShape(own)} into one data ` +
          "set: need one shape",
      );
    }
    if (picture.data.constructor !== data.constructor) {
      throw new DTypeError(
        "Cannot read pictures of bytes and of floats into one data set: need one type",
      );
    }
    images.set(picture.data, i * data.length);
    labels[i] = label;
  }
  return dataset({ images, shape: [count, ...shape], labels, classes: classNames, statistics });
}

/**
 * Gives the batches of samples, as `batches` does those of a data set; the same pictures, in the same
 * order, for the same key.
 *
 * @throws {ArgumentError} If an option is out of its range.
 * @throws {EmptyError} If `dropLast` leaves no batch at all.
 *
 * @example As from memory
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, setup } from "@fplusx/nn";
 * import { batches, dataset, readBatches, samplesOf } from "@fplusx/nn/data";
 *
 * await setup({ backend: "cpu" });
 * const images = Uint8Array.from({ length: 10 }, (_, i) => i);
 * const digits = dataset({ images, shape: [10, 1, 1, 1], labels: images, classes: 10 });
 * const seen: number[] = [];
 * for await (using batch of readBatches(samplesOf(digits), { size: 4, key: key(0) })) {
 *   seen.push(...await batch.y.data());
 * }
 * for (using batch of batches(digits, { size: 10, key: key(0) })) {
 *   assertEquals([...await batch.y.data()], seen);
 * }
 * ```
 */
export function readBatches(
  samples: Samples,
  options: ReadBatchesOptions,
): AsyncIterable<LabelledBatch> {
  const { ahead = 2 } = options;
  check("ahead", ahead, "an integer from 0", Number.isInteger(ahead) && ahead >= 0);
  const order = places(samples.count, options);
  const assemble = assembler(samples.statistics, options);
  const read = async ({ epoch, rows, cursor }: Place): Promise<Read> => {
    const origins = Array.from(rows, (row) => ({ epoch, row }));
    const read = await Promise.all(origins.map(({ row }) => samples.sample(row)));
    return { host: assemble(read, origins), cursor, origin: origins[0]! };
  };
  async function* generate(): AsyncGenerator<LabelledBatch> {
    for await (const { host, cursor, origin } of map(order, read, { ahead })) {
      yield upload(host, cursor, origin, options);
    }
  }
  return { [Symbol.asyncIterator]: generate };
}

type Read = {
  readonly host: HostBatch;
  readonly cursor: Place["cursor"];
  readonly origin: Origin;
};
