/**
 * Making calls of our own WebAssembly: writing them to the heap, and handing them to the threads.
 *
 * @module
 */

import type { EmscriptenModule } from "./load.ts";
import { type Call, CALL_BYTES, compile, hasFused } from "./simd/program.ts";
import { hire, type MakeCalls } from "./threads.ts";

/** Below this many numbers, waking a thread up takes longer than going through them. */
const FEW = 2 ** 15;

/** Makes calls that do not depend on each other and go through so many numbers in all. */
export interface Perform {
  (calls: readonly Call[], numbers: number): void;
  /** How many threads make them. */
  readonly threads: number;
}

/** Gives the function that makes calls in a heap, on a number of threads. */
export function performerIn(
  module: Pick<EmscriptenModule, "HEAP32" | "_malloc" | "_free">,
  memory: WebAssembly.Memory,
  threads: number,
): Perform {
  const program = compile(memory, hasFused());
  const { exports } = new WebAssembly.Instance(program.module, { heap: { memory } });
  const run = exports.run as (call: number) => void;
  const alone: MakeCalls = (first, count) => {
    for (let i = 0; i < count; i++) run(first + i * CALL_BYTES);
  };
  const together = threads > 1 ? hire(threads, program.module, memory, run) : alone;

  let [place, room] = [0, 0];
  const perform = (calls: readonly Call[], numbers: number) => {
    if (calls.length > room) {
      module._free(place);
      room = 2 * calls.length;
      place = module._malloc(room * CALL_BYTES);
    }
    const heap = module.HEAP32;
    calls.forEach(([name, ...values], i) => {
      const at = (place + i * CALL_BYTES) / 4;
      heap[at] = program.numbers[name];
      heap.set(values, at + 1);
    });
    (calls.length > 1 && numbers > FEW ? together : alone)(place, calls.length);
  };
  return Object.assign(perform, { threads });
}
