/**
 * The progress line of a training: a bar for the steps, a line for every test.
 *
 * @module
 */

import type { Listener } from "./listener.ts";
import type { Progress } from "./progress.ts";
import { lastTest } from "./run_record.ts";

/** Makes a listener that shows a training in the terminal. */
export function trainingBar(bar: Progress, stepsPerEpoch: number): Listener {
  return {
    note(line, { share, figures }) {
      bar.update(share, figures);
      const test = lastTest([line]);
      if (test === undefined) return;
      const epoch = (line.step + 1) / stepsPerEpoch;
      bar.log(
        `epoch ${epoch}  ${test.of} loss ${test.loss.toFixed(4)}  ` +
          `top-1 ${(100 * test.top1).toFixed(2)} %`,
      );
    },
  };
}
