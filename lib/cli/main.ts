/**
 * The command line: `deno task cli VERB [options]`. Results go to standard output and everything
 * else to standard error; the exit code is 0 for success, 1 for a failure, 2 for a mistake in the
 * arguments, 130 after Ctrl-C, 143 after a polite kill.
 *
 * @module
 */

import { ArgumentError, FplusxError } from "../errors.ts";
import { benchVerb } from "./bench.ts";
import { dataVerb } from "./data.ts";
import { evaluateVerb } from "./evaluate.ts";
import { exportVerb } from "./export.ts";
import { labVerb } from "./lab.ts";
import { predictVerb } from "./predict.ts";
import { recipesVerb } from "./recipes.ts";
import { reportVerb } from "./report.ts";
import { summaryVerb } from "./summary.ts";
import { trainVerb } from "./train.ts";
import { lrFindVerb } from "./lr_find.ts";
import type { Verb } from "./verb.ts";

const VERBS: Readonly<Record<string, Verb>> = {
  train: trainVerb,
  evaluate: evaluateVerb,
  predict: predictVerb,
  export: exportVerb,
  report: reportVerb,
  recipes: recipesVerb,
  "lr-find": lrFindVerb,
  summary: summaryVerb,
  bench: benchVerb,
  data: dataVerb,
  lab: labVerb,
};

function help(): string {
  const rows = Object.entries(VERBS).map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`);
  return [
    "fplusx: residual networks as pure functions",
    "",
    "Usage: deno task cli VERB [options]",
    "",
    ...rows,
    "",
    "deno task cli VERB --help tells the options of a verb.",
  ].join("\n");
}

/**
 * Runs the command line.
 *
 * @param args The verb and its options.
 * @returns The exit code.
 *
 * @example Asking for help
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { main } from "@fplusx/nn/cli";
 *
 * assertEquals(await main(["--help"]), 0);
 * ```
 */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "help") {
    console.log(help());
    return name === undefined ? 2 : 0;
  }
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name]! : undefined;
  try {
    if (verb === undefined) {
      const known = Object.keys(VERBS).join(", ");
      throw new ArgumentError(`Cannot run "${name}": need one of ${known}`);
    }
    if (rest.includes("--help")) {
      console.log(verb.help());
      return 0;
    }
    return await verb.run(rest);
  } catch (error) {
    if (!(error instanceof FplusxError)) throw error;
    console.error(`Error: ${error.message}`);
    return error instanceof ArgumentError ? 2 : 1;
  }
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
