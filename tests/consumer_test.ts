/** Uses the package as another project does: by its name, from a folder of its own. */

import { assertEquals, assertLess } from "@std/assert";

Deno.test("another project imports the package and trains a layer of its own, without permission", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--check", "--no-prompt", "--quiet", "main.ts"],
    cwd: new URL("consumer", import.meta.url),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals(success, true, text(stderr));
  const { backend, losses, gate } = JSON.parse(text(stdout)) as {
    backend: string;
    losses: number[];
    gate: number[];
  };
  assertEquals([backend, losses.length, gate.length], ["wasm", 100, 8]);
  assertLess(losses.at(-1)!, 0.01 * losses[0]!);
});
