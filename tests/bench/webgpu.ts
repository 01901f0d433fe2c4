/**
 * The WebGPU backend beside its peers on the same adapter: jax-js, which compiles its step, and layers
 * of tfjs.
 */

import { describeAdapter, requestAdapter } from "../../lib/backend/webgpu/device.ts";
import { courseOf, makeProblem, type Network } from "./problem.ts";
import { type Entrant, race, type Result } from "./race.ts";

const on = (name: string, library: string, steps: number): Entrant => ({
  name,
  library,
  backend: "webgpu",
  steps,
});

/** A step of the peers takes seconds where a processor stands in for the GPU. */
async function training(network: Network, batch: number): Promise<Result> {
  const adapter = await requestAdapter();
  if (adapter === null) throw new Error("Cannot measure WebGPU: there is no adapter");
  const { software } = describeAdapter(adapter.info);
  const peers = software ? 3 : 15;
  const course = courseOf(await makeProblem(network, batch));
  const result = await race(network, course, on("fplusx", "fplusx", 15), [
    on("jax-js", "jax-js", peers),
    on("tfjs-layers", "tfjs-layers", peers),
  ]);
  return { ...result, software };
}

/** The cases by name; each takes the size of a batch. */
export const webgpu: Readonly<Record<string, (batch?: number) => Promise<Result>>> = {
  mnist: (batch = 32) => training("mnist", batch),
  resnet20: (batch = 32) => training("resnet20", batch),
  resnet56: (batch = 32) => training("resnet56", batch),
};
