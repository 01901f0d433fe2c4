/**
 * The input pipeline by itself: pictures a second that are decoded, augmented, normalised and batched,
 * on one thread. Training takes some hundreds a second of the size of CIFAR on a processor.
 */

import encode, { init } from "@jsquash/jpeg/encode.js";
import { key, release, setup } from "../../mod.ts";
import {
  batches,
  type BatchesOptions,
  cutmix,
  dataset,
  inTurn,
  type LabelledBatch,
  mapSamples,
  pcaColor,
  type Picture,
  randomCrop,
  randomErasing,
  randomFlip,
  randomResizedCrop,
  randomScale,
  readBatches,
  samplesOf,
  type Source,
  trivialAugment,
} from "../../lib/data/mod.ts";
import { centerCrop, decodeImage, type Image, resizeShorter } from "../../lib/images/mod.ts";

/** What was measured. */
interface Rate {
  batch: number;
  pictures: number;
  seconds: number;
  picturesPerSecond: number;
}

const statistics = { mean: [0.49, 0.48, 0.45], deviation: [0.25, 0.24, 0.26] };

/** Waves with a little noise: as hard to compress as a photograph. */
function waves(height: number, width: number): Uint8Array {
  let noise = 1;
  return Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    noise = Math.imul(noise, 1664525) + 1013904223 | 0;
    return 120 + 50 * Math.sin(x / (9 + c)) + 50 * Math.cos(y / (7 + c)) + (noise >>> 28);
  });
}

/** Batches of pictures of the size of CIFAR. */
function small(options: Omit<BatchesOptions, "size">) {
  const one = waves(32, 32);
  const count = 10_000;
  const images = new Uint8Array(count * one.length);
  for (let i = 0; i < count; i++) images.set(one, i * one.length);
  const data = dataset({
    images,
    shape: [count, 32, 32, 3],
    labels: new Uint8Array(count),
    classes: 10,
    statistics,
  });
  return (batch = 128): Promise<Rate> =>
    measure(batch, batches(data, { size: batch, key: key(0), epochs: Infinity, ...options }));
}

/** Batches of JPEGs of the size of ImageNet, which are decoded each time. */
function large(options: Omit<BatchesOptions, "size">) {
  return async (batch = 32): Promise<Rate> => {
    const file = await photograph();
    const none = { images: new Uint8Array(1000), shape: [1000, 1, 1, 1], classes: 1 };
    const data = dataset({ ...none, labels: new Uint8Array(1000) });
    const samples = mapSamples(samplesOf(data), async ({ label }) => ({
      picture: await decodeImage(file),
      label,
    }));
    const source = readBatches({ ...samples, statistics }, {
      size: batch,
      key: key(0),
      epochs: Infinity,
      ...options,
    });
    return await measure(batch, source);
  };
}

/** A JPEG of 375 × 500 pixels, the usual size in ImageNet. */
async function photograph(): Promise<Uint8Array> {
  // @ts-ignore: TypeScript knows no source phase
  await init(await import.source("@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm"));
  const pixels = new ImageData(500, 375);
  waves(375, 500).forEach((byte, i) => pixels.data[Math.floor(i / 3) * 4 + i % 3] = byte);
  return new Uint8Array(await encode(pixels, { quality: 90, progressive: false, baseline: true }));
}

/** Goes through batches for two seconds, after one that does not count. */
async function measure(batch: number, source: Source<LabelledBatch>): Promise<Rate> {
  await setup({ backend: "wasm" });
  let pictures = 0;
  let start = performance.now();
  let warm = false;
  for await (const made of source) {
    pictures += made.x.shape[0]!;
    release(made);
    const elapsed = performance.now() - start;
    if (elapsed < (warm ? 2000 : 1000)) continue;
    if (warm) break;
    [warm, pictures, start] = [true, 0, performance.now()];
  }
  const seconds = (performance.now() - start) / 1000;
  return { batch, pictures, seconds, picturesPerSecond: Math.round(pictures / seconds) };
}

/** The augmentation of the paper for CIFAR, and those for ImageNet. */
const shifted = inTurn(randomCrop({ padding: 4 }), randomFlip());
const resized = inTurn(randomResizedCrop(224), randomFlip());
const scaled = inTurn(randomScale(256, 480), randomCrop({ size: 224 }), randomFlip(), pcaColor());
const middle = (picture: Picture): Picture => centerCrop(resizeShorter(picture as Image, 256), 224);

/** The cases by name; each takes the size of a batch. */
export const pipeline: Readonly<Record<string, (batch?: number) => Promise<Rate>>> = {
  normalize: small({}),
  "crop-flip": small({ augmentNormalized: shifted }),
  trivial: small({
    augment: inTurn(shifted, trivialAugment()),
    augmentNormalized: randomErasing(),
  }),
  cutmix: small({ augmentNormalized: shifted, mix: cutmix({ classes: 10 }) }),
  "jpeg-center": large({ augment: middle }),
  "jpeg-resized-crop": large({ augment: resized }),
  "jpeg-scale-pca": large({ augment: scaled }),
};
