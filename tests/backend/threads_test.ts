/**
 * WASM on more than one thread, in a process of its own: the number is fixed when the backend starts.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { assemble } from "../../lib/backend/wasm/simd/assembler.ts";
import { performerIn } from "../../lib/backend/wasm/perform.ts";
import { CALL_BYTES, compile, hasFused } from "../../lib/backend/wasm/simd/program.ts";
import { hire } from "../../lib/backend/wasm/threads.ts";

async function outcomeOf(threads: number) {
  const program = new URL("./threads_program.ts", import.meta.url).href;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", program, String(threads)],
    signal: AbortSignal.timeout(120_000),
  });
  const { code, stdout, stderr } = await process.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("threads give what cpu gives, need no permission, and let the process end", async () => {
  const [one, three] = [await outcomeOf(1), await outcomeOf(3)];
  assertEquals(three.different, []);
  assert(three.cases > 50, `${three.cases} cases`);
  assertEquals(three.digests, one.digests, "the number of threads must not matter");
});

function sharedMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
}

/** Lists calls that add one to a vector each, the vectors lying from the start of the memory on. */
function countingCalls(memory: WebAssembly.Memory, count: number): void {
  const { numbers } = compile(memory, hasFused());
  const heap = new Int32Array(memory.buffer);
  const [one, first] = [65536, 131072];
  new Float32Array(memory.buffer, one, 4).fill(1);
  for (let i = 0; i < count; i++) {
    heap.set([numbers.addScaled, 16 * i, one, 16 * i, 1, one], (first + i * CALL_BYTES) / 4);
  }
}

Deno.test("each call of a list is made once, by whoever is free", () => {
  const [memory, count] = [sharedMemory(), 200];
  countingCalls(memory, count);
  const { module } = compile(memory, hasFused());
  const run = new WebAssembly.Instance(module, { heap: { memory } }).exports
    .run as CallableFunction;
  let own = 0;
  const make = hire(3, module, memory, (call) => {
    own++;
    run(call);
  });
  let rounds = 0;
  // The helpers need a while to start.
  for (const end = Date.now() + 20_000; own === rounds * count && Date.now() < end;) {
    make(131072, count);
    rounds++;
  }
  for (let i = 0; i < 1000; i++, rounds++) make(131072, count);
  const sums = new Float32Array(memory.buffer, 0, 4 * count);
  assertEquals(sums.findIndex((sum) => sum !== rounds), -1);
  assert(own < rounds * count, "nobody helped");
});

Deno.test("helpers that cannot start are not missed", () => {
  const [memory, count] = [sharedMemory(), 10];
  countingCalls(memory, count);
  const { module } = compile(memory, hasFused());
  const run = new WebAssembly.Instance(module, { heap: { memory } }).exports.run;
  const useless = new WebAssembly.Module(assemble([
    { name: "walk", parameters: 0, integers: 0, vectors: 0, body: [] },
  ], false));
  hire(2, useless, memory, run as (call: number) => void)(131072, count);
  assertEquals([...new Float32Array(memory.buffer, 0, 4 * count)], Array(4 * count).fill(1));
});

Deno.test("the list of calls grows with what is to be done", () => {
  const memory = new WebAssembly.Memory({ initial: 4 });
  const floats = new Float32Array(memory.buffer);
  let [end, freed] = [131072, 0];
  const perform = performerIn(
    {
      HEAP32: new Int32Array(memory.buffer),
      _malloc: (bytes) => (end += bytes) - bytes,
      _free: () => void freed++,
    },
    memory,
    1,
  );
  floats.fill(1, 0, 1000);
  for (const count of [1, 5, 2, 100]) {
    perform(Array.from({ length: count }, () => ["addScaled", 0, 16, 0, 1, 32]), 4);
  }
  assertEquals([...floats.subarray(0, 5)], [109, 109, 109, 109, 1]);
  assertEquals(perform.threads, 1);
});
