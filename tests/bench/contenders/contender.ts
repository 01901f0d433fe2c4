/** What a process in a race does: it takes a problem, and then a step each time it is told to. */

import type { Problem } from "../problem.ts";

/** A training step that goes on from where the last one ended. */
export interface Contender {
  /** What computes, in the words of the library. */
  readonly adapter: string;
  /** Takes a step, and gives the loss before it. */
  step(): Promise<number>;
}

/** Makes ready to train. */
export type Start = (problem: Problem, backend: string) => Promise<Contender>;
