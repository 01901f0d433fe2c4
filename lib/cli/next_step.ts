/**
 * The next step of a training, to be looked at before it is taken: on its own data, and without a trace,
 * so that the training goes on from where it was.
 *
 * @module
 */

import { readBatches } from "../data/mod.ts";
import { fold, key } from "../key.ts";
import { release } from "../ownership.ts";
import { knobs, trainStep } from "../train/step.ts";
import type { TrainingRun } from "./training_run.ts";

/** What has to be known of a training. */
export type StepAhead = Pick<TrainingRun, "record" | "parts" | "sets" | "start">;

/** Lets `use` take the next step as often as it likes, unless there is no batch left. */
export async function withNextStep<T>(
  { record: { recipe: { seed } }, parts, sets, start }: StepAhead,
  use: (take: () => void) => Promise<T>,
): Promise<T | undefined> {
  const { state, step, cursor } = start;
  const order = { ...parts.batches, key: fold(key(seed), "data"), cursor };
  for await (const batch of readBatches(sets.train, order)) {
    const turn = knobs(parts.schedule(step), seed, step);
    const taken = trainStep(parts);
    try {
      return await use(() => {
        const [next, loss] = taken(state, batch, turn);
        release({ next, loss }, state); // a tensor that the step leaves as it is belongs to the state
      });
    } finally {
      release({ batch, turn });
    }
  }
}
