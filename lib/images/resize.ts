/**
 * Resizing as Pillow does it, to the byte: each new pixel is the mean of the old ones under a
 * triangle, which grows with the reduction so that nothing is skipped (antialiasing). Weights are
 * integers of 22 bits; the width and the height change one after the other, each rounded to bytes.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { CHANNELS, checkSize, type Image } from "./image.ts";

/** Which old pixels make one new one, and how much each counts. */
type Window = { readonly start: number; readonly weights: Int32Array };

const PRECISION = 22;
const HALF = 1 << PRECISION - 1;

/**
 * Resizes an image with the antialiased bilinear filter of Pillow, and so of torchvision for images of
 * Pillow: the same bytes come out.
 *
 * @throws {ArgumentError} If a size is not a positive integer.
 *
 * @example Two pixels become one
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { image, resize } from "@fplusx/nn/images";
 *
 * const pair = image(1, 2, Uint8Array.of(0, 0, 0, 255, 100, 50));
 * assertEquals(resize(pair, 1, 1).data, Uint8Array.of(128, 50, 25));
 * ```
 */
export function resize(image: Image, height: number, width: number): Image {
  checkSize("resize to", height, width);
  // Pillow's rule since its version 13; until then the width always came first.
  const lost = image.height - height;
  const heightFirst = lost > 0 && lost > 2 * (image.width - width);
  const resized = heightFirst
    ? resizeWidth(resizeHeight(image, height), width)
    : resizeHeight(resizeWidth(image, width), height);
  return resized === image ? { height, width, data: new Uint8Array(image.data) } : resized;
}

function resizeWidth(image: Image, width: number): Image {
  if (width === image.width) return image;
  const { height, data } = image;
  const form = [height, image.width * CHANNELS, CHANNELS] as const;
  return { height, width, data: resample(data, form, windows(image.width, width)) };
}

function resizeHeight(image: Image, height: number): Image {
  if (height === image.height) return image;
  const { width, data } = image;
  const row = width * CHANNELS;
  const form = [1, image.height * row, row] as const;
  return { height, width, data: resample(data, form, windows(image.height, height)) };
}

/**
 * Resizes an image so that its shorter side has `side` pixels and the longer as many as keep the form
 * (rounded down, as in torchvision).
 *
 * @throws {ArgumentError} If `side` is not a positive integer.
 *
 * @example A wide image stays wide
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { image, resizeShorter } from "@fplusx/nn/images";
 *
 * const { height, width } = resizeShorter(image(2, 5, new Uint8Array(30)), 3);
 * assertEquals([height, width], [3, 7]);
 * ```
 */
export function resizeShorter(image: Image, side: number): Image {
  if (!Number.isSafeInteger(side) || side < 1) {
    throw new ArgumentError(
      `Cannot resize the shorter side of an image to ${side} pixels: need a positive integer`,
    );
  }
  const { height, width } = image;
  const longer = (long: number, short: number) => Math.floor(side * long / short);
  return height <= width
    ? resize(image, side, longer(width, height))
    : resize(image, longer(height, width), side);
}

/** The windows of Pillow's `precompute_coeffs` for the bilinear filter. */
function windows(from: number, to: number): Window[] {
  const scale = from / to;
  const support = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(from, Math.trunc(center + support + 0.5));
    const heights = Array.from(
      { length: end - start },
      (_, x) => Math.max(0, 1 - Math.abs((start + x - center + 0.5) / support)),
    );
    const sum = heights.reduce((sum, height) => sum + height, 0);
    const share = (height: number) => Math.trunc(0.5 + height / sum * (1 << PRECISION));
    return { start, weights: Int32Array.from(heights, share) };
  });
}

/** Resamples along an axis: there are `outer` runs of `length` bytes, and a pixel is `inner` bytes. */
function resample(
  data: Uint8Array,
  [outer, length, inner]: readonly [number, number, number],
  windows: readonly Window[],
): Uint8Array {
  const result = new Uint8Array(outer * windows.length * inner);
  const sums = new Int32Array(inner);
  let to = 0;
  for (let row = 0; row < outer; row++) {
    for (const { start, weights } of windows) {
      let from = row * length + start * inner;
      sums.fill(HALF);
      for (const weight of weights) {
        for (let c = 0; c < inner; c++) sums[c]! += data[from++]! * weight;
      }
      for (const sum of sums) result[to++] = sum >> PRECISION;
    }
  }
  return result;
}
