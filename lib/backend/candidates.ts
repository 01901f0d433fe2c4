/**
 * The three backends before they run: what each offers, and how it is loaded. Nothing is loaded
 * until it is asked for, so that a program pays for the backend it uses and no other.
 *
 * @module
 */

import { BackendError } from "../errors.ts";
import type { SetupOptions } from "./setup.ts";
import type { GuardedBackend } from "./webgpu/backend.ts";
import {
  type AdapterDescription,
  describeAdapter,
  openDevice,
  requestAdapter,
} from "./webgpu/device.ts";

/** A backend that could be started. */
export interface Candidate extends AdapterDescription {
  /** Number of CPU threads it computes on. */
  readonly threads: number;
  /** WebGPU features it offers. */
  readonly features: Iterable<string>;
  /** WebGPU limits it offers. */
  readonly limits: Readonly<Record<string, number>> | GPUSupportedLimits;
  /** Registers it with tfjs, and gives the features that it then has. */
  load(): Promise<readonly string[]>;
}

let wasmThreads: number | undefined;
let gpu: { readonly backend: GuardedBackend; readonly device: GPUDevice } | undefined;

/** The reference: plain JavaScript. */
export function cpu(): Candidate {
  return {
    adapter: "JavaScript",
    software: true,
    threads: 1,
    features: [],
    limits: {},
    async load() {
      const { installKernels } = await import("./cpu/kernels.ts");
      installKernels();
      return [];
    },
  };
}

/** The default where there is no GPU. */
export function wasm({ threads = wasmThreads ?? 1 }: SetupOptions): Candidate {
  if (wasmThreads !== undefined && threads !== wasmThreads) {
    throw new BackendError(
      `Cannot run wasm on ${threads} threads: it was started on ${wasmThreads}, and that is fixed`,
    );
  }
  return {
    adapter: "WebAssembly SIMD",
    software: true,
    threads,
    features: [],
    limits: {},
    async load() {
      const { registerWasm } = await import("./wasm/load.ts");
      registerWasm({ threads });
      wasmThreads = threads;
      return [];
    },
  };
}

/** A GPU: the device given, else the one in use while it lives, else a new one. */
export async function webgpu({ device, require = {} }: SetupOptions): Promise<Candidate> {
  const current = gpu !== undefined && !gpu.backend.watch.lost &&
      (device === undefined || device === gpu.device)
    ? gpu
    : undefined;
  const source = current?.device ?? device ?? await requestAdapter();
  if (source === null) throw missingAdapter();
  // The information has to be read before a device is made of the adapter.
  const info = "adapterInfo" in source ? source.adapterInfo : source.info;
  return {
    ...describeAdapter(info),
    threads: 1,
    features: source.features,
    limits: source.limits,
    async load() {
      if (current === undefined) {
        const device = "queue" in source ? source : await openDevice(source, require.features);
        const { registerWebgpu } = await import("./webgpu/backend.ts");
        gpu = { device, backend: registerWebgpu(device, info) };
      }
      return [...gpu!.device.features].sort();
    },
  };
}

function missingAdapter(): BackendError {
  const what = navigator.gpu === undefined
    ? "this runtime has no WebGPU"
    : "there is no WebGPU adapter";
  return new BackendError(
    `Cannot start webgpu: ${what}; install a driver (on Debian and Ubuntu mesa-vulkan-drivers has ` +
      "one for the CPU as well), or name another API in the environment variable " +
      'DENO_WEBGPU_BACKEND (vulkan, metal, dx12, gl), or take backend "wasm", which needs neither',
  );
}

/** The backend on the GPU in use. */
export const gpuBackend = (): GuardedBackend | undefined => gpu?.backend;
