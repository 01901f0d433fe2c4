/**
 * An augmentation is a pure function of a picture and a key. What it draws depends on the key alone,
 * and the key on the epoch and the position of the picture in its data set, so neither the size of the
 * batches nor the order of the work changes what comes out.
 *
 * @module
 */

import { ArgumentError } from "../../errors.ts";
import { fold, type Key } from "../../key.ts";
import { uniformValues } from "../../random.ts";
import type { Picture } from "../picture.ts";
import { type Place, see, whole } from "./placement.ts";

/** Changes a picture by what a key draws; borrows the picture and never changes it in place. */
export type Augmentation = ((picture: Picture, key: Key) => Picture) & {
  /** Says where the pixels come from, if all that it does is moving them. */
  readonly place?: Place;
};

/** Makes the augmentation that moves pixels as `place` says. */
export function moving(place: Place): Augmentation {
  const augment = (picture: Picture, key: Key) => {
    const start = whole(picture);
    const end = place(start, key);
    return end === start ? picture : see(picture, end);
  };
  return Object.assign(augment, { place });
}

/**
 * Augments in turn, each with a key of its own.
 *
 * @example The augmentation of the residual networks for CIFAR
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key } from "@fplusx/nn";
 * import { inTurn, randomCrop, randomFlip } from "@fplusx/nn/data";
 *
 * const augment = inTurn(randomCrop({ padding: 4 }), randomFlip());
 * const picture = { height: 32, width: 32, data: new Uint8Array(32 * 32 * 3).fill(1) };
 * assertEquals(augment(picture, key(0)), augment(picture, key(0)));
 * ```
 */
export function inTurn(...augmentations: readonly Augmentation[]): Augmentation {
  const places = augmentations.flatMap(({ place }) => place ?? []);
  if (places.length === augmentations.length) {
    return moving((start, key) =>
      places.reduce((placement, place, i) => place(placement, fold(key, i)), start)
    );
  }
  return (picture, key) =>
    augmentations.reduce((changed, augment, i) => augment(changed, fold(key, i)), picture);
}

/**
 * Augments some pictures, and leaves the others as they are.
 *
 * @param probability Share of the pictures that are changed, from 0 to 1.
 * @throws {ArgumentError} If the probability is out of its range.
 *
 * @example Every picture, and none
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key } from "@fplusx/nn";
 * import { randomFlip, sometimes } from "@fplusx/nn/data";
 *
 * const pair = { height: 1, width: 2, data: Uint8Array.of(1, 2) };
 * assertEquals(sometimes(1, randomFlip(1))(pair, key(0)).data, Uint8Array.of(2, 1));
 * assertEquals(sometimes(0, randomFlip(1))(pair, key(0)), pair);
 * ```
 */
export function sometimes(probability: number, augment: Augmentation): Augmentation {
  checkProbability("augment", probability);
  return (picture, key) =>
    draws(key, 1)[0]! < probability ? augment(picture, fold(key, 0)) : picture;
}

/** Numbers in [0, 1) that belong to a key. */
export const draws = (key: Key, count: number): Float32Array => uniformValues(key, count);

/** An integer from 0 to `count - 1` for a number in [0, 1). */
export const choose = (draw: number, count: number): number => Math.floor(draw * count);

/** Checks a probability. */
export function checkProbability(verb: string, probability: number): void {
  if (probability >= 0 && probability <= 1) return;
  throw new ArgumentError(
    `Cannot ${verb} with probability ${probability}: need a number from 0 to 1`,
  );
}

/** Checks the limits of a draw. */
export function checkRange(
  what: string,
  [low, high]: readonly [number, number],
  least: number,
  most: number,
): void {
  if (least <= low && low <= high && high <= most) return;
  const bound = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new ArgumentError(
    `Cannot draw ${what} from ${low} to ${high}: need two rising numbers ${bound}`,
  );
}
