/**
 * Reading a few bytes at once. In Deno `mapAsync` waits for the device before it returns, and its
 * promise takes another ten milliseconds, which is longer than many a step. But a buffer that was mapped
 * once may be looked at as soon as `mapAsync` has returned. No specification says so, hence the version;
 * where it is not so, the buffer says that it is not mapped, and is not asked again.
 *
 * @module
 */

import { nextTurn } from "../../next_turn.ts";
import type { GuardedBackend } from "./backend.ts";
import { flush } from "./dispatch.ts";

/** The runtimes that it was tried in. */
const TRIED = /^Deno\/2\.9\./;
/** Most bytes that are read this way: a loss and the like. */
const MOST = 1024;

/** A way to read small buffers of a device. */
export class QuickReader {
  #staging: GPUBuffer | undefined;
  /** A buffer that was never mapped may not be looked at early: Deno would die of it. */
  #state: "cold" | "busy" | "warm" | "off" = TRIED.test(navigator.userAgent) ? "cold" : "off";

  /** Gives the bytes of a buffer, or nothing where they have to be read the usual way. */
  async read(backend: GuardedBackend, buffer: GPUBuffer): Promise<ArrayBuffer | undefined> {
    const { size } = buffer;
    if (size === 0 || size > MOST || this.#state === "busy" || this.#state === "off") return;
    const { device } = backend;
    const staging = this.#staging ??= device.createBuffer({
      size: MOST,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
    flush(backend);
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    const mapped = staging.mapAsync(GPUMapMode.READ);
    const warm = this.#state === "warm";
    this.#state = "busy";
    try {
      // Its promise comes too late, and after the buffer is unmapped nobody waits for it.
      if (warm) mapped.catch(() => {});
      else await mapped;
      const bytes = staging.getMappedRange(0, size).slice(0);
      staging.unmap();
      this.#state = "warm";
      await nextTurn(); // the device tells its errors in between
      return bytes;
    } catch {
      this.#state = "off";
    }
  }
}
