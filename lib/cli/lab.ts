/**
 * `lab`: experiments on residual learning, one or all, with a report. What is finished is kept in the
 * folder and is not run again; Ctrl-C stops, and the same command goes on.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import {
  bench,
  type Entry,
  experiments,
  type LabData,
  type LedgerLine,
  runExperiment,
  verdictOf,
} from "../lab/mod.ts";
import { readJson } from "../lab/store.ts";
import { backendOptions, startBackend } from "./backend.ts";
import { codeVersion } from "./code_version.ts";
import { abortOnInterrupt } from "./interrupt.ts";
import { folderStore, writeEntry, writeReport } from "./lab_folder.ts";
import { helpOf, type OptionValues, parseOptions } from "./options.ts";
import { progress, showDuration } from "./progress.ts";
import { DATA } from "./registry.ts";
import type { Verb } from "./verb.ts";

const options = {
  quick: { type: "flag", about: "minutes on a CPU; the default" },
  full: { type: "flag", about: "the scale of the paper, for a GPU" },
  data: {
    type: "text",
    default: "fashion-mnist",
    choices: Object.keys(DATA),
    about: "images to learn from",
  },
  folder: { type: "text", value: "DIR", about: "where the files of the data set are" },
  ...backendOptions,
  out: { type: "text", value: "DIR", default: "runs/lab", about: "where results are kept" },
  again: { type: "text", value: "HASH", about: "run the arm of this hash again, and compare" },
  json: { type: "flag", about: "print only one line of JSON, at the end" },
} as const;

const ABOUT = "Run an experiment on residual learning, or all; write a report";

/** The verb `lab`. */
export const labVerb: Verb = {
  about: ABOUT,
  help: () => {
    const width = Math.max(...experiments.map(({ name }) => name.length));
    const rows = experiments.map(({ name, title, minutes }) =>
      `  ${name.padEnd(width)}  ${title} (quick: about ${minutes} min)`
    );
    return [
      helpOf("lab EXPERIMENT", ABOUT, options),
      "",
      "Experiments:",
      ...rows,
      `  ${"all".padEnd(width)}  All of these`,
    ].join("\n");
  },
  run: ([name, ...rest]) => run(name, parseOptions(rest, options), rest),
};

async function run(
  name: string | undefined,
  values: OptionValues<typeof options>,
  given: readonly string[],
): Promise<number> {
  const chosen = name === "all"
    ? experiments
    : experiments.filter((experiment) => experiment.name === name);
  if (chosen.length === 0) {
    const known = [...experiments.map(({ name }) => name), "all"].join(", ");
    throw new ArgumentError(
      `Cannot run experiment ${name === undefined ? "without its name" : `"${name}"`}: ` +
        `need one of ${known}`,
    );
  }
  if (values.quick && values.full) {
    throw new ArgumentError("Cannot run with both --quick and --full: need one of them");
  }
  const scale = values.full ? "full" : "quick";
  using bar = progress("lab", values.json);
  const backend = await startBackend(values);
  bar.log(`backend  ${backend.name} (${backend.adapter}): ${backend.reason}`);
  const version = await codeVersion();
  if (values.again !== undefined) await checkAgain(values.again, values.out, version);
  let loaded: Promise<LabData> | undefined;
  const data = () =>
    loaded ??= DATA[values.data]!(values.folder, values.json)
      .then((sets) => ({ name: values.data, ...sets }));
  const abort = new AbortController();
  using interrupts = abortOnInterrupt(abort, bar.log);
  const start = performance.now();
  const entries: Entry[] = [];
  const command = ["deno task cli lab", name, ...given].join(" ");
  const machine =
    `${Deno.build.arch} ${Deno.build.os}, ${navigator.hardwareConcurrency} threads, ` +
    `Deno ${Deno.version.deno}, backend ${backend.name} (${backend.adapter})`;
  const total = chosen.reduce((sum, { minutes }) => sum + minutes, 0);
  let done = 0;
  let report = "";
  try {
    for (const experiment of chosen) {
      const entry = await runExperiment(
        experiment,
        scale,
        bench({
          version,
          backend: backend.name,
          data,
          store: folderStore(values.out),
          signal: abort.signal,
          progress: (share) => bar.update((done + share * experiment.minutes) / total),
          ...values.again === undefined ? {} : { again: values.again },
        }),
      );
      done += experiment.minutes;
      entries.push(entry);
      await writeEntry(values.out, entry);
      report = await writeReport(values.out, experiments, { command, machine });
      bar.log(`${showDuration((performance.now() - start) / 1000)}  ${textOf(entry)}`);
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    bar.log("stopped; the same command goes on where it was");
    return interrupts.exitCode;
  }
  if (values.again !== undefined) {
    if (!entries.some(({ ledger }) => ledger.some(({ hash }) => hash === values.again))) {
      throw new ArgumentError(
        `Cannot run arm ${values.again} again: it is of another experiment, backend, scale or data set`,
      );
    }
    bar.log(`arm ${values.again} gave the same again`);
  }
  const seconds = (performance.now() - start) / 1000;
  bar.end();
  if (values.json) {
    const found = entries.map(({ experiment: { name }, result: { findings } }) => ({
      name,
      verdict: verdictOf(findings),
      findings,
    }));
    console.log(JSON.stringify({ experiments: found, scale, version, seconds, report }));
  } else console.log(`the report is in ${report}`);
  return 0;
}

/** Checks, before anything is run, that the arm to run again is there and of this code. */
async function checkAgain(hash: string, out: string, version: string): Promise<void> {
  const kept = await readJson<{ line: LedgerLine }>(folderStore(out), `arms/${hash}.json`);
  if (!kept) throw new ArgumentError(`Cannot run arm ${hash} again: it is not in "${out}"`);
  const { line } = kept;
  if (line.version === version) return;
  throw new ArgumentError(
    `Cannot run arm ${hash} again: it is of version ${line.version}, and this is ${version}`,
  );
}

function textOf({ experiment: { title }, result: { findings } }: Entry): string {
  const lines = findings.map(({ claim, shown, evidence }) =>
    `  ${shown ? "shown" : "NOT shown"}: ${claim} (${evidence})`
  );
  return [`${title}: ${verdictOf(findings)}`, ...lines].join("\n");
}
