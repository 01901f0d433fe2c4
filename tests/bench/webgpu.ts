/**
 * The WebGPU backend beside its peers on the same adapter: jax-js, which compiles its step, and layers
 * of tfjs.
 */

import { describeAdapter, requestAdapter } from "../../lib/backend/webgpu/device.ts";
import { compiledSoak } from "./compiled_soak.ts";
import { courseOf, makeProblem, type Network } from "./problem.ts";
import { type Entrant, race, type Result } from "./race.ts";

const on = (name: string, library: string, steps: number): Entrant => ({
  name,
  library,
  backend: "webgpu",
  steps,
});

/**
 * One thread of tfjs sums up a weight's gradient over all pixels, and a loop ends after 65,536 rounds
 * where Mesa's llvmpipe runs the shaders: from batch 64 on some pixels are left out.
 */
const PIXELS_LEFT_OUT = 0.03;

/** A step of the peers takes seconds where a processor stands in for the GPU. */
async function training(network: Network, batch: number): Promise<Result> {
  const adapter = await requestAdapter();
  if (adapter === null) throw new Error("Cannot measure WebGPU: there is no adapter");
  const { software } = describeAdapter(adapter.info);
  const peers = software ? 3 : 15;
  const course = courseOf(await makeProblem(network, batch));
  const result = await race(network, course, on("fplusx", "fplusx compiled", 15), [
    on("fplusx-eager", "fplusx", 10),
    on("jax-js", "jax-js", peers),
    { ...on("tfjs-layers", "tfjs-layers", peers), tolerance: PIXELS_LEFT_OUT },
  ]);
  return { ...result, software };
}

/** One batch, if told which, or the usual ones. */
const cases = (network: Network, usual: readonly number[]) => async (batch?: number) => {
  const results: Result[] = [];
  for (const size of batch === undefined ? usual : [batch]) {
    results.push(await training(network, size));
  }
  return results;
};

/** The cases by name; each takes the size of a batch. */
export const webgpu: Readonly<Record<string, (batch?: number) => Promise<object | Result[]>>> = {
  mnist: cases("mnist", [32]),
  resnet20: cases("resnet20", [8, 32, 128]),
  resnet56: cases("resnet56", [32]),
  soak: compiledSoak,
};
