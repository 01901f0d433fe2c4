/**
 * Measures: `deno task bench GROUP [NAME] [--batch N]` prints lines of JSON for each case, and with
 * `--write` puts a table of them in BENCHMARKS.md.
 */

import { parseArgs } from "@std/cli";
import { inference } from "./inference.ts";
import { pipeline } from "./pipeline.ts";
import type { Result } from "./race.ts";
import { section, withSection } from "./table.ts";
import { wasm } from "./wasm.ts";
import { webgpu } from "./webgpu.ts";
import { webgpuKernels } from "./webgpu_kernels.ts";

/** What a group measures, by name; each takes the size of a batch, and gives one line or some. */
type Cases = Readonly<
  Record<string, (batch?: number) => Promise<object | object[]> | AsyncIterable<object>>
>;

const groups = { inference, pipeline, wasm, webgpu, "webgpu-kernels": webgpuKernels } as const;

const { _: [group, name], batch, write } = parseArgs(Deno.args, {
  string: ["_", "batch"],
  boolean: ["write"],
});
const cases: Cases = groups[group as keyof typeof groups] ?? {};
const chosen = name === undefined ? Object.keys(cases) : [String(name)];
const size = batch === undefined ? undefined : Number(batch);
const isSize = size === undefined || Number.isInteger(size) && size > 0;
if (chosen.length === 0 || chosen.some((name) => !(name in cases)) || !isSize) {
  const known = Object.entries(groups)
    .map(([group, cases]) => `  ${group}: ${Object.keys(cases).join(", ")}`);
  console.error(`Usage: deno task bench GROUP [NAME] [--batch N] [--write]\n${known.join("\n")}`);
  Deno.exit(2);
}
const results: object[] = [];
for (const name of chosen) {
  const lines = cases[name]!(size);
  for await (const line of lines instanceof Promise ? [await lines].flat() : lines) {
    console.log(JSON.stringify(line));
    results.push(line);
  }
}
if (write) {
  const file = new URL("../../BENCHMARKS.md", import.meta.url);
  const old = await Deno.readTextFile(file).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  const title = [group, name].filter(Boolean).join(" ");
  const command = ["deno task bench", ...Deno.args].join(" ");
  const races = results.filter((line): line is Result => "peers" in line && "firstMs" in line);
  await Deno.writeTextFile(file, withSection(old, title, section(title, command, races)));
}
