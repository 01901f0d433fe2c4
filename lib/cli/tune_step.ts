/**
 * The tuning of a training: what its checkpoint says when it is taken up again, so that it goes on bit for
 * bit, or else what `--tune` finds for its next step.
 *
 * @module
 */

import { activeBackend } from "../backend/setup.ts";
import { type Tuning, useTuning } from "../backend/tune.ts";
import { FormatError } from "../errors.ts";
import { objectIn } from "../json.ts";
import type { CheckpointPlace } from "../train/checkpoint.ts";
import { type StepAhead, withNextStep } from "./next_step.ts";
import { isTuning, tuned } from "./tuned.ts";

/** Where a training is taken up again. */
export type TakenUp = Pick<CheckpointPlace, "config"> & { readonly path: string };

/**
 * Tunes a training, or has it go on as it was tuned.
 *
 * @param place Where it is taken up again, if it is.
 * @param file What `--tune` says.
 * @throws {FormatError} If the checkpoint says something else than a tuning.
 */
export async function tuneStep(
  ahead: StepAhead,
  place: TakenUp | undefined,
  file: string | undefined,
  log: (line: string) => void,
  quiet?: boolean,
): Promise<Tuning | undefined> {
  const before = place && tuningOf(place);
  if (before?.adapter === activeBackend().adapter) {
    useTuning(before);
    log("tuned    as it was before");
    return before;
  }
  if (file !== undefined) return await withNextStep(ahead, (take) => tuned(file, take, log, quiet));
}

function tuningOf({ config, path }: TakenUp): Tuning | undefined {
  if (config.tuning === undefined) return;
  const tuning = objectIn(config.tuning);
  if (isTuning(tuning)) return tuning;
  throw new FormatError(
    `Cannot go on from "${path}", remove it to go on from the one before it: its tuning is damaged`,
    0,
  );
}
