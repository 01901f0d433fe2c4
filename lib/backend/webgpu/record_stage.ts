/**
 * The stage on which a step is recorded. What tfjs and our own kernels reach the device through
 * (command encoder, bindings, the pool of buffers, the queue) is a stand-in meanwhile: nothing is
 * computed, and what is left is a list of dispatches between buffers that have a size and no place
 * yet.
 *
 * @module
 */

import { RecordingError } from "../../errors.ts";
import type { tf } from "../../tfjs.ts";
import { type KernelCall, watchKernels } from "../kernel_calls.ts";
import type { GuardedBackend } from "./backend.ts";
import { assertFits } from "./device.ts";
import { flush } from "./dispatch.ts";
import type { Program } from "./program.ts";
import { Texels } from "./textures.ts";

/** A buffer that has a size and no place; one that the host filled has its bytes. */
export class StandIn {
  /** What the host filled it with. */
  bytes: ArrayBuffer | undefined;
  /** Type of the elements, of a tensor. */
  dtype: tf.DataType | undefined;
  /** Tells tfjs that it can be filled at once. */
  readonly mapState = "mapped";

  /** Makes a stand-in of a size in bytes. */
  constructor(readonly size: number) {}

  /** Gives the bytes to be filled. */
  getMappedRange(): ArrayBuffer {
    return this.bytes = new ArrayBuffer(this.size);
  }

  /** Does nothing: the bytes stay. */
  unmap(): void {}
}

/** A buffer of the recording, or one that was there before. */
export type Buffer = StandIn | GPUBuffer;

/** A run of a shader. */
export interface Dispatch {
  /** The kernel of tfjs or ours that it belongs to. */
  readonly kernel: string;
  /** The call of that kernel. */
  readonly call: KernelCall | undefined;
  /** The compiled shader. */
  readonly pipeline: GPUComputePipeline;
  /** What it is bound to. */
  readonly bindings: readonly (Buffer | Texels<Buffer>)[];
  /** Number of groups of threads along each axis. */
  readonly groups: Program["groups"];
}

/** The buffers that a dispatch is bound to, those that it reads as textures among them. */
export function buffersOf({ bindings }: Dispatch): Buffer[] {
  return bindings.map((bound) => bound instanceof Texels ? bound.buffer : bound);
}

/** A stage that is set: what was done on it, and the way to clear it. */
export interface Stage {
  /** What was done, in order. */
  readonly dispatches: readonly Dispatch[];
  /** The data that were there before and are used, by their buffers. */
  readonly captured: ReadonlyMap<GPUBuffer, object>;
  /** The shapes of what was computed and is still there when the stage is cleared. */
  readonly kept: readonly (readonly number[])[];
  /** Gives the backend back. */
  clear(): void;
}

/** The members of tfjs's backend that it keeps to itself; version 4.22.0 is pinned. */
interface Internals {
  bufferManager: object;
  queue: object;
  sample(texels: Texels<Buffer>): object;
  uploadToGPU(dataId: object): void;
}

const NEEDED = [
  "bufferManager",
  "commandEncoder",
  "computePassEncoder",
  "endComputePassEncoder",
  "makeUniforms",
  "queue",
  "recordAndSubmit",
  "submitQueue",
  "tensorMap",
  "tensorToBinding",
  "uploadToGPU",
] as const;

/** Says why no step can be recorded on a backend, or nothing if one can. */
export function whyNotRecordable(backend: object): string | undefined {
  const missing = NEEDED.filter((name) => !(name in backend));
  if (missing.length === 0) return;
  return `this version of tfjs's WebGPU backend has no ${missing.join(", ")}`;
}

/** Refuses to record a step. */
export function refuse(why: string): never {
  throw new RecordingError(`Cannot record the step: ${why}, which a replay could not do again`);
}

/** Puts stand-ins between the backend and its device. */
export function setStage(backend: GuardedBackend): Stage {
  flush(backend);
  const { device, observer } = backend;
  // Private in the types of tfjs.
  const internals = backend as unknown as Internals;
  const { bufferManager, queue } = internals;
  const dispatches: Dispatch[] = [];
  const captured = new Map<GPUBuffer, object>();
  const kept: number[][] = [];
  /** Data that got a stand-in, with the values that they had on the host. */
  const placed = new Map<object, tf.BackendValues | null | undefined>();
  const watch = watchKernels();
  const kernel = () => watch.current?.kernel ?? "a kernel";

  let pipeline: GPUComputePipeline;
  let bindings: Dispatch["bindings"];
  const pass = {
    setPipeline: (next: GPUComputePipeline) => pipeline = next,
    setBindGroup: (_: number, group: Dispatch["bindings"]) => bindings = group,
    dispatchWorkgroups: (x: number, y = 1, z = 1) =>
      dispatches.push({
        kernel: kernel(),
        call: watch.current,
        pipeline,
        bindings,
        groups: [x, y, z],
      }),
    end: () => {},
  };
  const encoder = {
    beginComputePass: () => pass,
    copyBufferToBuffer: () => refuse(`${kernel()} copies a buffer`),
    finish: () => {},
  };
  const method = (value: unknown) => ({ value, configurable: true });
  Object.defineProperties(device, {
    createCommandEncoder: method(() => encoder),
    createBindGroup: method(({ entries }: GPUBindGroupDescriptor) => [...entries].map(bound)),
  });
  backend.observer = undefined;
  internals.bufferManager = {
    acquireBuffer: (size: number, usage: number) => {
      assertFits(size, usage, device.limits);
      return new StandIn(size);
    },
    releaseBuffer: () => {},
  };
  internals.queue = {
    submit: () => {},
    writeBuffer: (buffer: StandIn, _: number, bytes: ArrayBuffer) => buffer.bytes = bytes,
  };
  internals.sample = (texels) => texels;
  const upload = internals.uploadToGPU;
  internals.uploadToGPU = (dataId) => {
    const data = backend.tensorMap.get(dataId);
    if (data.resource instanceof GPUBuffer) captured.set(data.resource, dataId);
    const isNew = data.resource == null;
    if (isNew) placed.set(dataId, data.values);
    upload.call(backend, dataId);
    if (isNew) Object.assign(data.resource!, { dtype: data.dtype });
  };
  return {
    dispatches,
    captured,
    kept,
    clear() {
      flush(backend);
      watch.stop();
      Object.assign(internals, { bufferManager, queue });
      Reflect.deleteProperty(internals, "sample");
      Reflect.deleteProperty(internals, "uploadToGPU");
      Reflect.deleteProperty(device, "createCommandEncoder");
      Reflect.deleteProperty(device, "createBindGroup");
      backend.observer = observer;
      for (const [dataId, values] of placed) {
        if (!backend.tensorMap.has(dataId)) continue;
        const data = backend.tensorMap.get(dataId);
        Object.assign(data, { resource: null, values });
        if (values == null) kept.push(data.shape);
      }
    },
  };
}

/** What is bound: tfjs wraps real buffers alone, and texels have a buffer too. */
function bound({ resource }: GPUBindGroupEntry): Dispatch["bindings"][number] {
  const what: unknown = !(resource instanceof Texels) && "buffer" in resource
    ? resource.buffer
    : resource;
  const known = [StandIn, GPUBuffer, Texels].some((kind) => what instanceof kind);
  return known ? what as Dispatch["bindings"][number] : refuse("it binds an image");
}
