/**
 * A GPU device of our own: the adapter's highest useful limits, the features that kernels want, and
 * a watch over it. WebGPU reports faults to no one in particular: after a failed allocation or the
 * loss of the device every call still succeeds and every result is garbage. The watch remembers the
 * first fault, and the next read or step throws it.
 *
 * @module
 */

import { BackendError, DeviceLostError, type FplusxError, OutOfMemoryError } from "../../errors.ts";

/** What kernels make use of, where the adapter has it. */
const WANTED = ["shader-f16", "subgroups", "timestamp-query"] as const;
/** The limits that a computation can hit, asked for at the most that the adapter offers. */
const RAISED = [
  "maxBufferSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
] as const;

/** Names a GPU and tells whether it is one: a software adapter runs shaders on the CPU. */
export interface AdapterDescription {
  /** What the driver calls the adapter. */
  readonly adapter: string;
  /** Whether the CPU does the work. */
  readonly software: boolean;
}

/** Gives the adapter of highest performance, or `null` when the machine offers none. */
export async function requestAdapter(): Promise<GPUAdapter | null> {
  return await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }) ?? null;
}

/** Names the adapter, and tells whether it is software. */
export function describeAdapter(info: GPUAdapterInfo): AdapterDescription {
  const adapter = info.description || [info.vendor, info.architecture].filter(Boolean).join(" ") ||
    "unnamed adapter";
  const software = info.isFallbackAdapter ||
    /llvmpipe|lavapipe|swiftshader|basic render/i.test(adapter);
  return { adapter, software };
}

/** Opens a device with the wanted features that the adapter has, and with those that are required. */
export async function openDevice(
  adapter: GPUAdapter,
  required: readonly string[] = [],
): Promise<GPUDevice> {
  const wanted = WANTED.filter((feature) => adapter.features.has(feature));
  return await adapter.requestDevice({
    requiredFeatures: [...new Set([...wanted, ...required])] as GPUFeatureName[],
    requiredLimits: Object.fromEntries(RAISED.map((limit) => [limit, adapter.limits[limit]])),
  });
}

/** A watch over a device. */
export interface DeviceWatch {
  /** Whether the device was lost, and with it every tensor on it. */
  readonly lost: boolean;
  /**
   * Throws the first fault since the last call.
   *
   * @throws {DeviceLostError} If the device was lost, then and ever after.
   * @throws {OutOfMemoryError} If the device had no memory left.
   * @throws {BackendError} If the device reported another error, as of a shader that does not compile.
   */
  check(): void;
  /**
   * Takes note of a fault that will turn out, or not. It says more than the faults that follow from it,
   * so until then no other is thrown, but for the loss of the device.
   */
  expect(fault: Promise<FplusxError | undefined>): void;
  /** Waits for all that is expected. */
  settled(): Promise<unknown>;
}

/** Watches a device from now on. */
export function watchDevice(device: GPUDevice, adapter: string): DeviceWatch {
  let loss: DeviceLostError | undefined;
  let fault: FplusxError | undefined;
  const expected = new Set<Promise<void>>();
  device.lost.then(({ reason, message }) => {
    loss = new DeviceLostError(
      `Cannot go on with the GPU "${adapter}": the device was lost (${reason}: ${message}); ` +
        "call setup() again and resume from the last checkpoint",
    );
  });
  device.addEventListener("uncapturederror", (event) => {
    const { error } = event as GPUUncapturedErrorEvent;
    const reason = `Cannot trust results of the GPU "${adapter}": ${error.message}`;
    fault ??= error instanceof GPUOutOfMemoryError
      ? new OutOfMemoryError(reason)
      : new BackendError(reason);
  });
  return {
    get lost() {
      return loss !== undefined;
    },
    check() {
      if (loss !== undefined) throw loss;
      if (fault === undefined || expected.size > 0) return;
      const found = fault;
      fault = undefined;
      throw found;
    },
    expect(later) {
      const noted = later.catch(() => undefined).then((found) => {
        expected.delete(noted);
        fault = found ?? fault;
      });
      expected.add(noted);
    },
    settled: () => Promise.all(expected),
  };
}

/**
 * Checks that a buffer is not larger than the device allows: WebGPU would give one that is no good.
 *
 * @throws {OutOfMemoryError} If it is.
 */
export function assertFits(size: number, usage: number, limits: GPUSupportedLimits): void {
  const most = usage & GPUBufferUsage.STORAGE
    ? Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize)
    : limits.maxBufferSize;
  if (size <= most) return;
  throw new OutOfMemoryError(
    `Cannot allocate ${size} bytes for one tensor: the GPU allows at most ${most}; ` +
      "a smaller batch needs less",
  );
}
