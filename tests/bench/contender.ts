/**
 * A process in a race: `contender.ts LIBRARY BACKEND THREADS`. It reads a problem, and answers each
 * further line with one step: how long it took, what it computed, and how much memory the process holds.
 */

import type { Start } from "./contenders/contender.ts";
import { decode, linesOf } from "./lines.ts";
import type { Report } from "./race.ts";

/** By what they are called as entrants; which problem goes to which is up to the groups. */
const LIBRARIES: Readonly<Record<string, () => Promise<Start<never>>>> = {
  fplusx: async () => (await import("./contenders/fplusx.ts")).start,
  "fplusx compiled": async () => (await import("./contenders/fplusx.ts")).startCompiled,
  "jax-js": async () => (await import("./contenders/jax_js.ts")).start,
  tfjs: async () => (await import("./contenders/tfjs.ts")).start,
  "tfjs-layers": async () => (await import("./contenders/tfjs_layers.ts")).start,
  "forward fplusx": async () => (await import("./forward/fplusx.ts")).start,
  "forward fplusx folded": async () => (await import("./forward/fplusx.ts")).startFolded,
  "forward jax-js": async () => (await import("./forward/jax_js.ts")).start,
  "forward onnxruntime-web": async () => (await import("./forward/onnxruntime_web.ts")).start,
  "forward tfjs-layers": async () => (await import("./forward/tfjs_layers.ts")).start,
};

const [library, backend, threads] = Deno.args as [string, string, string];
const lines = linesOf(Deno.stdin.readable as ReadableStream<Uint8Array>);
const problem = decode<never>((await lines.next()).value!);
const start = await LIBRARIES[library]!();
const contender = await start(problem, backend, Number(threads));
for await (const _ of lines) {
  const before = performance.now();
  const values = await contender.step();
  const report: Report = {
    adapter: contender.adapter,
    ms: performance.now() - before,
    values,
    memoryMB: Deno.memoryUsage().rss / 1e6,
    ...contender.gpuMB !== undefined && { gpuMB: contender.gpuMB() },
  };
  console.log(JSON.stringify(report));
}
Deno.exit(); // not every library lets a process end
