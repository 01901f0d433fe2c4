/**
 * The time of each dispatch on the device. However a dispatch comes about (by tfjs, by our kernels or by
 * a replay), it is encoded in a compute pass; while they are timed, each gets a pass of its own, with
 * a timestamp before and after.
 *
 * @module
 */

import type { GuardedBackend } from "./backend.ts";
import { flush, programOf } from "./dispatch.ts";
import { recordedCall } from "./record_program.ts";

export { recordedCall };

/** A dispatch. */
export interface TimedDispatch<T> {
  /** The program. */
  readonly program: string;
  /** What was under way when it was encoded. */
  readonly during: T;
  /** When the device began with it, in milliseconds after the first; `NaN` if the device cannot tell. */
  readonly start: number;
  /** How long it took, in milliseconds; `NaN` if the device cannot tell. */
  readonly milliseconds: number;
}

/** Timestamps in a query set, the most that is allowed. */
const STAMPS = 4096;

/** Times all dispatches from now on, until the function that it gives is called. */
export function timeDispatches<T>(
  backend: GuardedBackend,
  during: (group: GPUBindGroup) => T,
): () => Promise<TimedDispatch<T>[]> {
  flush(backend);
  const { device } = backend;
  const encoded: { program: string; during: T }[] = [];
  const sets: GPUQuerySet[] = [];
  const timed = device.features.has("timestamp-query");

  /** Notes a dispatch, and gives what times its pass. */
  function next(
    pipeline: GPUComputePipeline,
    group: GPUBindGroup,
  ): GPUComputePassDescriptor {
    const at = 2 * encoded.length;
    encoded.push({ program: programOf(pipeline)?.name ?? pipeline.label, during: during(group) });
    if (!timed) return {};
    if (at % STAMPS === 0) sets.push(device.createQuerySet({ type: "timestamp", count: STAMPS }));
    return {
      timestampWrites: {
        querySet: sets.at(-1)!,
        beginningOfPassWriteIndex: at % STAMPS,
        endOfPassWriteIndex: at % STAMPS + 1,
      },
    };
  }

  /** A pass that is one for each dispatch. */
  function split(encoder: GPUCommandEncoder) {
    let pipeline: GPUComputePipeline;
    let group: GPUBindGroup;
    return {
      setPipeline: (other: GPUComputePipeline) => pipeline = other,
      setBindGroup: (_: number, other: GPUBindGroup) => group = other,
      dispatchWorkgroups: (...groups: [number, number, number]) => {
        const pass = encoder.beginComputePass(next(pipeline, group));
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...groups);
        pass.end();
      },
      end: () => {},
    };
  }

  // Not on the device itself, where a recording puts its own.
  const create = GPUDevice.prototype.createCommandEncoder;
  GPUDevice.prototype.createCommandEncoder = function (...given) {
    const encoder = create.apply(this, given);
    if (this !== device) return encoder;
    return new Proxy(encoder, {
      get(_, name) {
        if (name === "beginComputePass") return () => split(encoder);
        const value: unknown = Reflect.get(encoder, name, encoder);
        return typeof value === "function" ? value.bind(encoder) : value;
      },
    });
  };

  return async () => {
    flush(backend);
    GPUDevice.prototype.createCommandEncoder = create;
    const stamps = await readStamps(device, sets, 2 * encoded.length);
    const first = stamps[0] ?? 0n;
    return encoded.map((dispatch, i) => ({
      ...dispatch,
      start: timed ? Number(stamps[2 * i]! - first) / 1e6 : NaN,
      milliseconds: timed ? Number(stamps[2 * i + 1]! - stamps[2 * i]!) / 1e6 : NaN,
    }));
  };
}

/** Reads timestamps, in nanoseconds. */
async function readStamps(
  device: GPUDevice,
  sets: readonly GPUQuerySet[],
  count: number,
): Promise<bigint[]> {
  const size = Math.max(8, 8 * count);
  const resolved = device.createBuffer({
    size: 8 * STAMPS * Math.max(1, sets.length),
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  });
  const staged = device.createBuffer({
    size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  sets.forEach((set, i) => {
    const used = Math.min(STAMPS, count - i * STAMPS);
    encoder.resolveQuerySet(set, 0, used, resolved, 8 * STAMPS * i);
  });
  encoder.copyBufferToBuffer(resolved, 0, staged, 0, size);
  device.queue.submit([encoder.finish()]);
  try {
    await staged.mapAsync(GPUMapMode.READ);
    return [...new BigUint64Array(staged.getMappedRange())];
  } finally {
    for (const used of [resolved, staged, ...sets]) used.destroy();
  }
}
