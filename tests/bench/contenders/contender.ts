/** What a process in a race does: it takes a problem, and then a step each time it is told to. */

import type { Problem } from "../problem.ts";

/** Takes steps: of training, each from where the last one ended, or forward through a network. */
export interface Contender {
  /** What computes, in the words of the library. */
  readonly adapter: string;
  /** Takes a step, and gives what came of it: the loss before it, or the scores of the classes. */
  step(): Promise<readonly number[]>;
  /** Gives the memory that is held on the GPU, where the library says so. */
  gpuMB?(): number;
}

/** Makes ready, on one CPU thread or on as many as told; 0 are as many as the library likes. */
export type Start<P = Problem> = (
  problem: P,
  backend: string,
  threads?: number,
) => Promise<Contender>;
