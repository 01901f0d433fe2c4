/** Measures: `deno task bench GROUP [NAME] [--batch N]` prints a line of JSON for each case. */

import { parseArgs } from "@std/cli";
import { pipeline } from "./pipeline.ts";
import { wasm } from "./wasm.ts";

const groups = { pipeline, wasm } as const;

const { _: [group, name], batch } = parseArgs(Deno.args, { string: ["_", "batch"] });
const cases = groups[group as keyof typeof groups] ?? {};
const chosen = name === undefined ? Object.keys(cases) : [String(name)];
const size = batch === undefined ? undefined : Number(batch);
const isSize = size === undefined || Number.isInteger(size) && size > 0;
if (chosen.length === 0 || chosen.some((name) => !(name in cases)) || !isSize) {
  const known = Object.entries(groups)
    .map(([group, cases]) => `  ${group}: ${Object.keys(cases).join(", ")}`);
  console.error(`Usage: deno task bench GROUP [NAME] [--batch N]\n${known.join("\n")}`);
  Deno.exit(2);
}
for (const name of chosen) console.log(JSON.stringify(await cases[name]!(size)));
