/**
 * The folder of one training: `history.jsonl` (a line for each step and each test), `checkpoints/`,
 * and at the end `weights.safetensors` and `curves.svg`.
 *
 * @module
 */

import {
  type CheckpointFolder,
  checkpointFolder,
  type CheckpointFolderOptions,
  type HistoryWriter,
  historyWriter,
  saveWeights,
  writeFileAtomic,
} from "../deno/mod.ts";
import { curvesSvg } from "../inspect/mod.ts";
import type { Variables } from "../layer.ts";

/** One line of the history. */
export type HistoryLine = {
  /** Number of the step, from 0. */
  readonly step: number;
  /** Loss of the step. */
  readonly loss?: number;
  /** Learning rate of the step. */
  readonly learningRate?: number;
  /** Loss on the test set after the step. */
  readonly testLoss?: number;
  /** Share (0 to 1) of the test set that is classified right after the step. */
  readonly top1?: number;
};

/** The folder of a training that is being written. */
export interface RunFolder extends AsyncDisposable {
  /** The checkpoints of the training. */
  readonly checkpoints: CheckpointFolder;
  /** Begins the history, or goes on with that of the steps before `step`. */
  begin(step: number): Promise<void>;
  /** Adds a line to the history. */
  note(line: HistoryLine): Promise<void>;
  /** Writes weights and curves, and gives path and digest of the weights. */
  save(
    variables: Variables,
    metadata: Readonly<Record<string, string>>,
  ): Promise<{ readonly weights: string; readonly weightsSha256: string }>;
}

/** Makes the folder, or opens it again. */
export async function runFolder(
  path: string,
  options: CheckpointFolderOptions,
): Promise<RunFolder> {
  const checkpoints = await checkpointFolder(`${path}/checkpoints`, options);
  const file = `${path}/history.jsonl`;
  let lines: HistoryLine[] = [];
  let history: HistoryWriter | undefined;
  return {
    checkpoints,
    async begin(step) {
      // Steps after the checkpoint are taken again, so what was said of them goes.
      lines = step === 0 ? [] : (await readHistory(file)).filter((line) => line.step < step);
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      await writeFileAtomic(file, new TextEncoder().encode(text));
      history = await historyWriter(file);
    },
    async note(line) {
      lines.push(line);
      await history!.append(line);
    },
    async save({ params, state }, metadata) {
      const weights = `${path}/weights.safetensors`;
      const { sha256 } = await saveWeights(weights, { params, state }, metadata);
      await writeFileAtomic(`${path}/curves.svg`, new TextEncoder().encode(curvesSvg(lines)));
      return { weights, weightsSha256: sha256 };
    },
    async [Symbol.asyncDispose]() {
      await history?.[Symbol.asyncDispose]();
      await checkpoints[Symbol.asyncDispose]();
    },
  };
}

async function readHistory(file: string): Promise<HistoryLine[]> {
  const text = await Deno.readTextFile(file).catch(() => "");
  // The last line of a process that was killed may be half a line.
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/** Names a new folder for a training of `model`, by the time. */
export function newRunPath(model: string): string {
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  return `runs/${model}-${time}`;
}
