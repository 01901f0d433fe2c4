/**
 * A checkpoint is everything that a training needs to go on as if it had never stopped, in the bytes
 * of one safetensors file: parameters, state and the memory of the optimizer as tensors; the step,
 * the place in the data and the configuration in the metadata; and a seal over all of it.
 *
 * @module
 */

import { FormatError, KeysError } from "../errors.ts";
import { objectIn } from "../json.ts";
import { release, retain } from "../ownership.ts";
import type { Tree } from "../tree.ts";
import { openSafetensors, type SafetensorsFile } from "../weights/safetensors.ts";
import { checkSeal, seal, UNSEALED } from "../weights/seal.ts";
import { loadTree, saveTree } from "../weights/tree_file.ts";
import type { TrainState } from "./step.ts";

/** The version of what is written; a file of another version is refused. */
const VERSION = "1";

/** Where a training stands. */
export type Checkpoint<P extends Tree = Tree, S extends Tree = Tree> = {
  /** Parameters, state and the memory of the optimizer. */
  readonly state: TrainState<P, S>;
  /** Number of steps that were taken. */
  readonly step: number;
  /** The place in the data, right after the last batch. */
  readonly cursor: { readonly epoch: number; readonly index: number };
  /** What the training was started with, to be compared when it is taken up again. */
  readonly config: Readonly<Record<string, string>>;
};

/**
 * Gives the bytes of a checkpoint. The values are those of the moment of the call: the training may go
 * on, and let go of its state, before they are read.
 *
 * @example There and back
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import {
 *   dense, formatCheckpoint, initTraining, key, meanSquaredError, parseCheckpoint, release, setup, sgd,
 * } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const parts = { model: dense(1), optimizer: sgd({ momentum: 0.9 }), loss: meanSquaredError };
 * const state = initTraining(parts, key(0), [1, 2]);
 * const cursor = { epoch: 1, index: 64 };
 * const bytes = await formatCheckpoint({ state, step: 9, cursor, config: { seed: "0" } });
 * const found = await parseCheckpoint(bytes, state);
 * assertEquals([found.step, found.cursor.index, found.config.seed], [9, 64, "0"]);
 * assertEquals(await found.state.params.weight.data(), await state.params.weight.data());
 * release([state, found]);
 * ```
 */
export async function formatCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array<ArrayBuffer>> {
  const { state: { params, state, optimizer }, step, cursor, config } = checkpoint;
  const snapshot = retain({ params, state, optimizer });
  try {
    const place = JSON.stringify({ version: VERSION, step, cursor, config });
    return await seal(await saveTree(snapshot, { ...UNSEALED, checkpoint: place }));
  } finally {
    release(snapshot);
  }
}

/**
 * Reads a checkpoint; the state has the structure of `like`, which is only looked at.
 *
 * @throws {FormatError} If the file is damaged, or is not a checkpoint.
 * @throws {KeysError} If it is of another version, or of another model or optimizer; lists all that
 * disagree.
 */
export async function parseCheckpoint<P extends Tree, S extends Tree>(
  bytes: Uint8Array<ArrayBuffer>,
  like: TrainState<P, S>,
): Promise<Checkpoint<P, S>> {
  const [file, place] = await open(bytes);
  const { params, state, optimizer } = like;
  return { state: await loadTree({ params, state, optimizer }, file), ...place };
}

/** What a checkpoint says besides the tensors. */
export type CheckpointPlace = Omit<Checkpoint, "state">;

/**
 * Reads what a checkpoint says besides the tensors: step, cursor and configuration, from which it can be
 * known what the tensors are of.
 *
 * @throws {FormatError} If the file is damaged, or is not a checkpoint.
 * @throws {KeysError} If it is of another version.
 *
 * @example The configuration first
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import {
 *   dense, formatCheckpoint, initTraining, key, parseCheckpointPlace, release, setup, sgd,
 * } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const state = initTraining({ model: dense(1), optimizer: sgd() }, key(0), [1, 2]);
 * const cursor = { epoch: 0, index: 0 };
 * const bytes = await formatCheckpoint({ state, step: 9, cursor, config: { width: "1" } });
 * assertEquals((await parseCheckpointPlace(bytes)).config, { width: "1" });
 * release(state);
 * ```
 */
export async function parseCheckpointPlace(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<CheckpointPlace> {
  const [, place] = await open(bytes);
  return place;
}

async function open(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<[file: SafetensorsFile, place: CheckpointPlace]> {
  await checkSeal(bytes);
  const file = await openSafetensors({
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  });
  const text = file.metadata.get("checkpoint");
  if (text === undefined) {
    throw new FormatError("Cannot read the file: it is not a checkpoint", 0);
  }
  return [file, placeIn(text)];
}

/** Reads what is no tensor. By the seal it is what was written, but anybody can seal a file. */
function placeIn(text: string): CheckpointPlace {
  // What is claimed is looked at below.
  const { version, step, cursor, config } = objectIn(text) as
    & Partial<CheckpointPlace>
    & { readonly version?: unknown };
  if (typeof version === "string" && version !== VERSION) {
    throw new KeysError(
      `Cannot read a checkpoint of version ${version}: need version ${VERSION}`,
    );
  }
  const counts = [step, cursor?.epoch, cursor?.index];
  const isWhole = version === VERSION && config instanceof Object &&
    counts.every((count) => Number.isSafeInteger(count) && count! >= 0) &&
    Object.values(config).every((value) => typeof value === "string");
  if (isWhole) return { step: step!, cursor: cursor!, config };
  throw new FormatError("Cannot read the checkpoint: it does not say where the training stands", 0);
}
