/**
 * A process in a race: `contender.ts LIBRARY BACKEND`. It reads a problem, and answers each further
 * line with one step: how long it took, its loss, and how much memory the process holds.
 */

import type { Start } from "./contenders/contender.ts";
import { linesOf } from "./lines.ts";
import { decode } from "./problem.ts";
import type { Report } from "./race.ts";

const LIBRARIES: Readonly<Record<string, () => Promise<{ start: Start }>>> = {
  fplusx: () => import("./contenders/fplusx.ts"),
  "jax-js": () => import("./contenders/jax_js.ts"),
  tfjs: () => import("./contenders/tfjs.ts"),
};

const [library, backend] = Deno.args as [string, string];
const lines = linesOf(Deno.stdin.readable as ReadableStream<Uint8Array>);
const problem = decode((await lines.next()).value!);
const { start } = await LIBRARIES[library]!();
const contender = await start(problem, backend);
for await (const _ of lines) {
  const before = performance.now();
  const loss = await contender.step();
  const report: Report = {
    adapter: contender.adapter,
    ms: performance.now() - before,
    loss,
    memoryMB: Deno.memoryUsage().rss / 1e6,
  };
  console.log(JSON.stringify(report));
}
Deno.exit(); // not every library lets a process end
