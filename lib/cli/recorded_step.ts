/**
 * The step of a training from the command line: recorded once and replayed where the backend can, bit
 * for bit what its code does. Where that fails, the error says how to do without.
 *
 * @module
 */

import { MismatchError, RecordingError } from "../errors.ts";
import { compile } from "../train/compile.ts";
import { type Step, type StepParts, trainStep } from "../train/step.ts";
import type { Tree } from "../tree.ts";

/** A step that is let go of when the training is over. */
export interface RecordedStep extends Disposable {
  /** Takes the step. */
  readonly step: Step;
}

/** Compiles the step of a training. */
export function recordedStep(parts: StepParts<Tree, Tree>): RecordedStep {
  const compiled = compile(trainStep(parts));
  return {
    step(...inputs) {
      try {
        return compiled(...inputs);
      } catch (cause) {
        throw advised(cause);
      }
    },
    [Symbol.dispose]: () => compiled[Symbol.dispose](),
  };
}

/** Says what to do about a step that cannot be recorded, or is not what was recorded. */
function advised(error: unknown): unknown {
  const advise = (message: string) => `${message}; --eager takes the steps without recording them`;
  if (error instanceof RecordingError) {
    return new RecordingError(advise(error.message), { cause: error });
  }
  if (error instanceof MismatchError) return new MismatchError(advise(error.message));
  return error;
}
