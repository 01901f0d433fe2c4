/**
 * Data sets and batches: images and labels in memory, the IDX files of MNIST, a split and a stream
 * of shuffled batches that can be stopped and taken up again. Runs in a browser too; reading files
 * is in `@fplusx/nn/deno`.
 *
 * @module
 */

export { batches } from "./batches.ts";
export type { BatchesOptions, Cursor, LabelledBatch } from "./batches.ts";
export { dataset, statistics } from "./dataset.ts";
export type { Dataset, DatasetOptions, Statistics } from "./dataset.ts";
export { gunzip } from "./gunzip.ts";
export { parseIdx } from "./idx.ts";
export type { Idx, IdxData } from "./idx.ts";
export { mnist } from "./mnist.ts";
export { pick, split, take } from "./split.ts";
