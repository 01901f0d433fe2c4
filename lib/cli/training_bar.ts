/**
 * The progress line of a training: a bar for the steps, a line for every test.
 *
 * @module
 */

import type { Listener } from "./listener.ts";
import type { Progress } from "./progress.ts";

/** Makes a listener that shows a training in the terminal. */
export function trainingBar(bar: Progress, stepsPerEpoch: number): Listener {
  return {
    note({ step, testLoss, top1 }, { share, figures }) {
      bar.update(share, figures);
      if (testLoss === undefined || top1 === undefined) return;
      const epoch = (step + 1) / stepsPerEpoch;
      bar.log(
        `epoch ${epoch}  test loss ${testLoss.toFixed(4)}  top-1 ${(100 * top1).toFixed(2)} %`,
      );
    },
  };
}
