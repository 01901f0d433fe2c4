/**
 * Inference at 224 × 224 beside what else there is for Deno: onnxruntime-web, layers of tfjs, and jax-js.
 * Normalizations are folded into the convolutions for all of them.
 */

import { describeAdapter, requestAdapter } from "../../lib/backend/webgpu/device.ts";
import type { Network } from "./forward/network.ts";
import { ONNXRUNTIME_OPTIONS } from "./forward/onnxruntime_web.ts";
import { courseOf } from "./forward/problem.ts";
import { type Entrant, race, type Result } from "./race.ts";

const ours = (entrant: Partial<Entrant>): Entrant => ({
  name: "fplusx",
  library: "forward fplusx folded",
  backend: "wasm",
  steps: 15,
  ...entrant,
});
const unfolded = (entrant: Partial<Entrant>): Entrant =>
  ours({ name: "fplusx-unfolded", library: "forward fplusx", ...entrant });
const onnxruntime = (entrant: Partial<Entrant>): Entrant =>
  ours({
    name: "onnxruntime-web",
    library: "forward onnxruntime-web",
    options: ONNXRUNTIME_OPTIONS,
    ...entrant,
  });
const tfjs = (entrant: Partial<Entrant>): Entrant =>
  ours({
    name: "tfjs-layers",
    library: "forward tfjs-layers",
    options: ["--allow-read=node_modules"],
    ...entrant,
  });
const jax = (entrant: Partial<Entrant>): Entrant =>
  ours({ name: "jax-js", library: "forward jax-js", ...entrant });

/** A line for one thread, one for all, and one for WebGPU where there is an adapter. */
async function measure(network: Network, batch: number): Promise<Result[]> {
  const course = courseOf(network, batch);
  const results = [
    await race(network, course, ours({}), [
      unfolded({}),
      onnxruntime({}),
      onnxruntime({ name: "onnxruntime-web-default", threads: 0 }),
      tfjs({}),
      jax({ steps: 1, batch: 1 }), // takes seconds for an image
    ]),
  ];
  const threads = navigator.hardwareConcurrency;
  if (threads > 1) {
    results.push(await race(network, course, ours({ threads }), [onnxruntime({ threads })]));
  }
  return [...results, ...await measureOnWebgpu(network, batch)];
}

/** Gives a line if there is an adapter. */
export async function measureOnWebgpu(network: Network, batch = 1): Promise<Result[]> {
  const adapter = await requestAdapter();
  if (adapter === null) return [];
  const { software } = describeAdapter(adapter.info);
  const webgpu = { backend: "webgpu", ...software && { steps: 2 } };
  const result = await race(network, courseOf(network, batch), ours(webgpu), [
    unfolded(webgpu),
    onnxruntime(webgpu),
    tfjs(webgpu),
    jax(webgpu),
  ]);
  return [{ ...result, software }];
}

/** The cases by name; each takes the size of a batch. */
export const inference: Readonly<Record<Network, (batch?: number) => Promise<Result[]>>> = {
  resnet18: (batch = 1) => measure("resnet18", batch),
  resnet50: (batch = 1) => measure("resnet50", batch),
};
