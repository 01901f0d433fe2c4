/**
 * Work that can be done in more ways than one. It lists the plans that there are, the best guess first,
 * and a backend goes by what was chosen for such work, else by the guess.
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
  /** The plans that there are, plain data, the best guess first. */
  plans(software: boolean): readonly Plan[];
  /** Does it by a plan. */
  run(backend: GuardedBackend, plan: Plan, inputs: readonly tf.TensorInfo[]): tf.TensorInfo;
}

/** The plans that a backend goes by. */
export class Plans {
  readonly #chosen = new Map<string, object>();

  /** Gives the plan that was chosen, else the best guess. */
  of<Plan extends object>(work: Work<Plan>, software: boolean): Plan {
    const key = keyOf(work);
    let plan = this.#chosen.get(key) as Plan | undefined; // it was put there for such work
    if (plan === undefined) this.#chosen.set(key, plan = work.plans(software)[0]!);
    return plan;
  }

  /** Chooses a plan for work, and for all that is alike. */
  choose<Plan extends object>(work: Work<Plan>, plan: Plan): void {
    this.#chosen.set(keyOf(work), plan);
  }
}

function keyOf({ name, sizes }: Pick<Work<never>, "name" | "sizes">): string {
  return name + JSON.stringify(sizes);
}

const known = new WeakMap<GuardedBackend, Plans>();

/** Gives the plans of a backend. */
export function plansOf(backend: GuardedBackend): Plans {
  let plans = known.get(backend);
  if (plans === undefined) known.set(backend, plans = new Plans());
  return plans;
}

/** Does work by the backend's plan for it. */
export function perform<Plan extends object>(
  backend: GuardedBackend,
  work: Work<Plan>,
  inputs: readonly tf.TensorInfo[],
): tf.TensorInfo {
  return work.run(backend, plansOf(backend).of(work, backend.software), inputs);
}
