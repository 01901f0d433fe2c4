/**
 * Where the time of a step goes: every kernel with how often it ran, how long it took, what it moved
 * and computed, and how that compares with the most that the machine was measured to do. It prints as
 * a table, and opens in Chrome's tracing or Perfetto as a timeline.
 *
 * @module
 */

import { measurePeak, type Peak } from "../backend/peak.ts";
import { type KernelRun, runKernels } from "../backend/profile.ts";
import { activeBackend } from "../backend/setup.ts";
import { ArgumentError } from "../errors.ts";
import { release } from "../ownership.ts";
import { bytes, type Row, type Shown, shown } from "./table.ts";

export type { KernelRun, Peak };
export type { ProgramRun } from "../backend/profile.ts";

/** Options of {@linkcode profile}. */
export interface ProfileOptions {
  /**
   * How often the function runs before it is looked at, so that nothing is compiled any more; 3 by
   * default, as a compiled step records itself in the first and compares in the second.
   */
  readonly warmUp?: number;
  /** Whether to measure what the machine reaches at most, which takes a moment; true by default. */
  readonly peak?: boolean;
}

/** All runs of one kernel. */
export type KernelTotal = {
  /** Name of the kernel. */
  readonly kernel: string;
  /** How often it was called. */
  readonly calls: number;
  /** Number of programs that it ran on the device. */
  readonly programs: number;
  /** How long it took, in milliseconds; `NaN` if the device cannot tell. */
  readonly milliseconds: number;
  /** Bytes of what it took and gave. */
  readonly bytes: number;
  /** Multiply-adds of convolutions and matrix products. */
  readonly multiplyAdds: number;
};

/** What a function did; `String(profile)` and `console.log` give the table. */
export interface Profile extends Shown {
  /** What did the work, as the driver calls it. */
  readonly adapter: string;
  /** Whether the kernels ran on a device of their own, and not on the host. */
  readonly onDevice: boolean;
  /** How long the function took on the host, in milliseconds. */
  readonly hostMilliseconds: number;
  /** How long the kernels took, in milliseconds; `NaN` if the device cannot tell. */
  readonly milliseconds: number;
  /** Every kernel, in the order in which they were called. */
  readonly kernels: readonly KernelRun[];
  /** The kernels by name, the one that took longest first. */
  readonly totals: readonly KernelTotal[];
  /** The most that was measured, if it was. */
  readonly peak: Peak | null;
  /** Gives the timeline as JSON: the array of events that chrome://tracing and Perfetto read. */
  trace(): string;
}

/**
 * Runs a function, lets go of what it gives, and tells what it did on the active backend. On WebGPU
 * each program is timed by the device, which runs them one after the other for it; a replay of a
 * compiled step is looked into as well. On the CPU each kernel is timed by the clock.
 *
 * @throws {ArgumentError} If `warmUp` is not an integer of at least 0.
 *
 * @example What a dense layer does
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, evalMode, key, ones, setup } from "@fplusx/nn";
 * import { profile } from "@fplusx/nn/inspect";
 *
 * await setup({ backend: "cpu" });
 * const layer = dense(10, { bias: false });
 * const variables = layer.init(key(0), [32, 100]);
 * const x = ones([32, 100]);
 * const { totals, text } = await profile(() => layer.apply(variables, x, evalMode)[0]);
 * const product = totals.find(({ kernel }) => kernel === "BatchMatMul")!;
 * assertEquals(product.multiplyAdds, 32 * 100 * 10);
 * console.log(text);
 * ```
 */
export async function profile(f: () => unknown, options: ProfileOptions = {}): Promise<Profile> {
  const { warmUp = 3, peak: measures = true } = options;
  if (!Number.isInteger(warmUp) || warmUp < 0) {
    throw new ArgumentError(`Cannot profile after ${warmUp} runs: need an integer of at least 0`);
  }
  for (let i = 0; i < warmUp; i++) {
    const result = await f();
    if (typeof result === "object" && result !== null) release(result);
  }
  const { kernels, hostMilliseconds } = await runKernels(f);
  const { adapter, name } = activeBackend();
  const peak = measures ? await measurePeak() : null;
  const totals = totalsOf(kernels);
  const all = sum("all kernels", totals, totals.reduce((calls, total) => calls + total.calls, 0));
  const onDevice = name === "webgpu";
  const { milliseconds } = all;
  const what = { adapter, onDevice, hostMilliseconds, milliseconds, kernels, totals, peak };
  return shown({ ...what, trace: () => JSON.stringify(eventsOf(what)) }, {
    headings: HEADINGS,
    texts: 1,
    rows: totals.map((total) => rowOf(total, milliseconds, peak)),
    total: rowOf(all, milliseconds, peak),
    notes: notesOf(what),
  });
}

function totalsOf(kernels: readonly KernelRun[]): KernelTotal[] {
  const groups = Map.groupBy(kernels, ({ kernel }) => kernel);
  return [...groups]
    .map(([kernel, runs]) =>
      sum(kernel, runs.map((run) => ({ ...run, programs: run.programs.length })), runs.length)
    )
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

function sum(
  kernel: string,
  parts: readonly Omit<KernelTotal, "kernel" | "calls">[],
  calls: number,
): KernelTotal {
  const of = (name: keyof typeof parts[number]) =>
    parts.reduce((sum, { [name]: value }) => sum + value, 0);
  return {
    kernel,
    calls,
    programs: of("programs"),
    milliseconds: of("milliseconds"),
    bytes: of("bytes"),
    multiplyAdds: of("multiplyAdds"),
  };
}

const HEADINGS: Row = [
  "kernel",
  "calls",
  "programs",
  "ms",
  "share",
  "moved",
  "GB/s",
  "GFLOP",
  "GFLOP/s",
  "of peak",
];

function rowOf(total: KernelTotal, all: number, peak: Peak | null): Row {
  const { kernel, calls, programs, milliseconds, multiplyAdds } = total;
  const rate = (amount: number) => 1000 * amount / milliseconds;
  const shares = [
    rate(multiplyAdds) / (peak?.multiplyAddsPerSecond ?? NaN),
    rate(total.bytes) / (peak?.bytesPerSecond ?? NaN),
  ];
  const products = (value: number) => multiplyAdds === 0 ? "" : number(value / 1e9);
  return [
    kernel,
    String(calls),
    String(programs),
    number(milliseconds),
    percent(milliseconds / all),
    bytes(total.bytes),
    number(rate(total.bytes) / 1e9),
    products(2 * multiplyAdds),
    products(rate(2 * multiplyAdds)),
    percent(Math.max(...shares)),
  ];
}

/** Three digits at least; nothing where there is no number. */
function number(value: number): string {
  if (!Number.isFinite(value)) return "";
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

const percent = (share: number) => Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "";

type Told = Omit<Profile, keyof Shown | "trace">;

function notesOf({ adapter, onDevice, hostMilliseconds, milliseconds, peak }: Told): string[] {
  const host = `${number(hostMilliseconds)} ms on the host`;
  const device = Number.isNaN(milliseconds) ? "an unknown time" : `${number(milliseconds)} ms`;
  return [
    onDevice ? `${host}, ${device} on ${adapter}` : `${host}, ${device} of them in kernels`,
    ...peak === null ? [] : [
      `at most ${number(2 * peak.multiplyAddsPerSecond / 1e9)} GFLOP/s and ` +
      `${number(peak.bytesPerSecond / 1e9)} GB/s were measured; "of peak" is the larger share`,
    ],
  ];
}

/** An event of the trace; times are in microseconds. */
type TraceEvent = {
  readonly name: string;
  readonly ph: "M" | "X";
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, string | number>>;
  readonly cat?: string;
  readonly ts?: number;
  readonly dur?: number;
};

/** The tracks of the timeline. */
const [HOST, DEVICE] = [1, 2];

function eventsOf({ adapter, onDevice, kernels }: Told): TraceEvent[] {
  const track = (tid: number, name: string): TraceEvent => ({
    name: "thread_name",
    ph: "M",
    pid: 1,
    tid,
    args: { name },
  });
  const complete = { ph: "X", pid: 1 } as const;
  const calls = kernels.filter(({ start }) => Number.isFinite(start));
  // The clocks differ: the first program is put where its kernel was called.
  const first = kernels.find(({ programs }) => programs.length > 0)?.start ?? 0;
  const offset = Number.isFinite(first) ? first : 0;
  return [
    track(HOST, onDevice ? "host" : adapter),
    ...onDevice ? [track(DEVICE, adapter)] : [],
    ...calls.map(({ kernel, start, hostMilliseconds, bytes, multiplyAdds }) => ({
      ...complete,
      name: kernel,
      cat: "kernel",
      tid: HOST,
      ts: 1000 * start,
      dur: 1000 * hostMilliseconds,
      args: { bytes, multiplyAdds },
    })),
    ...kernels.flatMap(({ kernel, programs }) =>
      programs.filter(({ start }) => Number.isFinite(start)).map((run) => ({
        ...complete,
        name: run.program,
        cat: "program",
        tid: DEVICE,
        ts: 1000 * (offset + run.start),
        dur: 1000 * run.milliseconds,
        args: { kernel },
      }))
    ),
  ];
}
