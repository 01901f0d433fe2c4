/**
 * `--tune`: the ways to do the convolutions and products of a step are timed once on the GPU at hand.
 * What is found goes to a file, by adapter, so that it is timed once and used the next time.
 *
 * @module
 */

import { activeBackend } from "../backend/setup.ts";
import { tune, type TunedWork, type Tuning } from "../backend/tune.ts";
import { writeFileAtomic } from "../deno/mod.ts";
import { folderOf, orFileError } from "../deno/file_error.ts";
import { objectIn } from "../json.ts";
import { progress } from "./progress.ts";

/** The option that asks for it. */
export const tuneOption = {
  type: "text",
  value: "FILE",
  bare: "runs/tuning.json",
  about: "time the ways to do each convolution and product on this GPU, once; kept in FILE",
} as const;

/**
 * Uses what the file knows about the work that `take` does, times the rest, and adds it to the file. A
 * file that is damaged is replaced. Gives nothing where there is nothing to tune. A quiet one shows no
 * progress.
 *
 * @throws {FileError} If the system refuses.
 */
export async function tuned(
  path: string,
  take: () => unknown,
  log: (line: string) => void,
  quiet?: boolean,
): Promise<Tuning | undefined> {
  const { name, adapter } = activeBackend();
  if (name !== "webgpu") return void log(`tuned    nothing: ${name} does its work in one way only`);
  const all = await tuningsIn(path, log);
  const before = all.find((tuning) => tuning.adapter === adapter);
  const tuning = await tuneInSight(take, before, quiet);
  const known = new Map(before?.choices.map((choice) => [choice.work, choice]));
  const fresh = tuning.choices.filter((choice) => known.get(choice.work) !== choice);
  if (fresh.length > 0) {
    for (const choice of fresh) known.set(choice.work, choice);
    const others = all.filter((tuning) => tuning !== before);
    await write(path, [...others, { adapter, choices: [...known.values()] }]);
  }
  log(told(tuning, fresh.length, path));
  return tuning;
}

/** Tunes, and shows how far that is. */
async function tuneInSight(
  take: () => unknown,
  before: Tuning | undefined,
  quiet?: boolean,
): Promise<Tuning> {
  using bar = progress("tuning", quiet);
  return await tune(take, before, (share) => bar.update(share));
}

/** Says in one line what was chosen. */
function told({ choices }: Tuning, fresh: number, path: string): string {
  const sum = (time: (choice: TunedWork) => number) =>
    choices.reduce((sum, choice) => sum + time(choice), 0).toFixed(1);
  const changed = choices.filter(({ milliseconds, guessed }) => milliseconds < guessed).length;
  return `tuned    ${changed} of ${choices.length} convolutions and products go another way; each once ` +
    `takes ${sum(({ milliseconds }) => milliseconds)} ms instead of ` +
    `${sum(({ guessed }) => guessed)}; ${fresh} were timed now, all are kept in ${path}`;
}

/** Tells whether plain data are a tuning. */
export function isTuning(value: unknown): value is Tuning {
  const { adapter, choices } = Object(value);
  return typeof adapter === "string" && Array.isArray(choices) && choices.every(isTunedWork);
}

function isTunedWork(value: unknown): value is TunedWork {
  const { work, plan, milliseconds, guessed } = Object(value);
  return typeof work === "string" && plan instanceof Object &&
    [milliseconds, guessed].every(Number.isFinite);
}

/** What the file is made of; another version of it is passed over. */
const VERSION = 1;

async function tuningsIn(path: string, log: (line: string) => void): Promise<readonly Tuning[]> {
  const text = await orFileError(
    "read",
    path,
    Deno.readTextFile(path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }),
  );
  if (text === undefined) return [];
  const { version, tunings } = objectIn(text);
  if (version === VERSION && Array.isArray(tunings) && tunings.every(isTuning)) return tunings;
  log(`Passed over ${path}: it holds no tuning of this version`);
  return [];
}

async function write(path: string, tunings: readonly Tuning[]): Promise<void> {
  const folder = folderOf(path);
  await orFileError("write", folder, Deno.mkdir(folder, { recursive: true }));
  const text = JSON.stringify({ version: VERSION, tunings }, null, 2);
  await writeFileAtomic(path, new TextEncoder().encode(`${text}\n`));
}
