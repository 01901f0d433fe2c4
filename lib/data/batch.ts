/**
 * A batch being made: pictures are augmented and normalised into one array in host memory, which
 * becomes tensors at the last moment, so that nothing that is prepared ahead holds any.
 *
 * @module
 */

import { ShapeError, showShape } from "../errors.ts";
import { fold } from "../key.ts";
import { tensor } from "../ops.ts";
import { release } from "../ownership.ts";
import { sameShape, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { arrange, arranged, type Arrangement } from "./arrange.ts";
import type { Statistics } from "./dataset.ts";
import { normalizer } from "./normalizer.ts";
import type { BatchesOptions, Cursor } from "./order.ts";
import { channelsOf, type Picture, type Sample } from "./picture.ts";

/** Images and labels, owned by whoever took the batch; `using` or `release` lets go of them. */
export interface LabelledBatch extends Disposable {
  /** Normalised images `[batch, height, width, channels]`, `float32`. */
  readonly x: Tensor;
  /** Labels `[batch]`, `int32`; shares of classes `[batch, classes]`, `float32`, when mixed. */
  readonly y: Tensor;
  /** The place right after this batch. */
  readonly cursor: Cursor;
}

/** A batch in host memory: normalised images, or what is left to be done with them. */
export type HostBatch = (Finished | Arrangement) & {
  /** Labels. */
  readonly labels: Int32Array;
};

/** Images that are normalised. */
type Finished = {
  /** `[batch, height, width, channels]`. */
  readonly shape: Shape;
  /** The images, one after the other. */
  readonly pixels: Float32Array;
};

/** Which sample it is: what it draws depends on that alone. */
export type Origin = { readonly epoch: number; readonly row: number };

/** Makes batches of samples; `origins` says for each which it is. */
export type Assemble = (samples: readonly Sample[], origins: readonly Origin[]) => HostBatch;

/** How pictures become a batch. */
export type Making = Pick<BatchesOptions, "key" | "augment" | "augmentNormalized" | "mix">;

/** Makes what augments and normalises the pictures of a batch. */
export function assembler(statistics: Statistics, making: Making): Assemble {
  const normalize = normalizer(statistics);
  const before = keyed("augment", making);
  const after = keyed("augmentNormalized", making);
  const normalized = (picture: Picture): Picture => {
    const data = new Float32Array(picture.data.length);
    normalize(picture, data, 0);
    return { ...picture, data };
  };
  return (samples, origins) => {
    const labels = Int32Array.from(samples, ({ label }) => label);
    const given = samples.map(({ picture }) => picture);
    const arrangement = arrange(given, origins, statistics, making);
    if (arrangement !== undefined) return { ...arrangement, labels };
    const pictures = given.map((picture, i) => {
      const augmented = before?.(picture, origins[i]!) ?? picture;
      return after?.(normalized(augmented), origins[i]!) ?? augmented;
    });
    const shape = commonShape(pictures);
    const size = sizeOf(shape);
    const pixels = new Float32Array(pictures.length * size);
    pictures.forEach((picture, i) =>
      after ? pixels.set(picture.data, i * size) : normalize(picture, pixels, i * size)
    );
    return { shape: [samples.length, ...shape], pixels, labels };
  };
}

/** Augments a picture with the key that belongs to its origin. */
function keyed(name: "augment" | "augmentNormalized", { key, [name]: augment }: Making) {
  if (augment === undefined) return;
  const base = fold(key!, name);
  return (picture: Picture, { epoch, row }: Origin) =>
    augment(picture, fold(fold(base, epoch), row));
}

function commonShape(pictures: readonly Picture[]): Shape {
  const shapes = pictures.map((picture) => [picture.height, picture.width, channelsOf(picture)]);
  const other = shapes.find((shape) => !sameShape(shape, shapes[0]!));
  if (other === undefined) return shapes[0]!;
  throw new ShapeError(
    `Cannot make a batch of pictures of shapes ${showShape(shapes[0]!)} and ${showShape(other)}: ` +
      "need one shape",
  );
}

/** Makes tensors of a batch, and mixes them. */
export function upload(
  host: HostBatch,
  cursor: Cursor,
  { epoch, row }: Origin,
  { key, mix }: Making,
): LabelledBatch {
  const x = "pixels" in host ? tensor(host.pixels, host.shape) : arranged(host);
  const plain = { x, y: tensor(host.labels) };
  const batch = mix ? mix(plain, fold(fold(fold(key!, "mix"), epoch), row)) : plain;
  release(plain, batch);
  // Not enumerable, so that a batch is a tree of two tensors wherever one is asked for.
  return Object.defineProperties({ ...batch } as LabelledBatch, {
    cursor: { value: cursor },
    [Symbol.dispose]: { value: () => release(batch) },
  });
}
