/**
 * A recorded step as the device takes it: shaders with their bindings, ready to be encoded.
 *
 * @module
 */

import type { KernelCall } from "../kernel_calls.ts";
import type { GuardedBackend } from "./backend.ts";
import { pipelineOf } from "./dispatch.ts";
import type { Program } from "./program.ts";
import { bindingsInPlace } from "./record_overwrite.ts";
import type { Buffer, Operation } from "./record_stage.ts";

/** A range of a buffer. */
export interface Range {
  /** The buffer. */
  readonly buffer: GPUBuffer;
  /** Where it begins, in bytes. */
  readonly offset: number;
  /** Number of bytes. */
  readonly size: number;
}

/** A shader, ready to run. */
interface Run {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly groups: Program["groups"];
}

/** A copy, ready to run. */
interface Copy {
  readonly source: GPUTexelCopyBufferInfo;
  readonly target: GPUTexelCopyTextureInfo;
  readonly size: GPUExtent3D;
}

const calls = new WeakMap<GPUBindGroup, KernelCall>();

/** Gives the call of a kernel that a dispatch of a recorded step belongs to, by what it is bound to. */
export function recordedCall(group: GPUBindGroup): KernelCall | undefined {
  return calls.get(group);
}

/** Makes operations ready, with their buffers in these places. */
export function prepare(
  backend: GuardedBackend,
  operations: readonly Operation[],
  inPlace: ReadonlyMap<Operation, Program>,
  rangeOf: (buffer: Buffer) => Range,
): (Run | Copy)[] {
  const layouts = new Map<GPUComputePipeline, GPUBindGroupLayout>();
  const layoutOf = (pipeline: GPUComputePipeline) => {
    const layout = layouts.get(pipeline) ?? pipeline.getBindGroupLayout(0);
    layouts.set(pipeline, layout);
    return layout;
  };
  return operations.map((operation) => {
    if (!("pipeline" in operation)) {
      const { source, layout, target, size } = operation;
      const { buffer, offset } = rangeOf(source);
      return { source: { ...layout, buffer, offset: offset + (layout.offset ?? 0) }, target, size };
    }
    const variant = inPlace.get(operation);
    const pipeline = variant ? pipelineOf(backend, variant) : operation.pipeline;
    const bindings = variant ? bindingsInPlace(operation) : operation.bindings;
    const entries = bindings.map((bound, binding) => ({
      binding,
      resource: bound instanceof GPUTextureView ? bound : rangeOf(bound),
    }));
    const group = backend.device.createBindGroup({ layout: layoutOf(pipeline), entries });
    if (operation.call !== undefined) calls.set(group, operation.call);
    return { pipeline, group, groups: operation.groups };
  });
}

/** Encodes operations that are ready. */
export function encode(operations: readonly (Run | Copy)[], encoder: GPUCommandEncoder): void {
  let pass: GPUComputePassEncoder | undefined;
  let current: GPUComputePipeline | undefined;
  for (const operation of operations) {
    if (!("pipeline" in operation)) {
      pass?.end();
      pass = current = undefined;
      encoder.copyBufferToTexture(operation.source, operation.target, operation.size);
      continue;
    }
    const { pipeline, group, groups } = operation;
    pass ??= encoder.beginComputePass();
    if (pipeline !== current) pass.setPipeline(current = pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...groups);
  }
  pass?.end();
}
