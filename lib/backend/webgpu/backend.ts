/**
 * tfjs's WebGPU backend on a device of ours, with a guard around what leaves it: a read first asks
 * the watch whether the values can be trusted, what cannot fit is refused before it is submitted,
 * and a tensor may be let go while it is being read.
 *
 * @module
 */

import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { BackendError, showShape } from "../../errors.ts";
import { nextTurn } from "../../next_turn.ts";
import { tf } from "../../tfjs.ts";
import { installKernels } from "./kernels.ts";
import { assertFits, describeAdapter, type DeviceWatch, watchDevice } from "./device.ts";
import type { Dispatched } from "./dispatch.ts";
import type { Halves } from "./halves.ts";
import { QuickReader } from "./quick_read.ts";
import { encodeCopies, makeScratch, type Scratch, type Texels } from "./textures.ts";

/** The WebGPU backend that `setup` registers. */
export class GuardedBackend extends WebGPUBackend {
  /** The watch over the device. */
  readonly watch: DeviceWatch;
  /** What the driver calls the adapter. */
  readonly adapter: string;
  /** Whether the CPU runs the shaders: other kernels are fast there. */
  readonly software: boolean;
  readonly #quick = new QuickReader();
  readonly #scratches = new Map<string, Scratch>();
  /** Is told of each dispatch while it is there: a recording or a profile. */
  observer: ((dispatched: Dispatched) => void) | undefined;

  /** The data that are kept in halves, while some may be. */
  halves: Halves | undefined;

  /** Makes a backend on a device. */
  constructor(device: GPUDevice, info: GPUAdapterInfo) {
    super(device, info);
    const { adapter, software } = describeAdapter(info);
    this.watch = watchDevice(device, adapter);
    this.adapter = adapter;
    this.software = software;
    const manager = this.bufferManager;
    const acquire = manager.acquireBuffer;
    manager.acquireBuffer = function (size, usage, ...rest) {
      assertFits(size, usage, device.limits);
      return acquire.call(manager, size, usage, ...rest);
    };
  }

  /** Reads the values, if the device can be trusted; the tensor may be let go meanwhile. */
  override async read(dataId: object): Promise<tf.BackendValues> {
    this.incRef(dataId);
    try {
      await this.watch.settled();
      this.watch.check();
      const values = await super.read(dataId).catch(async (error) => {
        await nextTurn(); // the loss is reported after what it breaks
        this.watch.check();
        throw error;
      });
      this.watch.check();
      return values;
    } finally {
      this.disposeData(dataId);
    }
  }

  /** Brings data to the device, as floats. */
  override uploadToGPU(dataId: object): void {
    super.uploadToGPU(dataId);
    if (this.halves?.has(dataId)) this.halves.widen(dataId);
  }

  /** Copies a buffer to a texture for the next dispatch, which may have one for each of its slots. */
  sample(texels: Texels, slot: number): GPUTextureView {
    const { format, rows } = texels;
    const kind = `${slot} ${format}`;
    let scratch = this.#scratches.get(kind);
    if (scratch === undefined || scratch.texture.height < rows) {
      // The one before may be in a command that waits still.
      this.#scratches.set(kind, scratch = makeScratch(this.device, format, rows));
    }
    this.endComputePassEncoder();
    // Private in the types of tfjs.
    const { commandEncoder } = this as unknown as { commandEncoder: GPUCommandEncoder };
    encodeCopies(commandEncoder, texels.copiesTo(scratch.texture));
    return scratch.view;
  }

  /** Gives the bytes of a buffer. */
  override async getBufferData(buffer: GPUBuffer): Promise<ArrayBuffer> {
    return await this.#quick.read(this, buffer) ?? await super.getBufferData(buffer);
  }

  /** Gives the values that are still on the host, and refuses to wait for the GPU. */
  override readSync(dataId: object): tf.BackendValues {
    if (this.tensorMap.get(dataId).values != null) return super.readSync(dataId);
    throw new BackendError(
      "Cannot read a tensor on the GPU synchronously: await its data(); to use it on another " +
        "backend, make a new tensor of what data() gives",
    );
  }

  /** Runs a shader, or says that the result is too large for one. */
  override runWebGPUProgram(
    ...args: Parameters<WebGPUBackend["runWebGPUProgram"]>
  ): tf.TensorInfo {
    try {
      return super.runWebGPUProgram(...args);
    } catch (error) {
      if (!/dispatch size/i.test(String(error))) throw error;
      throw new BackendError(
        `Cannot compute a tensor of shape ${showShape(args[0].outputShape)}: it needs more than ` +
          `${this.device.limits.maxComputeWorkgroupsPerDimension} groups of threads along an axis`,
        { cause: error },
      );
    }
  }
}

/** Registers the backend `"webgpu"` on a device, in place of the one before. */
export function registerWebgpu(device: GPUDevice, info: GPUAdapterInfo): GuardedBackend {
  // One path for every size: small operations on the CPU would be frozen in a recorded step.
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  installKernels();
  const backend = new GuardedBackend(device, info);
  tf.removeBackend("webgpu"); // tfjs registers its own when it is imported
  tf.registerBackend("webgpu", () => backend, 3);
  return backend;
}
