/**
 * Threads that make calls beside the calling one. They live in workers of `node:worker_threads`, which
 * unlike web workers let the process exit, and sleep until there is something to do. Whoever is free
 * makes the next call of a list; nobody is waited for but those in the middle of a call, so that
 * threads that come late, or never start, cost nothing.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import { CALL_BYTES } from "./simd/program.ts";

/** Makes `count` calls that lie side by side in the heap, in any order, and returns when all are made. */
export type MakeCalls = (first: number, count: number) => void;

/** What the threads share: where the list of calls is, and who is at it. */
const [ROUND, OPEN, INSIDE, NEXT, COUNT, FIRST] = [0, 1, 2, 3, 4, 5] as const;

/** How often to look for the next list, or for the end of the last calls, before going to sleep. */
const PATIENCE = 1000;

/** Hires `threads - 1` threads to help with calls of the function `run` of a module. */
export function hire(
  threads: number,
  code: WebAssembly.Module,
  memory: WebAssembly.Memory,
  run: (call: number) => void,
): MakeCalls {
  const shared = new Int32Array(new SharedArrayBuffer(64));
  for (let i = 1; i < threads; i++) {
    const worker = new Worker(HELPER, { eval: true, workerData: { code, memory, shared } });
    worker.on("error", () => {}); // one that does not start is not missed
    worker.unref();
  }
  return (first, count) => {
    shared[FIRST] = first;
    shared[COUNT] = count;
    shared[NEXT] = 0;
    Atomics.store(shared, OPEN, 1);
    Atomics.add(shared, ROUND, 1);
    Atomics.notify(shared, ROUND);
    for (let i; (i = Atomics.add(shared, NEXT, 1)) < count;) run(first + i * CALL_BYTES);
    Atomics.store(shared, OPEN, 0);
    let patience = PATIENCE;
    for (let busy; (busy = Atomics.load(shared, INSIDE)) > 0;) {
      if (--patience < 0) Atomics.wait(shared, INSIDE, busy);
    }
  };
}

/** What runs in a worker. Only who is inside reads a list, and only when nobody is inside it changes. */
const HELPER = `
  const { workerData: { code, memory, shared } } = require("node:worker_threads");
  const { run } = new WebAssembly.Instance(code, { heap: { memory } }).exports;
  for (let round = 0;;) {
    for (let i = 0; i < ${PATIENCE} && Atomics.load(shared, ${ROUND}) === round; i++);
    Atomics.wait(shared, ${ROUND}, round);
    round = Atomics.load(shared, ${ROUND});
    Atomics.add(shared, ${INSIDE}, 1);
    if (Atomics.load(shared, ${OPEN}) === 1) {
      const { [${FIRST}]: first, [${COUNT}]: count } = shared;
      for (let i; (i = Atomics.add(shared, ${NEXT}, 1)) < count;) run(first + i * ${CALL_BYTES});
    }
    Atomics.sub(shared, ${INSIDE}, 1);
    Atomics.notify(shared, ${INSIDE});
  }
`;
