/**
 * What the active backend does while a function runs: every kernel with the time that it takes, on the
 * device where there is one that can tell.
 *
 * @module
 */

import { release } from "../ownership.ts";
import { type KernelCall, watchKernels } from "./kernel_calls.ts";
import { activeGpu } from "./setup.ts";

/** A program that the device ran. */
export type ProgramRun = {
  /** Name of the program. */
  readonly program: string;
  /** When it began, in milliseconds after the first one; `NaN` if the device cannot tell. */
  readonly start: number;
  /** How long it took, in milliseconds; `NaN` if the device cannot tell. */
  readonly milliseconds: number;
};

/** A kernel that was run. */
export type KernelRun = {
  /** Name of the kernel. */
  readonly kernel: string;
  /** When it was called, in milliseconds after the function; `NaN` if it was in a recorded step. */
  readonly start: number;
  /** How long the host was in it, in milliseconds. */
  readonly hostMilliseconds: number;
  /** How long it took, in milliseconds: on the device, where there is one; `NaN` if it cannot tell. */
  readonly milliseconds: number;
  /** Bytes of what it took and gave; 0 where values stay where they are. */
  readonly bytes: number;
  /** Multiply-adds of convolutions and matrix products; 0 for all else. */
  readonly multiplyAdds: number;
  /** The programs that it ran on the device. */
  readonly programs: readonly ProgramRun[];
};

/** Runs a function, lets go of what it gives, and tells of the kernels that it ran, in their order. */
export async function runKernels(
  f: () => unknown,
): Promise<{ readonly kernels: readonly KernelRun[]; readonly hostMilliseconds: number }> {
  const gpu = activeGpu();
  const timing = gpu && await import("./webgpu/timed.ts");
  const watch = watchKernels();
  const stop = timing?.timeDispatches(gpu!, (group) => watch.current ?? timing.recordedCall(group));
  const begin = performance.now();
  let hostMilliseconds = 0;
  let programs = new Map<KernelCall, ProgramRun[]>();
  try {
    const result = await f();
    hostMilliseconds = performance.now() - begin;
    if (typeof result === "object" && result !== null) release(result);
  } finally {
    watch.stop();
    programs = Map.groupBy(await stop?.() ?? [], ({ during }) => during ?? ELSEWHERE);
  }
  const now = new Set(watch.calls); // the others were made when a step was recorded
  const calls = new Set([...now, ...programs.keys()]);
  return {
    hostMilliseconds,
    kernels: [...calls].map((call) => {
      const { kernel, bytes, multiplyAdds } = call;
      const hostMilliseconds = now.has(call) ? call.milliseconds : 0;
      const own = (programs.get(call) ?? [])
        .map(({ program, start, milliseconds }) => ({ program, start, milliseconds }));
      return {
        kernel,
        start: now.has(call) ? call.start - begin : NaN,
        bytes: gpu && own.length === 0 ? 0 : bytes,
        multiplyAdds,
        hostMilliseconds,
        milliseconds: gpu
          ? own.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
          : hostMilliseconds,
        programs: own,
      };
    }),
  };
}

/** What a program belongs to that no kernel ran. */
const ELSEWHERE: KernelCall = {
  kernel: "elsewhere",
  start: NaN,
  milliseconds: 0,
  bytes: 0,
  multiplyAdds: 0,
};
