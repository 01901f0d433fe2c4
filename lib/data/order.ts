/**
 * Which pictures make which batch. That depends on nothing but the key, the epoch and the position, so
 * a cursor of two numbers is enough to take a stopped run up again at the next picture.
 *
 * @module
 */

import { ArgumentError, EmptyError } from "../errors.ts";
import { fold, type Key, permutation } from "../key.ts";
import type { Augmentation } from "./augment/augmentation.ts";
import type { Mixing } from "./augment/mixing.ts";

/** A place in a stream of batches. */
export type Cursor = {
  /** How many times the data were gone through. */
  readonly epoch: number;
  /** How many images of this epoch were taken. */
  readonly index: number;
};

/** How a data set is cut into batches. */
export interface BatchesOptions {
  /** Number of images in a batch. */
  readonly size: number;
  /** Shuffles each epoch anew, and augments; the order of the data set by default. */
  readonly key?: Key;
  /** Leaves out the last batch of an epoch when it is not full; `false` by default. */
  readonly dropLast?: boolean;
  /** How many times to go through the data, from the very start; 1 by default, or `Infinity`. */
  readonly epochs?: number;
  /** Where to start; the very start by default. */
  readonly cursor?: Cursor;
  /** Changes the pictures before they are normalised; needs `key`. */
  readonly augment?: Augmentation;
  /** Changes the pictures after they were normalised, when 0 is the mean; needs `key`. */
  readonly augmentNormalized?: Augmentation;
  /** Mixes the pictures of a batch with each other; needs `key`. */
  readonly mix?: Mixing;
}

/** One batch before it is made. */
export type Place = {
  /** Which time the data are gone through. */
  readonly epoch: number;
  /** Positions of its pictures. */
  readonly rows: Uint32Array;
  /** The place right after it. */
  readonly cursor: Cursor;
};

/**
 * Gives the batches of `count` pictures, as positions; can be gone through again and again.
 *
 * @throws {ArgumentError} If an option is out of its range, or `key` is missing.
 * @throws {EmptyError} If `dropLast` leaves no batch at all.
 */
export function places(count: number, options: BatchesOptions): Iterable<Place> {
  const { size, key, dropLast = false, epochs = 1, cursor = { epoch: 0, index: 0 } } = options;
  check("size", size, "an integer above 0", Number.isInteger(size) && size > 0);
  check(
    "epochs",
    epochs,
    "an integer above 0 or Infinity",
    (Number.isInteger(epochs) || epochs === Infinity) && epochs > 0,
  );
  check("epoch", cursor.epoch, "an integer from 0", isIndex(cursor.epoch, Infinity));
  check("index", cursor.index, `an integer from 0 to ${count}`, isIndex(cursor.index, count));
  checkKey(options);
  if (dropLast && size > count) {
    throw new EmptyError(
      `Cannot make batches of ${size} from ${count} images: leaving out the last leaves none`,
    );
  }
  function* generate(): Generator<Place> {
    let { index } = cursor;
    for (let epoch = cursor.epoch; epoch < epochs; epoch++, index = 0) {
      const order = key && permutation(fold(key, epoch), count);
      while (index < count && !(dropLast && index + size > count)) {
        const end = Math.min(index + size, count);
        const rows = order?.subarray(index, end) ??
          Uint32Array.from({ length: end - index }, (_, i) => index + i);
        index = end;
        const isLast = index === count || dropLast && index + size > count;
        yield { epoch, rows, cursor: isLast ? { epoch: epoch + 1, index: 0 } : { epoch, index } };
      }
    }
  }
  return { [Symbol.iterator]: generate };
}

/**
 * Checks that there is a key where something is drawn.
 *
 * @throws {ArgumentError} If there is none.
 */
export function checkKey(
  { key, ...options }: Pick<BatchesOptions, "key" | "augment" | "augmentNormalized" | "mix">,
): void {
  const drawing = (["augment", "augmentNormalized", "mix"] as const).find((name) => options[name]);
  if (key || !drawing) return;
  throw new ArgumentError(`Cannot make batches with ${drawing} and without key: need both`);
}

const isIndex = (value: number, end: number) =>
  Number.isInteger(value) && value >= 0 && value <= end;

/** Checks an option of batches. */
export function check(name: string, value: number, need: string, holds: boolean): void {
  if (!holds) throw new ArgumentError(`Cannot make batches with ${name} ${value}: need ${need}`);
}
