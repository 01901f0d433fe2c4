/**
 * A folder of checkpoints, `step-00001200.safetensors` and so on, that one process at a time may
 * write. A checkpoint is written while the training goes on, appears whole or not at all, and the
 * oldest are removed; a damaged one is passed over with a warning for the one before it.
 *
 * @module
 */

import { ArgumentError, FormatError, LockedError } from "../errors.ts";
import {
  type Checkpoint,
  type CheckpointPlace,
  formatCheckpoint,
  parseCheckpoint,
  parseCheckpointPlace,
} from "../train/checkpoint.ts";
import type { TrainState } from "../train/step.ts";
import type { Tree } from "../tree.ts";
import { fileError, orFileError } from "./file_error.ts";
import { removePartial, writeFileAtomic } from "./write_file.ts";

/** Options of {@linkcode checkpointFolder}. */
export interface CheckpointFolderOptions {
  /** How many checkpoints to keep; 3 by default. */
  readonly keep?: number;
  /** Is told about what was wrong but could be got over; nothing by default. */
  readonly warn?: (message: string) => void;
}

/** A checkpoint and where it was found. */
export type Found<P extends Tree, S extends Tree> = Checkpoint<P, S> & {
  /** The file it is in. */
  readonly path: string;
};

/** A folder of checkpoints; `await using` waits for the last to be written and unlocks it. */
export interface CheckpointFolder extends AsyncDisposable {
  /**
   * Reads the newest checkpoint that is not damaged, if there is any.
   *
   * @throws {KeysError} If it is of another version, model or optimizer.
   * @throws {FileError} If the system refuses.
   */
  latest<P extends Tree, S extends Tree>(
    like: TrainState<P, S>,
  ): Promise<Found<P, S> | undefined>;
  /**
   * Reads what the newest checkpoint that is not damaged says besides the tensors, if there is any, and
   * where it was found.
   *
   * @throws {KeysError} If it is of another version.
   * @throws {FileError} If the system refuses.
   */
  place(): Promise<CheckpointPlace & { readonly path: string } | undefined>;
  /**
   * Begins to write a checkpoint, and comes back before it is written; waits for the one before it.
   * The state may be let go of at once.
   *
   * @throws {ArgumentError} If its step is not an integer from 0.
   * @throws {FileError} If the system refused this one or the one before it.
   */
  save(checkpoint: Checkpoint): Promise<void>;
  /**
   * Waits until all is written.
   *
   * @throws {FileError} If the system refused.
   */
  settled(): Promise<void>;
}

const NAME = /^step-(\d{8,})\.safetensors$/;

/**
 * Opens a folder of checkpoints, makes it if need be, and removes what a crash has left half-written.
 * Needs `--allow-read` and `--allow-write` for the folder.
 *
 * @throws {ArgumentError} If `keep` is not an integer above 0.
 * @throws {LockedError} If another process has the folder open.
 * @throws {FileError} If the system refuses.
 *
 * @example A training that is taken up again
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, initTraining, key, meanSquaredError, release, setup, sgd } from "@fplusx/nn";
 * import { checkpointFolder } from "@fplusx/nn/deno";
 *
 * await setup({ backend: "cpu" });
 * await Deno.mkdir("runs", { recursive: true });
 * const path = await Deno.makeTempDir({ dir: "runs" });
 * const parts = { model: dense(1), optimizer: sgd(), loss: meanSquaredError };
 * const state = initTraining(parts, key(0), [1, 2]);
 * {
 *   await using folder = await checkpointFolder(path);
 *   await folder.save({ state, step: 100, cursor: { epoch: 0, index: 6400 }, config: {} });
 * }
 * await using folder = await checkpointFolder(path);
 * const found = await folder.latest(state);
 * assertEquals(found?.step, 100);
 * release([state, found!.state]);
 * await Deno.remove(path, { recursive: true });
 * ```
 */
export async function checkpointFolder(
  path: string,
  options: CheckpointFolderOptions = {},
): Promise<CheckpointFolder> {
  const { keep = 3, warn = () => {} } = options;
  if (!Number.isInteger(keep) || keep < 1) {
    throw new ArgumentError(`Cannot keep ${keep} checkpoints: need an integer above 0`);
  }
  const lock = await locked(path);
  try {
    await removePartial(path, (name) => NAME.test(name));
  } catch (error) {
    lock.close();
    throw error;
  }
  let writing: Promise<void> = Promise.resolve();

  const write = async (bytes: Promise<Uint8Array>, step: number) => {
    const name = `step-${String(step).padStart(8, "0")}.safetensors`;
    await writeFileAtomic(`${path}/${name}`, await bytes);
    const old = (await checkpointsIn(path)).slice(keep);
    for (const { file } of old) await orFileError("write", file, Deno.remove(file));
  };

  const passedOver = new Set<string>();
  /** Reads the newest checkpoint that is not damaged. */
  const newest = async <T>(parse: (bytes: Uint8Array<ArrayBuffer>, file: string) => Promise<T>) => {
    // What the system refused is said by the next save, and is no reason not to read.
    await writing.catch(() => {});
    for (const { file } of await checkpointsIn(path)) {
      try {
        return await parse(await orFileError("read", file, Deno.readFile(file)), file);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        if (!passedOver.has(file)) warn(`Passed over ${file}: ${error.message}`);
        passedOver.add(file);
      }
    }
  };

  return {
    latest: (like) =>
      newest(async (bytes, path) => ({ ...await parseCheckpoint(bytes, like), path })),
    place: () => newest(async (bytes, path) => ({ ...await parseCheckpointPlace(bytes), path })),
    async save(checkpoint) {
      const { step } = checkpoint;
      if (!Number.isSafeInteger(step) || step < 0) {
        throw new ArgumentError(`Cannot save a checkpoint of step ${step}: need an integer from 0`);
      }
      // The values are taken now, whatever happens to the state while the one before is written.
      const bytes = formatCheckpoint(checkpoint);
      bytes.catch(() => {});
      const before = writing;
      writing = before.catch(() => {}).then(() => write(bytes, step));
      writing.catch(() => {});
      await before;
    },
    settled: () => writing,
    async [Symbol.asyncDispose]() {
      await writing.catch((error) => warn(error.message));
      lock.close();
    },
  };
}

/** The checkpoints of a folder, the newest first. */
async function checkpointsIn(path: string): Promise<{ file: string; step: number }[]> {
  const entries = await orFileError("read", path, Array.fromAsync(Deno.readDir(path)));
  return entries
    .flatMap(({ name, isFile }) => {
      const step = NAME.exec(name)?.[1];
      return isFile && step !== undefined ? [{ file: `${path}/${name}`, step: Number(step) }] : [];
    })
    .sort((a, b) => b.step - a.step);
}

/** Takes the lock of a folder: it ends with the process, so that a crash never leaves it locked. */
async function locked(path: string): Promise<Deno.FsFile> {
  const name = `${path}/lock`;
  try {
    await Deno.mkdir(path, { recursive: true });
    const file = await Deno.open(name, { write: true, create: true });
    if (await file.tryLock(true)) return file;
    file.close();
  } catch (cause) {
    throw fileError("write", name, cause);
  }
  throw new LockedError(`Cannot use the folder "${path}": another training writes to it`);
}
