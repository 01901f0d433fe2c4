/**
 * TrivialAugment: one operation, drawn at random, with a strength drawn at random, and nothing to tune.
 * The operations, their strengths and their bytes are those of torchvision's `TrivialAugmentWide`.
 *
 * Müller and Hutter, *TrivialAugment: tuning-free yet state-of-the-art data augmentation* (ICCV 2021).
 *
 * @module
 */

import type { Key } from "../../key.ts";
import { bytesOf, type Picture } from "../picture.ts";
import { rotate, shearX, shearY, translate } from "./affine.ts";
import { type Augmentation, choose, draws } from "./augmentation.ts";
import {
  autoContrast,
  brightness,
  type Bytes,
  color,
  contrast,
  equalize,
  posterize,
  sharpness,
  solarize,
} from "./tone.ts";

/** Number of strengths. */
const BINS = 31;

/** An operation: its strongest value, and what it does to a picture of bytes. */
type Operation = {
  readonly most: number;
  /** Whether half of the pictures get the opposite of what is drawn. */
  readonly signed: boolean;
  readonly apply: (picture: Bytes, strength: number) => Picture;
};

const signed = (most: number, apply: Operation["apply"]) => ({ most, signed: true, apply });
const plain = (most: number, apply: Operation["apply"]) => ({ most, signed: false, apply });

/** The operations, in torchvision's order. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  identity: plain(0, (picture) => picture),
  shearX: signed(0.99, shearX),
  shearY: signed(0.99, shearY),
  translateX: signed(32, (picture, pixels) => translate(picture, Math.trunc(pixels), 0)),
  translateY: signed(32, (picture, pixels) => translate(picture, 0, Math.trunc(pixels))),
  rotate: signed(135, rotate),
  brightness: signed(0.99, (picture, strength) => brightness(picture, 1 + strength)),
  color: signed(0.99, (picture, strength) => color(picture, 1 + strength)),
  contrast: signed(0.99, (picture, strength) => contrast(picture, 1 + strength)),
  sharpness: signed(0.99, (picture, strength) => sharpness(picture, 1 + strength)),
  posterize: plain(6, (picture, bits) => posterize(picture, 8 - Math.round(bits))),
  solarize: plain(255, (picture, strength) => solarize(picture, 255 - strength)),
  autoContrast: plain(0, autoContrast),
  equalize: plain(0, equalize),
};

const NAMES = Object.keys(OPERATIONS);

/**
 * Changes a picture by one of 14 operations with one of 31 strengths, all equally likely. It is for
 * bytes, so it comes before normalising.
 *
 * @throws {DTypeError} When augmenting, if the picture has floats.
 * @throws {ShapeError} When augmenting, if the picture has neither 1 nor 3 channels.
 *
 * @example The same key, the same picture
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key } from "@fplusx/nn";
 * import { trivialAugment } from "@fplusx/nn/data";
 *
 * const picture = { height: 2, width: 2, data: Uint8Array.from({ length: 12 }, (_, i) => 20 * i) };
 * assertEquals(trivialAugment()(picture, key(4)), trivialAugment()(picture, key(4)));
 * ```
 */
export function trivialAugment(): Augmentation {
  return (picture, key) => {
    const bytes = { ...picture, data: bytesOf("augment", picture, [1, 3]) };
    const { name, bin, opposite } = drawOperation(key);
    const { most, signed, apply } = OPERATIONS[name]!;
    return apply(bytes, strengthOf(most, bin) * (signed && opposite ? -1 : 1));
  };
}

/** Draws which operation, which strength, and whether the opposite. */
export function drawOperation(key: Key): { name: string; bin: number; opposite: boolean } {
  const [which, strength, sign] = draws(key, 3);
  return {
    name: NAMES[choose(which!, NAMES.length)]!,
    bin: choose(strength!, BINS),
    opposite: sign! < 0.5,
  };
}

/** A strength, rounded as `linspace` of PyTorch does: from below up to the middle, then from above. */
export function strengthOf(most: number, bin: number): number {
  const step = Math.fround(most / (BINS - 1));
  return Math.fround(
    bin < BINS >> 1 ? step * bin : Math.fround(most) - step * (BINS - 1 - bin),
  );
}
