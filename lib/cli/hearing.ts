/**
 * Hearing what a training measures, and what follows from it: the learning rate, which weights are the
 * best, and when it is enough. A training that is taken up again hears what was noted before.
 *
 * @module
 */

import type { HistoryRecord } from "../inspect/mod.ts";
import type { Measurement } from "../recipes/mod.ts";
import { earlyStopping, type Waiting } from "../train/early_stopping.ts";
import type { TrainingRun } from "./training_run.ts";

/** What follows from what was measured: the learning rate, and when it is enough. */
export type Hearing = {
  readonly schedule: (step: number) => number;
  readonly needsError: () => boolean;
  readonly enough: AbortSignal;
  /** Number of steps up to the smallest loss, where its weights are to be kept. */
  readonly best: () => number | undefined;
  readonly note: (line: HistoryRecord) => void;
};

/** What has to be known of a training. */
type Heard = Pick<TrainingRun, "record" | "parts" | "start">;

/** Hears what is noted, and what was before a training was taken up again. */
export function hearing(
  { record: { recipe: { patience, keepBest } }, parts, start }: Heard,
): Hearing {
  const measured: Measurement[] = [];
  const enough = new AbortController();
  const wait = patience === null ? undefined : earlyStopping({ patience });
  let waiting: Waiting | undefined;
  let best: number | undefined;
  let schedule = parts.schedule;
  const note = (line: HistoryRecord) => {
    const { step, error } = line;
    const testLoss = line.testLoss ?? line.validationLoss;
    if (error === undefined && testLoss === undefined) return;
    measured.push({
      step,
      ...error === undefined ? {} : { error },
      ...testLoss === undefined ? {} : { testLoss },
    });
    schedule = parts.scheduleAfter(measured);
    if (testLoss === undefined || !wait) return;
    waiting = wait(waiting, testLoss);
    if (keepBest && waiting.waited === 0) best = step + 1;
    if (waiting.stop) enough.abort();
  };
  start.history.forEach(note);
  return {
    schedule: (step) => schedule(step),
    needsError: () => parts.needsError(measured),
    enough: enough.signal,
    best: () => best,
    note,
  };
}
