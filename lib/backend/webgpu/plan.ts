/**
 * Work that can be done in more ways than one. It lists the plans that there are, the best guess first,
 * and an adapter goes by the plan that is wanted for such work, else by the guess.
 *
 * @module
 */

import type { Shape } from "../../tensor.ts";
import type { tf } from "../../tfjs.ts";
import type { GuardedBackend } from "./backend.ts";

/** Work of certain sizes that can be done in more ways than one. */
export interface Work<Plan extends object> {
  /** What a profile calls it. */
  readonly name: string;
  /** What it is, but for the name, as plain data: work that is alike is done alike. */
  readonly sizes: object;
  /** The shapes of its inputs, or others of as many elements. */
  readonly inputs: readonly Shape[];
  /** The plans that are worth a try, plain data, the best guess first. */
  plans(software: boolean): readonly Plan[];
  /** Does it by a plan. */
  run(backend: GuardedBackend, plan: Plan, inputs: readonly tf.TensorInfo[]): tf.TensorInfo;
}

/** What plans are kept by. */
export function keyOf({ name, sizes }: { readonly name: string; readonly sizes: object }): string {
  return `${name} ${JSON.stringify(sizes)}`;
}

/** The plans that an adapter goes by. */
export class Plans {
  readonly #chosen = new Map<string, object>();
  readonly #wanted = new Map<string, string>();
  #asked: Map<string, Work<object>> | undefined;

  /** Gives the plan that is wanted, if there is still such a one, else the best guess. */
  of<Plan extends object>(work: Work<Plan>, software: boolean): Plan {
    const key = keyOf(work);
    this.#asked?.set(key, work);
    let plan = this.#chosen.get(key) as Plan | undefined; // it is one of such work
    if (plan === undefined) {
      const [guess, ...others] = work.plans(software) as [Plan, ...Plan[]];
      const wanted = this.#wanted.get(key);
      plan = others.find((other) => JSON.stringify(other) === wanted) ?? guess;
      this.#chosen.set(key, plan);
    }
    return plan;
  }

  /** Wants a plan from now on for the work with that key. */
  want(key: string, plan: object): void {
    this.#wanted.set(key, JSON.stringify(plan));
    this.#chosen.delete(key);
  }

  /** Runs `f`, and gives the work that came up meanwhile, by its key. */
  async askedIn(f: () => unknown): Promise<ReadonlyMap<string, Work<object>>> {
    const asked = this.#asked = new Map<string, Work<object>>();
    try {
      await f();
    } finally {
      this.#asked = undefined;
    }
    return asked;
  }
}

const known = new Map<string, Plans>();

/** Gives the plans of an adapter. */
export function plansFor(adapter: string): Plans {
  let plans = known.get(adapter);
  if (plans === undefined) known.set(adapter, plans = new Plans());
  return plans;
}

/** Does work by the plan for it. */
export function perform<Plan extends object>(
  backend: GuardedBackend,
  work: Work<Plan>,
  inputs: readonly tf.TensorInfo[],
): tf.TensorInfo {
  return work.run(backend, plansFor(backend.adapter).of(work, backend.software), inputs);
}
