/**
 * The folder of one training: `weights.safetensors`, `history.jsonl` (a line for each step and each
 * test) and `curves.svg`.
 *
 * @module
 */

import { historyWriter, saveWeights, writeFileAtomic } from "../deno/mod.ts";
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
  /** Adds a line to the history. */
  note(line: HistoryLine): Promise<void>;
  /** Writes weights and curves, and gives path and digest of the weights. */
  save(
    variables: Variables,
    metadata: Readonly<Record<string, string>>,
  ): Promise<{ readonly weights: string; readonly weightsSha256: string }>;
}

/** Makes the folder and begins its history. */
export async function runFolder(path: string): Promise<RunFolder> {
  await Deno.mkdir(path, { recursive: true });
  const history = await historyWriter(`${path}/history.jsonl`);
  const lines: HistoryLine[] = [];
  return {
    note(line) {
      lines.push(line);
      return history.append(line);
    },
    async save({ params, state }, metadata) {
      const weights = `${path}/weights.safetensors`;
      const { sha256 } = await saveWeights(weights, { params, state }, metadata);
      await writeFileAtomic(`${path}/curves.svg`, new TextEncoder().encode(curvesSvg(lines)));
      return { weights, weightsSha256: sha256 };
    },
    [Symbol.asyncDispose]: () => history[Symbol.asyncDispose](),
  };
}

/** Names a new folder for a training of `model`, by the time. */
export function newRunPath(model: string): string {
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  return `runs/${model}-${time}`;
}
