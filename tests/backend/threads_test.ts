/**
 * WASM on more than one thread, in a process of its own: the number is fixed when the backend starts.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

Deno.test("two threads give what cpu gives, need no permission, and let the process end", async () => {
  const program = new URL("./threads_program.ts", import.meta.url).href;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", program],
    signal: AbortSignal.timeout(120_000),
  });
  const { code, stdout, stderr } = await process.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const { threads, cases, different } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals({ threads, different }, { threads: 2, different: [] });
  assert(cases > 50, `${cases} cases`);
});
