/**
 * `report`: the report of a training that has ended, or of one that has not, by its newest checkpoint.
 *
 * @module
 */

import { fileError } from "../deno/mod.ts";
import { scoped } from "../ownership.ts";
import { recipeData } from "../recipes/mod.ts";
import { backendOptions, startBackend } from "./backend.ts";
import { type Examined, examineOn } from "./examined.ts";
import { loadModel } from "./load_model.ts";
import { type OptionValues, required } from "./options.ts";
import { progress } from "./progress.ts";
import { loadSets } from "./registry.ts";
import { readExamined, readHistory, readRun, writeReport } from "./run_folder.ts";
import type { RunRecord } from "./run_record.ts";
import { type Verb, verb } from "./verb.ts";

const options = {
  out: { type: "text", value: "DIR", about: "folder of the training" },
  folder: {
    type: "text",
    value: "PLACE",
    about: "folder, archive or address of its data set (default: as it was trained)",
  },
  ...backendOptions,
  json: { type: "flag", about: "print only one line of JSON" },
} as const;

/** The verb `report`. */
export const reportVerb: Verb = verb(
  "report",
  "Write the report of a training that has ended, or is running",
  options,
  async (values) => {
    const out = required(values, "out");
    const run = await readRun(out);
    const kept = run.end?.outcome === "finished" ? await readExamined(out) : undefined;
    const examined = kept ?? await examineNow(out, run, values);
    const report = await writeReport(out, run, await readHistory(out), examined);
    if (values.json) console.log(JSON.stringify({ report, examined: examined !== undefined }));
    else console.log(`the report is in ${report}`);
    return 0;
  },
);

/** Examines what a training has learned so far, if it has saved any of it. */
async function examineNow(
  out: string,
  run: RunRecord,
  values: OptionValues<typeof options>,
): Promise<Examined | undefined> {
  const path = run.end ? `${out}/weights.safetensors` : await newestCheckpoint(out);
  if (path === undefined) return;
  await startBackend(values);
  const { folder } = run.options;
  const sets = await loadSets(
    run.recipe.data,
    values.folder ?? folder?.toString(),
    values.json,
  );
  const { test } = await recipeData(run.recipe, sets);
  const { model, variables } = await loadModel(path, undefined);
  using owned = scoped(variables);
  using bar = progress("examining", values.json);
  return await examineOn(test, model, owned, (done) => bar.update(done / test.count));
}

async function newestCheckpoint(out: string): Promise<string | undefined> {
  const folder = `${out}/checkpoints`;
  try {
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name)
      .filter((name) => name.endsWith(".safetensors"))
      // The step that is named has at least eight digits, and more if it needs them.
      .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    const name = names.at(-1);
    return name && `${folder}/${name}`;
  } catch (cause) {
    throw fileError("read", folder, cause);
  }
}
