/**
 * Pictures that are only moved and normalised, on their way into a batch: their bytes, where each
 * pixel of the result comes from, and what each byte becomes. The rest is a gather, for which a device
 * may have a kernel; the numbers are the same as without it.
 *
 * @module
 */

import { fused, hasKernel } from "../fused.ts";
import { fold } from "../key.ts";
import { tensor, tidy } from "../ops.ts";
import { sameShape, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import type { Augmentation } from "./augment/augmentation.ts";
import { covered, type Placement, type Rectangle, whole } from "./augment/placement.ts";
import type { Making, Origin } from "./batch.ts";
import type { Statistics } from "./dataset.ts";
import { normalizedBytes } from "./normalizer.ts";
import { channelsOf, type Picture } from "./picture.ts";

/** Pictures that are to be moved and normalised. */
export type Arrangement = {
  /** The shape of the result `[batch, height, width, channels]`. */
  readonly shape: Shape;
  /** The pictures, one after the other, and zeros up to a multiple of four bytes. */
  readonly bytes: Uint8Array;
  /** The shape of each `[height, width, channels]`. */
  readonly from: Shape;
  /**
   * Of each picture its first row, its first column and the step from column to column; the rectangle
   * in which it is seen, outside of which bytes are zero; and the one outside of which the result is.
   */
  readonly places: Int32Array;
  /** What the bytes from 0 to 255 become, for each channel or for each value of a picture. */
  readonly table: Float32Array;
};

/** Integers in `places` for a picture. */
export const PLACE = 11;

/** Values of a picture up to which each may have a table of its own. */
const MOST = 2 ** 12;

/**
 * Arranges pictures; or gives nothing where there is no kernel for it, where more is done with them, or
 * where they are not of bytes and of one shape.
 */
export function arrange(
  pictures: readonly Picture[],
  origins: readonly Origin[],
  statistics: Statistics,
  making: Making,
): Arrangement | undefined {
  if (!hasKernel("FplusxArrange")) return;
  const move = mover(making);
  const [from, ...others] = pictures.map(shapeOf) as [Shape, ...Shape[]];
  const size = sizeOf(from);
  const fits = others.every((shape) => sameShape(shape, from)) &&
    pictures.every(({ data }) => data instanceof Uint8Array) &&
    [statistics.mean, statistics.deviation].every(({ length }) =>
      length === from[2] || length === size && size <= MOST && !making.augment
    );
  if (move === undefined || !fits) return;
  const moved = origins.map((origin) => move(whole(pictures[0]!), origin));
  const [{ height, width }] = moved as [typeof moved[0]];
  if (!moved.every((other) => other.height === height && other.width === width)) return;
  const bytes = new Uint8Array(Math.ceil(pictures.length * size / 4) * 4);
  pictures.forEach(({ data }, i) => bytes.set(data, i * size));
  return {
    shape: [pictures.length, height, width, from[2]!],
    bytes,
    from,
    places: Int32Array.from(moved.flatMap(({ place }) => place)),
    table: normalizedBytes(statistics),
  };
}

const shapeOf = (picture: Picture): Shape => [picture.height, picture.width, channelsOf(picture)];

/** What says where a picture goes, if moving it is all that is done. */
function mover({ key, augment, augmentNormalized }: Making) {
  if (augment && !augment.place || augmentNormalized && !augmentNormalized.place) return;
  const keyed = (name: string, augmentation?: Augmentation) => {
    if (augmentation === undefined) return (placement: Placement) => placement;
    const base = fold(key!, name);
    return (placement: Placement, { epoch, row }: Origin) =>
      augmentation.place!(placement, fold(fold(base, epoch), row));
  };
  const before = keyed("augment", augment);
  const after = keyed("augmentNormalized", augmentNormalized);
  const edges = ({ top, left, bottom, right }: Rectangle) => [top, left, bottom, right];
  return (start: Placement, origin: Origin) => {
    const first = before(start, origin);
    // What is seen of it is normalised, zeros and all.
    const last = after({ ...first, seen: covered(first) }, origin);
    const { height, width, top, left, step } = last;
    return { height, width, place: [top, left, step, ...edges(first.seen), ...edges(last.seen)] };
  };
}

/** Makes a tensor of arranged pictures, `float32`. */
export function arranged(what: Arrangement): Tensor {
  const { shape, from, bytes, places, table } = what;
  return tidy(() =>
    fused(
      "FplusxArrange",
      { bytes: tensor(new Int32Array(bytes.buffer)), places: tensor(places) },
      { shape, from, table },
      () => tensor(gathered(what), shape),
    )
  );
}

/** The same in plain loops. */
function gathered({ shape, from, bytes, places, table }: Arrangement): Float32Array {
  const [count, height, width, channels] = shape as [number, number, number, number];
  const y = new Float32Array(sizeOf(shape));
  const eachValue = table.length > 256 * channels;
  for (let n = 0, at = 0; n < count; n++) {
    const [top, left, step, ...edges] = places.subarray(
      n * PLACE,
      (n + 1) * PLACE,
    ) as unknown as number[];
    const [before, after] = [edges.slice(0, 4), edges.slice(4)];
    const within = (i: number, j: number, [top, left, bottom, right]: readonly number[]) =>
      i >= top! && i < bottom! && j >= left! && j < right!;
    for (let i = top!; i < top! + height; i++) {
      for (let j = left!, column = 0; column < width; column++, j += step!) {
        for (let c = 0; c < channels; c++, at++) {
          if (!within(i, j, after)) continue;
          const value = (i * from[1]! + j) * channels + c;
          const byte = within(i, j, before) ? bytes[n * sizeOf(from) + value]! : 0;
          y[at] = table[(eachValue ? value : c) << 8 | byte]!;
        }
      }
    }
  }
  return y;
}
