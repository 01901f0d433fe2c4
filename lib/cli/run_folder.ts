/**
 * The folder of one training: `run.json` (what it is), `history.jsonl` (a line for each step and each
 * test), `checkpoints/`, `best.safetensors` (where the best weights are kept), and at the end
 * `weights.safetensors`, `examination.json` (what the model takes for what), `curves.svg` and
 * `report.html`; with `--profile`, `profile.json`.
 *
 * @module
 */

import {
  type CheckpointFolder,
  checkpointFolder,
  type CheckpointFolderOptions,
  fileError,
  type HistoryWriter,
  historyWriter,
  openWeights,
  saveWeights,
  writeFileAtomic,
} from "../deno/mod.ts";
import { removePartial } from "../deno/write_file.ts";
import { ArgumentError, FormatError, FplusxError } from "../errors.ts";
import { curvesSvg, type HistoryRecord, runReportHtml } from "../inspect/mod.ts";
import type { Variables } from "../layer.ts";
import { loadTree } from "../weights/mod.ts";
import type { Examined } from "./examined.ts";
import type { Listener } from "./listener.ts";
import { reportOf, type RunRecord } from "./run_record.ts";

/** The folder of a training that is being written; it keeps what it hears. */
export interface RunFolder extends Required<Listener>, AsyncDisposable {
  /** The checkpoints of the training. */
  readonly checkpoints: CheckpointFolder;
  /** Keeps the best weights so far, after so many steps. */
  keepBest(variables: Variables, steps: number): Promise<void>;
  /**
   * Reads the weights that were the best after so many steps; warns and gives nothing if their file is
   * gone, damaged, or of other weights.
   */
  best(steps: number, like: Variables): Promise<Variables | undefined>;
  /** Writes the weights, and gives their path and digest. */
  save(
    variables: Variables,
    metadata: Readonly<Record<string, string>>,
  ): Promise<{ readonly weights: string; readonly weightsSha256: string }>;
}

/** The files that are written whole or not at all. */
const FILES: readonly string[] = [
  "run.json",
  "history.jsonl",
  "best.safetensors",
  "weights.safetensors",
  "examination.json",
  "profile.json",
  "curves.svg",
  "report.html",
];

/** Makes the folder, or opens it again. */
export async function runFolder(
  path: string,
  options: CheckpointFolderOptions,
): Promise<RunFolder> {
  const checkpoints = await checkpointFolder(`${path}/checkpoints`, options);
  const best = `${path}/best.safetensors`;
  const lines: HistoryRecord[] = [];
  let history: HistoryWriter | undefined;
  return {
    checkpoints,
    async begin(run, before) {
      await removePartial(path, (name) => FILES.includes(name));
      lines.push(...before);
      const text = before.map((line) => `${JSON.stringify(line)}\n`).join("");
      await writeText(`${path}/history.jsonl`, text);
      await writeText(`${path}/run.json`, JSON.stringify(run, null, 2));
      history = await historyWriter(`${path}/history.jsonl`);
    },
    async note(line) {
      lines.push(line);
      await history!.append(line);
    },
    async end(run, examined) {
      if (lines.length > 0) await writeText(`${path}/curves.svg`, curvesSvg(lines));
      if (examined) await writeText(`${path}/examination.json`, JSON.stringify(examined));
      await writeReport(path, run, lines, examined);
      // Last, since it says that all else is there.
      await writeText(`${path}/run.json`, JSON.stringify(run, null, 2));
    },
    async keepBest({ params, state }, steps) {
      await saveWeights(best, { params, state }, { steps: String(steps) });
    },
    async best(steps, { params, state }) {
      try {
        using file = await openWeights(best);
        if (file.metadata.get("steps") !== String(steps)) {
          throw new FormatError(`Cannot read "${best}": it holds the weights of another step`, 0);
        }
        return await loadTree({ params, state }, file);
      } catch (error) {
        if (!(error instanceof FplusxError)) throw error;
        options.warn?.(
          `the best weights, of step ${steps}, are gone, and the last ones take their place: ` +
            error.message,
        );
      }
    },
    async save({ params, state }, metadata) {
      const weights = `${path}/weights.safetensors`;
      const { sha256 } = await saveWeights(weights, { params, state }, metadata);
      return { weights, weightsSha256: sha256 };
    },
    async [Symbol.asyncDispose]() {
      await history?.[Symbol.asyncDispose]();
      await checkpoints[Symbol.asyncDispose]();
    },
  };
}

/**
 * Reads the history in a folder, of the steps before `step`.
 *
 * @throws {FileError} If the system refuses.
 * @throws {FormatError} If a line is damaged.
 */
export async function readHistory(path: string, step = Infinity): Promise<HistoryRecord[]> {
  const text = await readText(`${path}/history.jsonl`) ?? "";
  // The last line of a process that was killed may be half a line.
  const lines = text.split("\n").slice(0, -1).map((line, i) =>
    parseJson<HistoryRecord>(line, `${path}/history.jsonl`, `line ${i + 1}`)
  );
  return lines.filter((line) => line.step < step);
}

/**
 * Reads what is known of the training in a folder.
 *
 * @throws {ArgumentError} If there is none.
 * @throws {FileError} If the system refuses.
 * @throws {FormatError} If it is damaged.
 */
export async function readRun(path: string): Promise<RunRecord> {
  const text = await readText(`${path}/run.json`);
  if (text !== undefined) return parseJson(text, `${path}/run.json`);
  throw new ArgumentError(`Cannot report on "${path}": there is no training in it`);
}

/** Reads what was found when the training in a folder was examined at its end, if it was. */
export async function readExamined(path: string): Promise<Examined | undefined> {
  const text = await readText(`${path}/examination.json`);
  return text === undefined ? undefined : parseJson(text, `${path}/examination.json`);
}

/** Writes the report of a training into its folder, and gives its path. */
export async function writeReport(
  path: string,
  run: RunRecord,
  history: readonly HistoryRecord[],
  examined?: Examined,
): Promise<string> {
  const report = `${path}/report.html`;
  await writeText(report, runReportHtml(reportOf(run, history, examined)));
  return report;
}

function writeText(path: string, text: string): Promise<void> {
  return writeFileAtomic(path, new TextEncoder().encode(text));
}

/** Parses what was written here, and may have been damaged since. */
function parseJson<T>(text: string, path: string, part = "it"): T {
  try {
    return JSON.parse(text);
  } catch {
    throw new FormatError(`Cannot read "${path}": ${part} is not JSON`, 0);
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw fileError("read", path, cause);
  }
}

/** Names a new folder for a training of `model`, by the time. */
export function newRunPath(model: string): string {
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  return `runs/${model}-${time}`;
}
