/**
 * What hears of a training: the folder it is kept in, the progress line, and whatever else was asked
 * for. The training tells what happens, and knows none of them.
 *
 * @module
 */

import type { HistoryRecord } from "../inspect/mod.ts";
import type { Variables } from "../layer.ts";
import type { Examined } from "./examined.ts";
import type { ProgressFigures } from "./progress.ts";
import type { RunRecord } from "./run_record.ts";

/** How a training stands when something is noted. */
export type Moment = {
  /** What it has learned; borrowed until the promise of the listener is kept. */
  readonly variables: Variables;
  /** How much of it is done, from 0 to 1. */
  readonly share: number;
  /** Loss, learning rate and speed. */
  readonly figures: ProgressFigures;
};

/** Something that hears of a training. */
export interface Listener {
  /** The training begins, or goes on after what was noted before. */
  begin?(run: RunRecord, before: readonly HistoryRecord[]): void | Promise<void>;
  /** A step was taken, or a test. */
  note?(line: HistoryRecord, moment: Moment): void | Promise<void>;
  /** The training has ended, and was examined unless it was stopped. */
  end?(run: RunRecord, examined?: Examined): void | Promise<void>;
}

/** Makes one listener of several, which are told one after the other. */
export function listeners(...all: readonly Listener[]): Required<Listener> {
  return {
    async begin(run, before) {
      for (const listener of all) await listener.begin?.(run, before);
    },
    async note(line, moment) {
      for (const listener of all) await listener.note?.(line, moment);
    },
    async end(run, examined) {
      for (const listener of all) await listener.end?.(run, examined);
    },
  };
}
