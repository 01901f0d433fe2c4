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
import type { Pass } from "./record_passes.ts";
import type { Buffer, Dispatch } from "./record_stage.ts";
import { encodeCopies, type Scratch, Texels, type TextureCopy } from "./textures.ts";

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

/** A pass, ready to run. */
interface ReadyPass {
  readonly copies: readonly TextureCopy[];
  readonly runs: readonly Run[];
}

const calls = new WeakMap<GPUBindGroup, KernelCall>();

/** Gives the call of a kernel that a dispatch of a recorded step belongs to, by what it is bound to. */
export function recordedCall(group: GPUBindGroup): KernelCall | undefined {
  return calls.get(group);
}

/** Makes passes ready, with their buffers and textures in these places. */
export function prepare(
  backend: GuardedBackend,
  passes: readonly Pass[],
  inPlace: ReadonlyMap<Dispatch, Program>,
  rangeOf: (buffer: Buffer) => Range,
  textureOf: (texels: Texels<Buffer>) => Scratch,
): ReadyPass[] {
  const layouts = new Map<GPUComputePipeline, GPUBindGroupLayout>();
  const layoutOf = (pipeline: GPUComputePipeline) => {
    const layout = layouts.get(pipeline) ?? pipeline.getBindGroupLayout(0);
    layouts.set(pipeline, layout);
    return layout;
  };
  const run = (dispatch: Dispatch): Run => {
    const variant = inPlace.get(dispatch);
    const pipeline = variant ? pipelineOf(backend, variant) : dispatch.pipeline;
    const bindings = variant ? bindingsInPlace(dispatch) : dispatch.bindings;
    const entries = bindings.map((bound, binding) => ({
      binding,
      resource: bound instanceof Texels ? textureOf(bound).view : rangeOf(bound),
    }));
    const group = backend.device.createBindGroup({ layout: layoutOf(pipeline), entries });
    if (dispatch.call !== undefined) calls.set(group, dispatch.call);
    return { pipeline, group, groups: dispatch.groups };
  };
  return passes.map(({ fillings, dispatches }) => ({
    copies: fillings.flatMap(({ texels }) => {
      const { buffer, offset } = rangeOf(texels.buffer);
      return texels.copiesTo(textureOf(texels).texture).map(({ source, target, size }) => ({
        source: { ...source, buffer, offset: offset + (source.offset ?? 0) },
        target,
        size,
      }));
    }),
    runs: dispatches.map(run),
  }));
}

/** Encodes passes that are ready. */
export function encode(passes: readonly ReadyPass[], encoder: GPUCommandEncoder): void {
  for (const { copies, runs } of passes) {
    encodeCopies(encoder, copies);
    const pass = encoder.beginComputePass();
    let current: GPUComputePipeline | undefined;
    for (const { pipeline, group, groups } of runs) {
      if (pipeline !== current) pass.setPipeline(current = pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...groups);
    }
    pass.end();
  }
}
