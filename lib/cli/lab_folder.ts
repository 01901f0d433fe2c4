/**
 * The folder of a laboratory: `arms/` and `weights/` keep what was run under its hash, each experiment
 * has a `.json` and a folder of figures, and `report.html` tells of all that were run in it.
 *
 * @module
 */

import { fileError, writeFileAtomic } from "../deno/mod.ts";
import {
  type Entry,
  type Experiment,
  reportHtml,
  type ReportOptions,
  type Store,
} from "../lab/mod.ts";
import { readJson } from "../lab/store.ts";

/** Gives a store of files in a folder. */
export function folderStore(folder: string): Store {
  return {
    read: (name) => readIfThere(`${folder}/${name}`),
    async write(name, bytes) {
      const path = `${folder}/${name}`;
      await makeFolder(path.replace(/[^/]*$/, ""));
      await writeFileAtomic(path, bytes);
    },
  };
}

/** Writes what an experiment gave, and its figures. */
export async function writeEntry(folder: string, entry: Entry): Promise<void> {
  const { write } = folderStore(folder);
  const { name } = entry.experiment;
  await write(`${name}.json`, encode(JSON.stringify(entry)));
  for (const figure of entry.result.figures) {
    await write(`${name}/${figure.name}.svg`, encode(figure.svg));
  }
}

/** Writes the report of all experiments that were run in the folder, and gives its path. */
export async function writeReport(
  folder: string,
  experiments: readonly Experiment[],
  options: ReportOptions,
): Promise<string> {
  const store = folderStore(folder);
  const entries: Entry[] = [];
  for (const { name } of experiments) {
    const entry = await readJson<Entry>(store, `${name}.json`);
    if (entry) entries.push(entry);
  }
  await store.write("report.html", encode(reportHtml(entries, options)));
  return `${folder}/report.html`;
}

const encode = (text: string) => new TextEncoder().encode(text);

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw fileError("read", path, cause);
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (cause) {
    throw fileError("write", path, cause);
  }
}
