/**
 * Making the kernels of WebGPU faster on the adapter at hand: which tiles suit it can be guessed, or
 * found out. What was found is plain data, so that it can be kept for the next time.
 *
 * @module
 */

import { activeBackend, activeGpu } from "./setup.ts";
import { goBy, type TunedWork, tuneFor, type Tuning, type TuningProgress } from "./webgpu/tuner.ts";

export type { TunedWork, Tuning, TuningProgress };

/**
 * Runs a function, times the ways there are to do its convolutions and matrix products, and uses the
 * fastest from then on, where it is clearly faster than what was guessed. Results may differ in the last
 * digits between the ways, so a training that is to be repeated has to be tuned alike; and a step that
 * was compiled before stays as it is. Other backends than `webgpu` have nothing to tune.
 *
 * @param known What was found earlier, on the same adapter: it is used, and not timed again.
 * @param progress Is told how far it is: for a network it takes from seconds to a minute.
 * @returns The choices for the work that the function did.
 * @throws {ArgumentError} If what is known was found on another adapter.
 *
 * @example The products of a dense layer, before it is trained
 * ```ts
 * import { assert } from "@std/assert";
 * import { dense, evalMode, key, ones, release, setup, tune, useTuning } from "@fplusx/nn";
 *
 * await setup();
 * const layer = dense(8);
 * const variables = layer.init(key(0), [4, 16]);
 * const tuning = await tune(() => {
 *   const x = ones([4, 16]);
 *   const [y] = layer.apply(variables, x, evalMode);
 *   release([x, y]);
 * });
 * useTuning(JSON.parse(JSON.stringify(tuning))); // the next time
 * assert(tuning.adapter.length > 0);
 * release(variables);
 * ```
 */
export async function tune(
  f: () => unknown,
  known?: Tuning,
  progress?: TuningProgress,
): Promise<Tuning> {
  const gpu = activeGpu();
  if (gpu !== undefined) return await tuneFor(gpu, f, known, progress);
  await f();
  return { adapter: activeBackend().adapter, choices: [] };
}

/**
 * Uses what {@linkcode tune} found earlier. Choices for work that is done in other ways by now are
 * passed over.
 *
 * @throws {ArgumentError} If it was found on another adapter.
 *
 * @example From a file of one's own
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { setup, type Tuning, useTuning } from "@fplusx/nn";
 *
 * const { adapter } = await setup();
 * const tuning: Tuning = JSON.parse(`{ "adapter": ${JSON.stringify(adapter)}, "choices": [] }`);
 * useTuning(tuning);
 * assertEquals(tuning.choices.length, 0);
 * ```
 */
export function useTuning(tuning: Tuning): void {
  const gpu = activeGpu();
  if (gpu !== undefined) goBy(gpu, tuning);
}
