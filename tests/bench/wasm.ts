/**
 * The WASM backend beside its peers: stock tfjs in plain JavaScript, the only backend of it that can
 * train without a GPU, and jax-js on its WASM device.
 */

import { makeProblem } from "./models.ts";
import { courseOf, type Network } from "./problem.ts";
import { type Entrant, race, type Result } from "./race.ts";
import { soak } from "./soak.ts";

const OURS: Entrant = { name: "fplusx", library: "fplusx", backend: "wasm", steps: 15 };
const JAX: Entrant = { name: "jax-js", library: "jax-js", backend: "wasm", steps: 3 };

/** tfjs takes minutes for a full batch; its time is proportional to the examples. */
const tfjs = (batch: number): Entrant => ({
  name: "tfjs-cpu",
  library: "tfjs",
  backend: "cpu",
  steps: 2,
  batch,
});

async function training(network: Network, batch: number, few: number): Promise<Result> {
  return await race(network, courseOf(makeProblem(network, batch)), OURS, [
    JAX,
    tfjs(Math.min(few, batch)),
  ]);
}

/** The cases by name; each takes the size of a batch. */
export const wasm: Readonly<Record<string, (batch?: number) => Promise<Result>>> = {
  mnist: (batch = 32) => training("mnist", batch, 4),
  resnet20: (batch = 32) => training("resnet20", batch, 1),
  soak: (batch = 8) => soak(batch, "wasm"),
};
