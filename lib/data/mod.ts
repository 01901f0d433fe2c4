/**
 * Data sets and batches: pictures and labels in memory or read when needed, the files of MNIST,
 * Fashion-MNIST and CIFAR, splits, augmentation by keys, and streams of shuffled batches that can be
 * stopped and taken up again. Runs in a browser too; reading files is in `@fplusx/nn/deno`.
 *
 * @module
 */

// Data sets and their formats.
export { cifar10, cifar100 } from "./cifar.ts";
export type { Cifar100Options } from "./cifar.ts";
export { cifar10FromPictures } from "./cifar_pictures.ts";
export { dataset, statistics } from "./dataset.ts";
export type { Dataset, DatasetOptions, Statistics } from "./dataset.ts";
export { fashionMnist, fashionMnistFromRows } from "./fashion_mnist.ts";
export { gunzip } from "./gunzip.ts";
export { parseIdx } from "./idx.ts";
export type { Idx, IdxData } from "./idx.ts";
export { mnist } from "./mnist.ts";
export { pixelMean } from "./normalizer.ts";
export { pick, split, take } from "./split.ts";
export { untar } from "./tar.ts";

// Batches.
export type { LabelledBatch } from "./batch.ts";
export { batches } from "./batches.ts";
export type { BatchesOptions, Cursor } from "./order.ts";
export type { Picture, Pixels, Sample } from "./picture.ts";
export { mapSamples, pickSamples, readAll, readBatches, samplesOf } from "./samples.ts";
export type { ReadBatchesOptions, Samples } from "./samples.ts";
export * as stream from "./stream.ts";
export type { MapOptions, ShuffleOptions, Source, StreamBatchesOptions } from "./stream.ts";

// Augmentation.
export { inTurn, sometimes } from "./augment/augmentation.ts";
export type { Augmentation } from "./augment/augmentation.ts";
export { randomCrop, randomFlip } from "./augment/crop.ts";
export type { RandomCropOptions } from "./augment/crop.ts";
export type { Place, Placement, Rectangle } from "./augment/placement.ts";
export { cutmix, mixOneOf, mixup } from "./augment/mixing.ts";
export type { Mixing, MixingOptions } from "./augment/mixing.ts";
export { pcaColor } from "./augment/pca_color.ts";
export { randomErasing } from "./augment/random_erasing.ts";
export type { RandomErasingOptions } from "./augment/random_erasing.ts";
export { randomResizedCrop, randomScale } from "./augment/resized_crop.ts";
export type { RandomResizedCropOptions } from "./augment/resized_crop.ts";
export { trivialAugment } from "./augment/trivial_augment.ts";
