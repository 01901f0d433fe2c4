/**
 * Running a program on tensors. The device is asked for nothing twice: pipelines are kept by program,
 * and sizes are in the text, so a run is one group of bindings and one dispatch, a third of what
 * tfjs's own way costs. Both ways go through the same command encoder, in the order of the calls, and
 * both are seen by an observer: a recording or a profile.
 *
 * @module
 */

import { BackendError } from "../../errors.ts";
import { sizeOf } from "../../tensor.ts";
import { tf } from "../../tfjs.ts";
import type { GuardedBackend } from "./backend.ts";
import { halvesOf, MOST_ROUNDS, type Program } from "./program.ts";
import { Texels } from "./textures.ts";

/** A program that ran, as an observer sees it. */
export interface Dispatched {
  /** What a profile calls it. */
  readonly name: string;
  /** The compiled shader. */
  readonly pipeline: GPUComputePipeline;
  /** What it was bound to. */
  readonly bindGroup: GPUBindGroup;
  /** Number of groups along each axis. */
  readonly groups: Program["groups"];
}

/** The members of tfjs's backend that it keeps to itself; version 4.22.0 is pinned. */
interface Internals {
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  readonly commandQueueOwnedIds: WeakSet<object>;
  dispatchCountInPass: number;
}

/** How many dispatches are gathered before they are submitted. */
const BATCH = 15;

/** By their text, which programs for other numbers of groups may share. */
const pipelines = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>();
const programs = new WeakMap<GPUComputePipeline, Program>();

/**
 * Runs a program on the given tensors: bindings are the outputs, then the inputs. A tensor may be
 * both only as an output, which the program then changes in place.
 *
 * @throws {BackendError} If the program needs more groups than the device takes, or loops longer than it
 * lets them run.
 */
export function dispatch(
  backend: GuardedBackend,
  program: Program,
  outputs: readonly tf.TensorInfo[],
  inputs: readonly tf.TensorInfo[],
): void {
  if (outputs.every(({ shape }) => shape.includes(0))) {
    for (const { dataId, dtype } of outputs) {
      backend.tensorMap.get(dataId).values = tf.util.toTypedArray([], dtype);
    }
    return;
  }
  const most = backend.device.limits.maxComputeWorkgroupsPerDimension;
  if (program.groups.some((groups) => groups > most)) {
    throw new BackendError(
      `Cannot run kernel ${program.name}: it needs [${program.groups.join(", ")}] groups of ` +
        `threads, and the GPU takes at most ${most} along an axis`,
    );
  }
  if (backend.software && program.rounds !== undefined && program.rounds > MOST_ROUNDS) {
    throw new BackendError(
      `Cannot run kernel ${program.name}: a thread takes ${program.rounds} rounds of its loops, and ` +
        `${backend.adapter}, which is no GPU, ends them after ${MOST_ROUNDS}`,
    );
  }
  const pipeline = pipelineOf(backend, program);
  // Private in the types of tfjs.
  const internals = backend as unknown as Internals;
  const halves = halvesOf(program);
  const isHalf = (dataId: object) => backend.halves?.has(dataId) ?? false;
  [...outputs, ...inputs].forEach(({ dataId, shape }, binding) => {
    const takesEither = program.textures?.[binding] !== undefined;
    if (halves.has(binding)) backend.halves!.place(dataId, sizeOf(shape));
    else if (!takesEither || !isHalf(dataId)) backend.uploadToGPU(dataId);
  });
  backend.ensureCommandEncoderReady();
  const entries = [...outputs, ...inputs].map(({ dataId, shape }, binding) => {
    internals.commandQueueOwnedIds.add(dataId);
    const buffer = bufferOf(backend, dataId);
    const texel = program.textures?.[binding];
    if (texel === undefined) return { binding, resource: { buffer } };
    const texels = new Texels(buffer, texel, sizeOf(shape) / texel, isHalf(dataId));
    return { binding, resource: backend.sample(texels, binding) };
  });
  const layout = pipeline.getBindGroupLayout(0);
  const bindGroup = backend.device.createBindGroup({ layout, entries });
  internals.computePassEncoder ??= internals.commandEncoder!.beginComputePass();
  internals.computePassEncoder.setPipeline(pipeline);
  internals.computePassEncoder.setBindGroup(0, bindGroup);
  internals.computePassEncoder.dispatchWorkgroups(...program.groups);
  backend.observer?.({ name: program.name, pipeline, bindGroup, groups: program.groups });
  if (++internals.dispatchCountInPass >= BATCH) flush(backend);
}

/** Submits what the backend has gathered. */
export function flush(backend: GuardedBackend): void {
  if ((backend as unknown as Internals).commandEncoder === null) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/** Gives the buffer of a tensor that is on the device. */
export function bufferOf(backend: GuardedBackend, dataId: object): GPUBuffer {
  // Textures and external ones belong to images of a browser, which are never given to us.
  return backend.tensorMap.get(dataId).resource as GPUBuffer;
}

/** Gives the program that a pipeline was compiled from, if it is one of ours. */
export function programOf(pipeline: GPUComputePipeline): Program | undefined {
  return programs.get(pipeline);
}

/** Gives the compiled program, which is compiled once on each device. */
export function pipelineOf(
  { device, watch }: GuardedBackend,
  program: Program,
): GPUComputePipeline {
  let known = pipelines.get(device);
  if (known === undefined) pipelines.set(device, known = new Map());
  const { name: label, wgsl: code } = program;
  let pipeline = known.get(code);
  if (pipeline !== undefined) return pipeline;
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ label, code });
  pipeline = device.createComputePipeline({ label, layout: "auto", compute: { module } });
  watch.expect(
    device.popErrorScope().then((error) =>
      error ? new BackendError(`Cannot compile kernel ${label}: ${error.message}`) : undefined
    ),
  );
  known.set(code, pipeline);
  programs.set(pipeline, program);
  return pipeline;
}
