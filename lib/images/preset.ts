/**
 * What has to be done to an image before a model sees it. That belongs to the weights: a model that
 * was trained with one mean and is shown another is silently worse.
 *
 * @module
 */

import type { Statistics } from "../data/dataset.ts";
import { ArgumentError, EmptyError, ShapeError } from "../errors.ts";
import { tensor } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { centerCrop } from "./crop.ts";
import { grey } from "./grey.ts";
import { CHANNELS, type Image } from "./image.ts";
import { resizeShorter } from "./resize.ts";

/** How images are prepared for a model. */
export type Preset = {
  /** Pixels of the shorter side before the crop. */
  readonly side: number;
  /** Pixels of the square in the middle that is cut out. */
  readonly crop: number;
  /** Mean and deviation of each channel, of values from 0 to 1; one channel for grey. */
  readonly statistics: Statistics;
};

/** Names of presets. */
export type PresetName = "imagenet-v1" | "imagenet-v2" | "mnist";

const IMAGENET: Statistics = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

const PRESETS: { readonly [name in PresetName]: Preset } = {
  "imagenet-v1": { side: 256, crop: 224, statistics: IMAGENET },
  "imagenet-v2": { side: 232, crop: 224, statistics: IMAGENET },
  "mnist": { side: 28, crop: 28, statistics: { mean: [0.1307], deviation: [0.3081] } },
};

/**
 * Gives a preset by name: `imagenet-v1` of the paper's centre crop and of torchvision's first weights,
 * `imagenet-v2` of torchvision's second, `mnist` for a white digit on black.
 *
 * @throws {ArgumentError} If there is none of this name.
 *
 * @example For weights from torchvision
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { preset } from "@fplusx/nn/images";
 *
 * const { side, crop } = preset("imagenet-v1");
 * assertEquals([side, crop], [256, 224]);
 * ```
 */
export function preset(name: PresetName): Preset {
  if (Object.hasOwn(PRESETS, name)) return PRESETS[name];
  const known = Object.keys(PRESETS).join(", ");
  throw new ArgumentError(`Cannot find a preset "${name}": need one of ${known}`);
}

/**
 * Resizes each image, cuts out its middle, and normalises it: a tensor
 * `[images, crop, crop, channels]`.
 *
 * @throws {EmptyError} If there is no image.
 *
 * @example A batch of one
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { setup } from "@fplusx/nn";
 * import { image, prepare, preset } from "@fplusx/nn/images";
 *
 * await setup({ backend: "cpu" });
 * using x = prepare([image(300, 400, new Uint8Array(300 * 400 * 3))], preset("imagenet-v1"));
 * assertEquals(x.shape, [1, 224, 224, 3]);
 * ```
 */
export function prepare(images: readonly Image[], { side, crop, statistics }: Preset): Tensor {
  const prepared = images.map((image) => {
    const source = statistics.mean.length === 1 ? grey(image) : image;
    return centerCrop(resizeShorter(source, side), crop);
  });
  return normalize(prepared, statistics);
}

/**
 * Makes a tensor `[images, height, width, channels]` of images of one size, from 0 to 1, less the
 * mean, divided by the deviation. With statistics of one channel the images become grey.
 *
 * @throws {EmptyError} If there is no image.
 * @throws {ShapeError} If the images differ in size, or the statistics are not of 1 or 3 channels.
 *
 * @example A white pixel
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { setup } from "@fplusx/nn";
 * import { image, normalize } from "@fplusx/nn/images";
 *
 * await setup({ backend: "cpu" });
 * const white = image(1, 1, Uint8Array.of(255, 255, 255));
 * using x = normalize([white], { mean: [0, 0.5, 1], deviation: [1, 0.5, 1] });
 * assertEquals([...await x.data()], [1, 1, 0]);
 * ```
 */
export function normalize(images: readonly Image[], { mean, deviation }: Statistics): Tensor {
  const channels = mean.length;
  if (channels !== deviation.length || channels !== 1 && channels !== CHANNELS) {
    throw new ShapeError(
      `Cannot normalise images with a mean of ${channels} and a deviation of ${deviation.length} ` +
        `channels: need both of 1 or ${CHANNELS}`,
    );
  }
  const [first] = images;
  if (first === undefined) throw new EmptyError("Cannot make a batch of images: there is none");
  const { height, width } = first;
  const other = images.find((image) => image.height !== height || image.width !== width);
  if (other !== undefined) {
    throw new ShapeError(
      `Cannot make a batch of images of ${height} × ${width} and ${other.height} × ` +
        `${other.width} pixels: need one size`,
    );
  }
  const table = Float32Array.from({ length: 256 * channels }, (_, i) => {
    const c = i >> 8;
    return ((i & 255) / 255 - mean[c]!) / deviation[c]!;
  });
  const size = height * width * channels;
  const values = new Float32Array(images.length * size);
  images.forEach((image, n) => {
    const { data } = channels === 1 ? grey(image) : image;
    const step = CHANNELS / channels;
    for (let i = 0, c = 0; i < size; i++) {
      values[n * size + i] = table[c << 8 | data[i * step]!]!;
      if (++c === channels) c = 0;
    }
  });
  return tensor(values, [images.length, height, width, channels]);
}
