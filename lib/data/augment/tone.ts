/**
 * Changes of light, colour and contrast of bytes, in the arithmetic of Pillow, so that the same bytes
 * come out: half of them blend the picture with another made of it, half look each byte up.
 *
 * @module
 */

import { channelsOf, type Picture } from "../picture.ts";

/** A picture of bytes, of 1 or 3 channels. */
export type Bytes = Picture & { readonly data: Uint8Array };

/** Makes darker (`factor` below 1) or lighter. */
export const brightness = (picture: Bytes, factor: number): Bytes =>
  blend(picture, () => 0, factor);

/** Makes paler (`factor` below 1) or more colourful. */
export function color(picture: Bytes, factor: number): Bytes {
  const grey = luma(picture);
  const channels = channelsOf(picture);
  return blend(picture, (i) => grey[Math.floor(i / channels)]!, factor);
}

/** Makes flatter (`factor` below 1) or more contrasting, about the mean. */
export function contrast(picture: Bytes, factor: number): Bytes {
  const grey = luma(picture);
  const mean = Math.floor(grey.reduce((sum, value) => sum + value, 0) / grey.length + 0.5);
  return blend(picture, () => mean, factor);
}

/** Blurs (`factor` below 1) or sharpens. */
export function sharpness(picture: Bytes, factor: number): Bytes {
  const smooth = smoothed(picture);
  return blend(picture, (i) => smooth[i]!, factor);
}

/** Keeps only the upper bits of each byte. */
export const posterize = (picture: Bytes, bits: number): Bytes =>
  lookUp(picture, (value) => value & ~(2 ** (8 - bits) - 1));

/** Inverts bytes from a threshold up. */
export const solarize = (picture: Bytes, threshold: number): Bytes =>
  lookUp(picture, (value) => value < threshold ? value : 255 - value);

/** Stretches each channel so that its bytes reach from 0 to 255. */
export function autoContrast(picture: Bytes): Bytes {
  const tables = histograms(picture).map((counts) => {
    const low = counts.findIndex((count) => count > 0);
    const high = counts.findLastIndex((count) => count > 0);
    if (high <= low) return (value: number) => value;
    const scale = 255 / (high - low);
    return (value: number) => Math.trunc(value * scale - low * scale);
  });
  return lookUp(picture, (value, channel) => tables[channel]!(value));
}

/** Evens out how often each value of a channel occurs. */
export function equalize(picture: Bytes): Bytes {
  const tables = histograms(picture).map((counts) => {
    const last = counts.findLast((count) => count > 0)!;
    const step = Math.floor((counts.reduce((sum, count) => sum + count, 0) - last) / 255);
    if (step === 0) return counts.map((_, value) => value);
    let below = step >> 1;
    return counts.map((count) => {
      const value = Math.floor(below / step);
      below += count;
      return value;
    });
  });
  return lookUp(picture, (value, channel) => tables[channel]![value]!);
}

/** Goes from another picture (factor 0) through this one (factor 1) and beyond. */
function blend(picture: Bytes, other: (i: number) => number, factor: number): Bytes {
  const weight = Math.fround(factor);
  const data = new Uint8ClampedArray(picture.data.length);
  picture.data.forEach((value, i) => {
    const base = other(i);
    // Clamped arrays round, and Pillow cuts off.
    data[i] = Math.trunc(Math.fround(base + Math.fround(weight * (value - base))));
  });
  return { ...picture, data: new Uint8Array(data.buffer) };
}

function lookUp(picture: Bytes, of: (value: number, channel: number) => number): Bytes {
  const channels = channelsOf(picture);
  const table = new Uint8ClampedArray(256 * channels);
  for (let i = 0; i < table.length; i++) table[i] = of(i & 255, i >> 8);
  return { ...picture, data: picture.data.map((value, i) => table[i % channels << 8 | value]!) };
}

function histograms(picture: Bytes): number[][] {
  const channels = channelsOf(picture);
  const counts = Array.from({ length: channels }, () => new Array<number>(256).fill(0));
  picture.data.forEach((value, i) => counts[i % channels]![value]!++);
  return counts;
}

/** The brightness of each pixel by the weights of ITU-R 601. */
function luma(picture: Bytes): Uint8Array {
  const { data } = picture;
  if (channelsOf(picture) === 1) return data;
  const grey = new Uint8Array(data.length / 3);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3) {
    grey[i] = data[at]! * 19595 + data[at + 1]! * 38470 + data[at + 2]! * 7471 + 0x8000 >> 16;
  }
  return grey;
}

/** The mean of a pixel, five times as heavy, and its eight neighbours; the edge stays as it is. */
function smoothed(picture: Bytes): Uint8Array {
  const { height, width, data } = picture;
  const channels = channelsOf(picture);
  const row = width * channels;
  const smooth = new Uint8Array(data);
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * row + channels; i < (y + 1) * row - channels; i++) {
      let sum = 4 * data[i]!;
      for (let at = i - row; at <= i + row; at += row) {
        sum += data[at - channels]! + data[at]! + data[at + channels]!;
      }
      smooth[i] = Math.floor(sum / 13 + 0.5);
    }
  }
  return smooth;
}
