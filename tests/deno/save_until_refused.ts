/**
 * Writes to a folder of checkpoints and to a history in it until the system refuses, and prints what it
 * said and what is there then: `deno run tests/deno/save_until_refused.ts FOLDER`.
 *
 * @module
 */

import { FplusxError, release, setup } from "@fplusx/nn";
import { checkpointFolder, historyWriter } from "@fplusx/nn/deno";
import { fresh } from "./killable.ts";

/** What is printed, as JSON. */
export type Refusals = {
  /** What was said to a checkpoint, and its code. */
  readonly save: readonly [code: string, message: string] | null;
  /** What was said to a history. */
  readonly append: readonly [code: string, message: string] | null;
  /** The step of the newest checkpoint there is. */
  readonly latest: number | null;
  /** What is in the folder. */
  readonly names: readonly string[];
  /** The history. */
  readonly history: string;
};

async function refusalOf(action: () => Promise<void>): Promise<Refusals["save"]> {
  try {
    await action();
    return null;
  } catch (error) {
    if (error instanceof FplusxError) return [error.code, error.message];
    throw error;
  }
}

if (import.meta.main) {
  const [path] = Deno.args as [string];
  await setup({ backend: "cpu" });
  const state = fresh();
  let latest: number | null = null;
  const save = await refusalOf(async () => {
    await using folder = await checkpointFolder(path);
    try {
      await folder.save({ state, step: 3, cursor: { epoch: 0, index: 3 }, config: {} });
      await folder.settled();
    } finally {
      const found = await folder.latest(state);
      latest = found?.step ?? null;
      release(found?.state ?? []);
    }
  });
  const append = await refusalOf(async () => {
    await using history = await historyWriter(`${path}/history.jsonl`);
    for (let step = 0; step < 1000; step++) await history.append({ step, note: "x".repeat(977) });
  });
  release(state);
  const names = [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  const history = await Deno.readTextFile(`${path}/history.jsonl`).catch(() => "");
  console.log(JSON.stringify({ save, append, latest, names, history } satisfies Refusals));
}
