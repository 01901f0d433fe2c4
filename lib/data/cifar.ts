/**
 * CIFAR-10 and CIFAR-100 in the binary files of their author: for each image its label or labels, then
 * a plane of 32 × 32 bytes each of red, green and blue. Images come out as `[count, 32, 32, 3]`.
 *
 * Krizhevsky, *Learning multiple layers of features from tiny images* (2009).
 *
 * @module
 */

import { FormatError, within } from "../errors.ts";
import { CIFAR100_COARSE, CIFAR100_FINE, CIFAR10_CLASSES } from "./cifar_classes.ts";
import { type Dataset, dataset, type Statistics } from "./dataset.ts";

const PLANE = 32 * 32;
const PIXELS = 3 * PLANE;

/** Mean and deviation of the 50,000 training images of CIFAR-10. */
export const CIFAR10_STATISTICS: Statistics = Object.freeze({
  mean: [0.4914, 0.4822, 0.4465],
  deviation: [0.247, 0.2435, 0.2616],
});

/** Mean and deviation of the 50,000 training images of CIFAR-100. */
const CIFAR100_STATISTICS: Statistics = Object.freeze({
  mean: [0.5071, 0.4865, 0.4409],
  deviation: [0.2673, 0.2564, 0.2762],
});

/** What a file of records holds. */
type Records = { readonly images: Uint8Array; readonly labels: Uint8Array };

/**
 * Makes a data set `[count, 32, 32, 3]` of ten classes from the bytes of files of CIFAR-10: records of
 * one label and 3,072 bytes.
 *
 * @param files The bytes by the names of the files, in the order in which they are to come.
 * @throws {FormatError} If a file does not consist of whole records, or has a label above 9; the path is
 * its name.
 *
 * @example One image
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cifar10 } from "@fplusx/nn/data";
 *
 * const record = new Uint8Array(3073);
 * record.set([6, 59]);
 * const images = cifar10({ "test_batch.bin": record });
 * assertEquals(images.shape, [1, 32, 32, 3]);
 * assertEquals(images.classNames[images.labels[0]!], "frog");
 * ```
 */
export function cifar10(files: Readonly<Record<string, Uint8Array>>): Dataset {
  const parts = Object.entries(files).map(([name, file]) =>
    within(name, () => records(file, "CIFAR-10", 1, 0, 10))
  );
  return joined(parts, CIFAR10_CLASSES, CIFAR10_STATISTICS);
}

/** Options of {@linkcode cifar100}. */
export interface Cifar100Options {
  /** Which labels to take: the 100 `fine` ones by default, or the 20 `coarse` ones. */
  readonly labels?: "fine" | "coarse";
}

/**
 * Makes a data set `[count, 32, 32, 3]` of 100 or 20 classes from the bytes of a file of CIFAR-100:
 * records of a coarse label, a fine label and 3,072 bytes.
 *
 * @throws {FormatError} If the file does not consist of whole records, or has a label that is no class.
 */
export function cifar100(file: Uint8Array, options: Cifar100Options = {}): Dataset {
  const [at, names] = options.labels === "coarse"
    ? [0, CIFAR100_COARSE] as const
    : [1, CIFAR100_FINE] as const;
  return joined(
    [records(file, "CIFAR-100", 2, at, names.length)],
    names,
    CIFAR100_STATISTICS,
  );
}

/** Takes records apart: `labelBytes` labels, of which the one `at` is meant, then the planes. */
function records(
  file: Uint8Array,
  name: string,
  labelBytes: number,
  at: number,
  classes: number,
): Records {
  const size = labelBytes + PIXELS;
  const count = Math.floor(file.length / size);
  const fail = (reason: string, offset: number): never => {
    throw new FormatError(`Cannot read ${name} data: ${reason}`, offset);
  };
  if (count * size !== file.length || count === 0) {
    fail(`the file has ${file.length} bytes, need a multiple of ${size}`, count * size);
  }
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let image = 0; image < count; image++) {
    const start = image * size;
    const label = file[start + at]!;
    if (label >= classes) {
      fail(`image ${image} has label ${label}, need at most ${classes - 1}`, start + at);
    }
    labels[image] = label;
    interleave(file.subarray(start + labelBytes, start + size), images, image * PIXELS);
  }
  return { images, labels };
}

/** From three planes to pixels of three bytes. */
function interleave(planes: Uint8Array, target: Uint8Array, at: number): void {
  for (let pixel = 0, to = at; pixel < PLANE; pixel++) {
    target[to++] = planes[pixel]!;
    target[to++] = planes[pixel + PLANE]!;
    target[to++] = planes[pixel + 2 * PLANE]!;
  }
}

function joined(
  parts: readonly Records[],
  classes: readonly string[],
  statistics: Statistics,
): Dataset {
  const count = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let at = 0;
  for (const part of parts) {
    images.set(part.images, at * PIXELS);
    labels.set(part.labels, at);
    at += part.labels.length;
  }
  return dataset({ images, shape: [count, 32, 32, 3], labels, classes, statistics });
}
