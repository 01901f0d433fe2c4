/**
 * The WebGPU backend beside its peers on the same adapter: jax-js, which compiles its step, and layers
 * of tfjs.
 */

import { describeAdapter, requestAdapter } from "../../lib/backend/webgpu/device.ts";
import { compiledSoak } from "./compiled_soak.ts";
import { measureOnWebgpu } from "./inference.ts";
import { makeProblem } from "./models.ts";
import { courseOf, type Network } from "./problem.ts";
import { type Entrant, race, type Result } from "./race.ts";

/** How a network is raced. */
interface Case {
  /** Sizes of the batch, if not told. */
  readonly batches: readonly number[];
  /** Steps of ours that are timed; 15 by default. */
  readonly steps?: number;
  /** Those of peers where a processor stands in for the GPU, and a step takes them seconds; 3 by default. */
  readonly few?: number;
  /** Peers beside jax-js; layers of tfjs by default. */
  readonly others?: readonly string[];
  /** How far jax-js may be apart, where it is known to be off. */
  readonly jaxTolerance?: number;
  readonly note?: string;
}

const CASES: Readonly<Record<Network, Case>> = {
  mlp: { batches: [128], few: 10 },
  mnist: { batches: [32] },
  resnet20: { batches: [8, 32, 128] },
  resnet50: {
    batches: [2],
    steps: 3,
    few: 1,
    jaxTolerance: 0.01,
    note:
      "The second loss is 7.377 with fplusx, on WebAssembly too, and with layers of tfjs; with " +
      "jax-js it is 7.400, so its gradient is not that of the others.",
  },
  resnet56: { batches: [8, 32, 128], steps: 7, few: 1 },
  tiny: { batches: [32], steps: 50, few: 15 },
  transformer: {
    batches: [32],
    few: 10,
    others: ["tfjs"],
    note:
      "Layers of tfjs have no attention: in the transformer, plain operations of tfjs are the peer.",
  },
};

/**
 * One thread of tfjs sums up a weight's gradient over all pixels, and where Mesa's llvmpipe runs the
 * shaders, a loop ends after so many rounds: then the rest is left out, and results may be as far apart.
 */
const CUT_SHORT = { rounds: 65_536, tolerance: 0.03 } as const;

async function training(network: Network, batch: number): Promise<Result> {
  const adapter = await requestAdapter();
  if (adapter === null) throw new Error("Cannot measure WebGPU: there is no adapter");
  const { software } = describeAdapter(adapter.info);
  const { steps = 15, few = 3, others = ["tfjs-layers"], jaxTolerance, note } = CASES[network];
  const on = (name: string, library: string, steps: number): Entrant => ({
    name,
    library,
    backend: "webgpu",
    steps,
  });
  const problem = makeProblem(network, batch);
  const pixels = problem.examples.shape.slice(0, -1).reduce((a, b) => a * b);
  const toleranceOf = (peer: string) => {
    if (peer === "jax-js") return jaxTolerance;
    return software && pixels > CUT_SHORT.rounds ? CUT_SHORT.tolerance : undefined;
  };
  const result = await race(network, courseOf(problem), on("fplusx", "fplusx compiled", steps), [
    on("fplusx-eager", "fplusx", Math.min(steps, 10)),
    ...["jax-js", ...others].map((peer) => ({
      ...on(peer, peer, software ? few : steps),
      tolerance: toleranceOf(peer),
    })),
  ]);
  return { ...result, software, ...note !== undefined && { note } };
}

/** One batch, if told which, or the usual ones. */
async function* measure(network: Network, batch?: number): AsyncGenerator<Result> {
  const sizes = batch === undefined ? CASES[network].batches : [batch];
  for (const size of sizes) yield await training(network, size);
}

/** The cases by name; each takes the size of a batch. */
export const webgpu: Readonly<
  Record<string, (batch?: number) => Promise<object> | AsyncIterable<object>>
> = {
  ...Object.fromEntries(
    (Object.keys(CASES) as Network[])
      .map((network) => [network, (batch?: number) => measure(network, batch)]),
  ),
  "resnet50-inference": async (batch?: number) =>
    (await measureOnWebgpu("resnet50", batch))
      .map((result) => ({ ...result, name: "resnet50-inference" })),
  soak: compiledSoak,
};
