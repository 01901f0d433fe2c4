/**
 * Memory that nobody wrote, made visible: what a tensor finds in its buffer before it is computed, what
 * a recording finds in its workspace, and what a texture holds beside what is copied to it, are numbers
 * that no result can hide. A kernel that reads them gives something else than it does without.
 *
 * @module
 */

import type { GuardedBackend } from "../../../lib/backend/webgpu/backend.ts";
import { Graph } from "../../../lib/backend/webgpu/record_graph.ts";
import { Workspace } from "../../../lib/backend/webgpu/record_memory.ts";

/** Fills all that is handed out on a backend with a number, until it is disposed. */
export function poison(backend: GuardedBackend, value: number): Disposable {
  const { bufferManager: manager, device } = backend;
  const workspaces = new Set<GPUBuffer>();
  let full: Float32Array<ArrayBuffer> = new Float32Array(0);
  const filled = (size: number): Float32Array<ArrayBuffer> => {
    if (full.byteLength < size) full = new Float32Array(size / 4).fill(value);
    return full;
  };
  // Before all that is waiting in an encoder, none of which uses a buffer that is free.
  const spoil = (buffer: GPUBuffer) => {
    if (buffer.size > 0) {
      device.queue.writeBuffer(buffer, 0, filled(buffer.size), 0, buffer.size / 4);
    }
  };
  let spare: GPUBuffer | undefined;
  const spoilt = (size: number): GPUBuffer => {
    if (spare === undefined || spare.size < size) {
      spare = device.createBuffer({
        size,
        usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      });
      spoil(spare);
    }
    return spare;
  };

  const restore = [
    replace(manager, "acquireBuffer", (acquire) => (size, usage, ...rest) => {
      const buffer = acquire.call(manager, size, usage, ...rest);
      const isFillable = (usage & GPUBufferUsage.COPY_DST) !== 0;
      if (isFillable && buffer.mapState === "unmapped") spoil(buffer);
      return buffer;
    }),
    replace(Workspace.prototype, "take", (take) =>
      function (this: Workspace, sizes) {
        const buffers = take.call(this, sizes);
        for (const buffer of buffers) workspaces.add(buffer);
        return buffers;
      }),
    replace(Workspace.prototype, "destroy", (destroy) =>
      function (this: Workspace) {
        workspaces.clear();
        destroy.call(this);
      }),
    replace(Graph.prototype, "replay", (replay) =>
      function (this: Graph, ...given) {
        workspaces.forEach(spoil);
        return replay.apply(this, given);
      }),
    replace(
      GPUCommandEncoder.prototype,
      "copyBufferToTexture",
      (copy) =>
        function (this: GPUCommandEncoder, source, target, size) {
          const { texture, origin } = target;
          // Of two copies to one texture, the second has the rest of its last row.
          const isFirst = origin === undefined || [...origin as Iterable<number>][1] === 0;
          if (isFirst) {
            const { width, height, format } = texture;
            const bytesPerRow = (format === "rgba32float" ? 16 : 4) * width;
            const buffer = spoilt(bytesPerRow * height);
            copy.call(this, { buffer, bytesPerRow }, { texture }, [width, height]);
          }
          return copy.call(this, source, target, size);
        },
    ),
  ];
  return { [Symbol.dispose]: () => restore.forEach((back) => back()) };
}

/** Puts another method in the place of one, and gives what puts it back. */
function replace<T extends object, K extends keyof T>(
  owner: T,
  name: K,
  other: (old: T[K]) => T[K],
): () => void {
  const old = owner[name];
  owner[name] = other(old);
  return () => owner[name] = old;
}
