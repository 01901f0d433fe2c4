/**
 * Where the pixels of a picture come from when it is cut out, moved and mirrored. Such changes, one
 * after the other, are one placement, so that pixels are moved once, on the host or on the device,
 * however many there are.
 *
 * @module
 */

import type { Key } from "../../key.ts";
import { blank, channelsOf, type Picture } from "../picture.ts";

/** A rectangle of pixels; the last row and the last column are just outside. */
export type Rectangle = {
  /** First row. */
  readonly top: number;
  /** First column. */
  readonly left: number;
  /** The row after the last. */
  readonly bottom: number;
  /** The column after the last. */
  readonly right: number;
};

/** A view of a picture: pixel `(i, j)` of it is `(top + i, left + step · j)` of the picture. */
export type Placement = {
  /** Number of rows. */
  readonly height: number;
  /** Number of columns. */
  readonly width: number;
  /** Row of the picture that is seen first. */
  readonly top: number;
  /** Column of the picture that is seen first. */
  readonly left: number;
  /** 1, or -1 in a mirror. */
  readonly step: 1 | -1;
  /** What can be seen of the picture; elsewhere there are zeros. */
  readonly seen: Rectangle;
};

/** Changes a placement by what a key draws. */
export type Place = (placement: Placement, key: Key) => Placement;

/** A window, in pixels of what is looked at; it may reach over the edges. */
export type Window = {
  /** The first row. */
  readonly top: number;
  /** The first column. */
  readonly left: number;
  /** Number of rows. */
  readonly height: number;
  /** Number of columns. */
  readonly width: number;
};

/** The placement of a picture that is left as it is. */
export function whole({ height, width }: Pick<Picture, "height" | "width">): Placement {
  const seen = { top: 0, left: 0, bottom: height, right: width };
  return { height, width, top: 0, left: 0, step: 1, seen };
}

/** The rectangle that a placement covers, which may reach over the edges of the picture. */
export function covered({ height, width, top, left, step }: Placement): Rectangle {
  const first = step === 1 ? left : left - width + 1;
  return { top, left: first, bottom: top + height, right: first + width };
}

/** Looks through a window at what a placement shows. */
export function cut(placement: Placement, { top, left, height, width }: Window): Placement {
  const [a, b] = [placement.seen, covered(placement)];
  return {
    height,
    width,
    top: placement.top + top,
    left: placement.left + placement.step * left,
    step: placement.step,
    seen: {
      top: Math.max(a.top, b.top),
      left: Math.max(a.left, b.left),
      bottom: Math.min(a.bottom, b.bottom),
      right: Math.min(a.right, b.right),
    },
  };
}

/** Looks at what a placement shows in a mirror. */
export function mirrored(placement: Placement): Placement {
  const { width, left, step } = placement;
  return { ...placement, left: left + step * (width - 1), step: step === 1 ? -1 : 1 };
}

/** Gives what a placement shows of a picture. */
export function see(picture: Picture, placement: Placement): Picture {
  const { height, width, top, left, step, seen } = placement;
  const channels = channelsOf(picture);
  const data = blank(picture.data, height * width * channels);
  // The columns of the result in which something is seen.
  const [from, to] = step === 1
    ? [seen.left - left, seen.right - left]
    : [left - seen.right + 1, left - seen.left + 1];
  const [first, end] = [Math.max(0, from), Math.min(width, to)];
  for (let i = Math.max(0, seen.top - top); i < Math.min(height, seen.bottom - top); i++) {
    const row = (top + i) * picture.width;
    let at = (i * width + first) * channels;
    if (step === 1) {
      const start = row + left + first;
      if (first < end) {
        data.set(picture.data.subarray(start * channels, (start + end - first) * channels), at);
      }
      continue;
    }
    for (let j = first; j < end; j++) {
      const pixel = (row + left - j) * channels;
      for (let c = 0; c < channels; c++) data[at++] = picture.data[pixel + c]!;
    }
  }
  return { height, width, data };
}
