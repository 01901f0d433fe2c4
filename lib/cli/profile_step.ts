/**
 * `--profile`: the next step of a training, kernel by kernel, on its own data. The training itself goes
 * on from where it was.
 *
 * @module
 */

import { readBatches } from "../data/mod.ts";
import { writeFileAtomic } from "../deno/mod.ts";
import { type Profile, profile } from "../inspect/mod.ts";
import { fold, key } from "../key.ts";
import { release } from "../ownership.ts";
import { knobs, trainStep } from "../train/step.ts";
import type { TrainingRun } from "./training_run.ts";

/** Profiles a step from `start`, unless there is no batch left, and writes the timeline to a file. */
export async function profileStep(
  { record: { recipe: { seed } }, parts, sets, start }: Pick<
    TrainingRun,
    "record" | "parts" | "sets" | "start"
  >,
  path: string,
): Promise<Profile | undefined> {
  const { state, step, cursor } = start;
  const order = { ...parts.batches, key: fold(key(seed), "data"), cursor };
  for await (const batch of readBatches(sets.train, order)) {
    const turn = knobs(parts.schedule(step), seed, step);
    const take = trainStep(parts);
    try {
      const told = await profile(() => {
        const [next, loss] = take(state, batch, turn);
        release({ next, loss }, state); // a tensor that the step leaves as it is belongs to the state
      });
      await writeFileAtomic(path, new TextEncoder().encode(told.trace()));
      return told;
    } finally {
      release({ batch, turn });
    }
  }
}
