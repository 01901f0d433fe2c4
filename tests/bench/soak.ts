/** A thousand steps, in which neither tensors nor memory may grow. */

import { assertEquals } from "@std/assert";
import { liveTensors } from "@fplusx/nn";
import { wasmHeapBytes } from "../../lib/backend/wasm/load.ts";
import { start } from "./contenders/fplusx.ts";
import { makeProblem } from "./models.ts";
import { median, type Result, rounded } from "./race.ts";

const STEPS = 1000;
/** By then every buffer that a step needs is there. */
const SETTLED = 50;

/** The result of a soak: what there is at the start and at the end. */
export interface SoakResult extends Result {
  readonly steps: number;
  readonly tensors: readonly [before: number, after: number];
  readonly heapMB: readonly [before: number, after: number];
}

/** Trains the MNIST network, and fails if it holds more at the end than at the start. */
export async function soak(batch: number, backend: string): Promise<SoakResult> {
  const { adapter, step } = await start(makeProblem("mnist", batch), backend);
  const held = () => [liveTensors(), wasmHeapBytes()] as const;
  const timed = async () => {
    const began = performance.now();
    await step();
    return performance.now() - began;
  };
  const firstMs = await timed();
  for (let i = 1; i < SETTLED; i++) await step();
  const before = held();
  const times: number[] = [];
  for (let i = SETTLED; i < STEPS; i++) times.push(await timed());
  const ms = median(times);
  const after = held();
  assertEquals(after, before, "tensors and bytes of the heap");
  return {
    name: "soak",
    backend,
    adapter,
    batch,
    medianMs: rounded(ms),
    firstMs: rounded(firstMs),
    imagesPerSecond: rounded(batch / ms * 1000),
    memoryMB: rounded(Deno.memoryUsage().rss / 1e6),
    peers: {},
    ratios: {},
    steps: STEPS,
    tensors: [before[0], after[0]],
    heapMB: [rounded(before[1] / 1e6), rounded(after[1] / 1e6)],
  };
}
