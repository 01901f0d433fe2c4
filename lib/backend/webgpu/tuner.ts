/**
 * Choosing plans by timing them: all that come into question for the work that a function does, on
 * inputs of the same sizes, in turns. The device tells how long each took, or else the clock.
 *
 * @module
 */

import { ArgumentError } from "../../errors.ts";
import { tf } from "../../tfjs.ts";
import type { GuardedBackend } from "./backend.ts";
import { flush } from "./dispatch.ts";
import { plansFor, type Work } from "./plan.ts";
import { timeDispatches } from "./timed.ts";

/** The plan that was fastest for some work. */
export type TunedWork = {
  /** What the work is. */
  readonly work: string;
  /** How it is done. */
  readonly plan: object;
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
  /** How long it took by the plan that is the guess without tuning, in milliseconds. */
  readonly guessed: number;
};

/** What was found on an adapter: plain data, to be kept as JSON. */
export type Tuning = {
  /** What the driver calls the adapter. */
  readonly adapter: string;
  /** The fastest plans. */
  readonly choices: readonly TunedWork[];
};

/** How often each plan is timed; the best time counts. */
const ROUNDS = 3;
/**
 * What share of the guess's time another plan may take at most to be chosen: plans that are hardly faster
 * would change digits for nothing.
 */
const CLEARLY = 0.95;

/** Is told how much of the work has been gone through, as a share from 0 to 1. */
export type TuningProgress = (share: number) => void;

/**
 * Times the plans for all work that `f` does, but for what is known, and goes by the fastest from then
 * on, where it is clearly faster than the guess.
 *
 * @throws {ArgumentError} If what is known is of another adapter.
 */
export async function tuneFor(
  backend: GuardedBackend,
  f: () => unknown,
  known?: Tuning,
  progress: TuningProgress = () => {},
): Promise<Tuning> {
  const { adapter } = backend;
  const plans = plansFor(adapter);
  if (known) goBy(backend, known);
  const before = new Map(known?.choices.map((choice) => [choice.work, choice]));
  const choices: TunedWork[] = [];
  const all = [...await plans.askedIn(f)];
  for (const [i, [work, asked]] of all.entries()) {
    progress(i / all.length);
    const candidates = asked.plans(backend.software);
    if (candidates.length < 2) continue;
    const choice = before.get(work);
    if (choice && candidates.some((plan) => JSON.stringify(plan) === JSON.stringify(choice.plan))) {
      choices.push(choice);
      continue;
    }
    const times = await timesOf(backend, asked, candidates);
    const [guess, fastest] = [candidates[0]!, candidates[times.indexOf(Math.min(...times))]!];
    // The least of many times is flattered: beside the guess alone it has to be the least again.
    const again = fastest === guess
      ? [times[0], times[0]]
      : await timesOf(backend, asked, [guess, fastest]);
    const [guessed, least] = again as [number, number];
    const [plan, milliseconds] = least < CLEARLY * guessed ? [fastest, least] : [guess, guessed];
    plans.want(work, plan);
    choices.push({ work, plan, milliseconds, guessed });
  }
  progress(1);
  return { adapter, choices };
}

/**
 * Goes by the plans of an earlier tuning; those that there are no more are passed over.
 *
 * @throws {ArgumentError} If it was made on another adapter.
 */
export function goBy(backend: GuardedBackend, { adapter, choices }: Tuning): void {
  const here = backend.adapter;
  if (adapter !== here) {
    throw new ArgumentError(
      `Cannot use a tuning for "${adapter}" on "${here}": need one of the same adapter`,
    );
  }
  for (const { work, plan } of choices) plansFor(here).want(work, plan);
}

/** The times of plans in milliseconds. */
async function timesOf(
  backend: GuardedBackend,
  work: Work<object>,
  plans: readonly object[],
): Promise<number[]> {
  const inputs = work.inputs.map((shape) => tf.fill([...shape], 0.5));
  const run = (plan: object) => backend.disposeData(work.run(backend, plan, inputs).dataId);
  try {
    for (const plan of plans) run(plan); // compiles
    flush(backend);
    const rounds = backend.device.features.has("timestamp-query")
      ? await roundsByDevice(backend, plans, run)
      : await roundsByClock(backend, plans, run);
    return plans.map((_, i) => Math.min(...rounds.map((times) => times[i]!)));
  } finally {
    tf.dispose(inputs);
  }
}

async function roundsByDevice(
  backend: GuardedBackend,
  plans: readonly object[],
  run: (plan: object) => void,
): Promise<number[][]> {
  const rounds = Array.from({ length: ROUNDS }, () => plans.map(() => 0));
  let now: readonly [round: number, plan: number] = [0, 0];
  const stop = timeDispatches(backend, () => now);
  for (let round = 0; round < ROUNDS; round++) {
    plans.forEach((plan, i) => {
      now = [round, i];
      run(plan);
    });
  }
  for (const { during: [round, i], milliseconds } of await stop()) {
    rounds[round]![i]! += milliseconds;
  }
  return rounds;
}

async function roundsByClock(
  backend: GuardedBackend,
  plans: readonly object[],
  run: (plan: object) => void,
): Promise<number[][]> {
  const rounds: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = [];
    for (const plan of plans) {
      const start = performance.now();
      run(plan);
      flush(backend);
      await backend.device.queue.onSubmittedWorkDone();
      times.push(performance.now() - start);
    }
    rounds.push(times);
  }
  return rounds;
}
