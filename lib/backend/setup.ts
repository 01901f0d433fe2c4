/**
 * Choosing where tensors live. `setup` starts one of three backends and makes it the active one:
 * `webgpu` on a device of our own, `wasm` where there is no GPU, and `cpu`, the slow reference that
 * the others are measured by. Each is loaded when it is first asked for, answers a numeric
 * self-test, and is described in the same words.
 *
 * @module
 */

import { BackendError, FplusxError } from "../errors.ts";
import { tf } from "../tfjs.ts";
import { type Candidate, cpu, gpuBackend, wasm, webgpu } from "./candidates.ts";
import { registerGradients } from "./gradients.ts";
import { selfTest } from "./self_test.ts";
import type { GuardedBackend } from "./webgpu/backend.ts";
import { describeAdapter, requestAdapter } from "./webgpu/device.ts";

/** The backends by name. */
export type BackendName = "webgpu" | "wasm" | "cpu";

/** What a backend must have; without it {@linkcode setup} throws instead of settling for less. */
export interface BackendRequirements {
  /** Needs a real GPU: neither `wasm` nor `cpu` nor a software adapter will do. */
  readonly hardware?: boolean;
  /** WebGPU features that the device must have, such as `"shader-f16"`. */
  readonly features?: readonly string[];
  /** WebGPU limits that the device must reach, such as `{ maxBufferSize: 2 ** 30 }`. */
  readonly limits?: Readonly<Record<string, number>>;
}

/** Options of {@linkcode setup}. */
export interface SetupOptions {
  /**
   * The backend to use. `"auto"`, the default, takes WebGPU where there is a hardware adapter and
   * WASM elsewhere: on a software adapter WASM is many times faster.
   */
  readonly backend?: "auto" | BackendName;
  /** A device to share with other code, instead of one of our own; implies `"webgpu"`. */
  readonly device?: GPUDevice;
  /**
   * How many threads `wasm` computes on, 1 by default; fixed when it first starts. More than there are
   * idle cores do no good. The number changes no result.
   */
  readonly threads?: number;
  /** What the backend must have; nothing by default. */
  readonly require?: BackendRequirements;
}

/** What {@linkcode setup} gives: the backend that is active, in words. */
export interface Backend {
  /** The backend. */
  readonly name: BackendName;
  /** What does the work, as the driver calls it. */
  readonly adapter: string;
  /** Whether the CPU does the work: always but for `webgpu` on a real GPU. */
  readonly software: boolean;
  /** Number of threads that the CPU works with under `wasm`; 1 for the others. */
  readonly threads: number;
  /** WebGPU features of the device; none for the others. */
  readonly features: readonly string[];
  /** Why this backend and no other, in a few words. */
  readonly reason: string;
}

let active: Backend | undefined;
let turn: Promise<unknown> = Promise.resolve();
const candidates = { cpu, wasm, webgpu };
const trusted = new WeakSet<object>();

registerGradients();

// tfjs would pick a backend by itself, and not one of those set up here.
Object.assign(tf.engine(), {
  initializeBackendsAndReturnBest() {
    throw new BackendError(
      "Cannot compute: no backend was set up; call `await setup()` before the first tensor is made",
    );
  },
});

/**
 * Starts a backend and makes it the active one. Further calls are cheap, switch backends, and wait
 * for each other; a tensor stays on the backend it was made on. A call that throws changes nothing.
 *
 * @throws {BackendError} If the backend cannot start, fails its self-test, or lacks what is required.
 * @throws {ArgumentError} If `threads` is not a positive integer.
 *
 * @example The fastest that the machine has
 * ```ts
 * import { assert } from "@std/assert";
 * import { setup } from "@fplusx/nn";
 *
 * const { name, adapter } = await setup();
 * assert(name === "webgpu" || name === "wasm");
 * assert(adapter.length > 0);
 * ```
 *
 * @example A GPU or nothing
 * ```ts
 * import { assert } from "@std/assert";
 * import { BackendError, setup } from "@fplusx/nn";
 *
 * try {
 *   const { software } = await setup({ backend: "webgpu", require: { hardware: true } });
 *   assert(!software);
 * } catch (error) {
 *   assert(error instanceof BackendError);
 * }
 * ```
 */
export function setup(options: SetupOptions = {}): Promise<Backend> {
  const result = turn.then(() => choose(options));
  turn = result.catch(() => {});
  return result;
}

/**
 * Gives the backend that is active.
 *
 * @throws {BackendError} If {@linkcode setup} was not called.
 *
 * @example After setting up
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { activeBackend, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * assertEquals(activeBackend().name, "cpu");
 * ```
 */
export function activeBackend(): Backend {
  if (active !== undefined) return active;
  throw new BackendError("Cannot tell the backend: none was set up");
}

/** Gives the backend that is active, if it is the one on a GPU. */
export function activeGpu(): GuardedBackend | undefined {
  return activeBackend().name === "webgpu" ? gpuBackend() : undefined;
}

/**
 * Throws what went wrong on the device since the last call, if anything did. A GPU that was lost
 * computes on without a word, and only this and reading a tensor tell; the training loop calls it
 * after every step.
 *
 * @throws {DeviceLostError} If the GPU device was lost.
 * @throws {OutOfMemoryError} If the GPU had no memory left.
 * @throws {BackendError} If the GPU reported another error.
 *
 * @example In a loop of your own
 * ```ts
 * import { assertDevice, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * assertDevice(); // the CPU is never lost
 * ```
 */
export function assertDevice(): void {
  if (active?.name === "webgpu") gpuBackend()?.watch.check();
}

async function choose(options: SetupOptions): Promise<Backend> {
  const { device, backend = device === undefined ? "auto" : "webgpu" } = options;
  if (device !== undefined && backend !== "webgpu") {
    throw new BackendError(`Cannot start ${backend} on a GPU device: need backend "webgpu"`);
  }
  if (backend !== "auto") return await start(backend, "asked for", options);
  const adapter = await requestAdapter();
  if (options.require?.hardware) return await start("webgpu", "hardware is required", options);
  if (adapter === null) return await start("wasm", "there is no WebGPU adapter", options);
  const { adapter: name, software } = describeAdapter(adapter.info);
  if (software) return await start("wasm", `the WebGPU adapter "${name}" is software`, options);
  try {
    return await start("webgpu", "there is a hardware adapter", options);
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return await start("wasm", error.reason, options);
  }
}

async function start(name: BackendName, reason: string, options: SetupOptions): Promise<Backend> {
  const candidate = await candidates[name](options);
  assertMeets(name, candidate, options.require);
  const { adapter, software, threads } = candidate;
  try {
    const features = await candidate.load();
    if (!await tf.setBackend(name)) throw new Error("its initialization failed");
    if (!trusted.has(tf.backend())) await selfTest(name, adapter);
    trusted.add(tf.backend());
    return active = Object.freeze({ name, adapter, software, threads, features, reason });
  } catch (error) {
    if (active !== undefined) await tf.setBackend(active.name);
    if (error instanceof FplusxError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new BackendError(`Cannot start ${name}: ${what}`, { cause: error });
  }
}

function assertMeets(
  name: BackendName,
  offer: Candidate,
  required: BackendRequirements = {},
): void {
  const { hardware = false, features = [], limits = {} } = required;
  const refuse = (what: string): never => {
    throw new BackendError(`Cannot start ${name}: ${what}`);
  };
  const where = `"${offer.adapter}"`;
  if (hardware && offer.software) refuse(`hardware is required, and ${where} runs on the CPU`);
  const offered = new Set(offer.features);
  const missing = features.filter((feature) => !offered.has(feature));
  if (missing.length > 0) refuse(`${where} lacks the required ${missing.join(", ")}`);
  for (const [limit, least] of Object.entries(limits)) {
    const most = (offer.limits as Readonly<Record<string, number>>)[limit] ?? 0;
    if (!(most >= least)) refuse(`${limit} of ${least} is required, and ${where} has ${most}`);
  }
}
