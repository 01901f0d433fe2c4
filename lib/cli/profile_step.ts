/**
 * `--profile`: the next step of a training, kernel by kernel.
 *
 * @module
 */

import { writeFileAtomic } from "../deno/mod.ts";
import { type Profile, profile } from "../inspect/mod.ts";
import { type StepAhead, withNextStep } from "./next_step.ts";

/** Profiles the next step, unless there is no batch left, and writes the timeline to a file. */
export async function profileStep(ahead: StepAhead, path: string): Promise<Profile | undefined> {
  const told = await withNextStep(ahead, profile);
  if (told) await writeFileAtomic(path, new TextEncoder().encode(told.trace()));
  return told;
}
