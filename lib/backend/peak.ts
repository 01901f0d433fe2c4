/**
 * What the active backend reaches at most, as measured: multiply-adds and bytes in a second. A GPU is
 * measured by a shader that does nothing else; the CPU by the product of two matrices, the best that
 * its kernels can do.
 *
 * @module
 */

import { addScaled, fill, matMul, scalar } from "../ops.ts";
import { release } from "../ownership.ts";
import { type KernelRun, runKernels } from "./profile.ts";
import { activeGpu } from "./setup.ts";
import type { GuardedBackend } from "./webgpu/backend.ts";

/** The most that was measured; `NaN` where the device has no clock. */
export type Peak = {
  /** Multiply-adds in a second. */
  readonly multiplyAddsPerSecond: number;
  /** Bytes in a second that are read or written. */
  readonly bytesPerSecond: number;
};

/** How often each is measured; the best counts. */
const TRIES = 5;
/** Rows and columns of the matrices. */
const SIDE = 256;
/** Elements of the tensors that are added: more than caches hold. */
const LONG = 2 ** 22;

/** Measures the active backend: some tenths of a second. */
export async function measurePeak(): Promise<Peak> {
  const gpu = activeGpu();
  const [long, square, one] = [fill([LONG], 1), fill([SIDE, SIDE], 1), scalar(1)];
  try {
    return {
      multiplyAddsPerSecond: gpu
        ? await shaderRate(gpu)
        : await best(() => matMul(square, square), ({ multiplyAdds }) => multiplyAdds),
      bytesPerSecond: await best(() => addScaled(long, long, one), ({ bytes }) => bytes),
    };
  } finally {
    release([long, square, one]);
  }
}

/** The highest rate, in a second, of what a function does. */
async function best(f: () => unknown, amount: (run: KernelRun) => number): Promise<number> {
  const rates: number[] = [];
  for (let i = 0; i < TRIES; i++) {
    const { kernels } = await runKernels(f);
    rates.push(...kernels.map((run) => 1000 * amount(run) / run.milliseconds));
  }
  return Math.max(...rates);
}

/** The rate of a shader of multiply-adds alone, of which there are more until it takes a while. */
async function shaderRate(gpu: GuardedBackend): Promise<number> {
  const { peakMultiplyAdds, runPeak } = await import("./webgpu/kernels/peak.ts");
  let rate = 0;
  for (let turns = 64; turns <= 2 ** 15; turns *= 8) {
    const products = peakMultiplyAdds(turns);
    rate = Math.max(rate, await best(() => runPeak(gpu, turns), () => products));
    if (!(products < rate / 200)) break; // five milliseconds
  }
  return rate;
}
