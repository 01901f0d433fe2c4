/**
 * A picture on its way from a data set into a batch: bytes as they are stored, or floats once
 * something was computed with them. The images of `@fplusx/nn/images` are pictures too.
 *
 * @module
 */

import { DTypeError, ShapeError } from "../errors.ts";

/** Values of a picture. */
export type Pixels = Uint8Array | Float32Array;

/** A picture in host memory; how many channels it has follows from its sizes. */
export type Picture = {
  /** Number of rows. */
  readonly height: number;
  /** Number of columns. */
  readonly width: number;
  /** Pixel by pixel, row by row: bytes from 0 to 255, or floats, by default from 0 to 1. */
  readonly data: Pixels;
};

/** A picture and its class. */
export type Sample<P extends Picture = Picture> = {
  /** The picture. */
  readonly picture: P;
  /** Its class. */
  readonly label: number;
};

/** Number of values of a pixel. */
export function channelsOf({ height, width, data }: Picture): number {
  return data.length / (height * width);
}

/** Gives zeros of the type of `like`. */
export function blank(like: Pixels, length: number): Pixels {
  return like instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
}

/** Gives floats from 0 to 1 for bytes, and a copy of floats. */
export function floats(data: Pixels): Float32Array {
  const copy = new Float32Array(data);
  // A loop, which is many times as fast as mapping here.
  if (data instanceof Uint8Array) { for (let i = 0; i < copy.length; i++) copy[i]! /= 255; }
  return copy;
}

/**
 * Checks that a picture has bytes and one of these numbers of channels.
 *
 * @throws {DTypeError} If its values are floats.
 * @throws {ShapeError} If it has another number of channels.
 */
export function bytesOf(verb: string, picture: Picture, channels: readonly number[]): Uint8Array {
  if (!(picture.data instanceof Uint8Array)) {
    throw new DTypeError(
      `Cannot ${verb} a picture of floats: need bytes, so do it before normalising`,
    );
  }
  if (channels.includes(channelsOf(picture))) return picture.data;
  throw new ShapeError(
    `Cannot ${verb} a picture of ${channelsOf(picture)} channels: need ${channels.join(" or ")}`,
  );
}
