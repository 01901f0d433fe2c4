/** Uses the package as another project does: by its name, from a folder of its own. */

import { assertEquals, assertLess } from "@std/assert";

Deno.test("another project imports the package and trains a layer of its own, without permissions", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--check", "--no-prompt", "--quiet", "main.ts"],
    cwd: new URL("consumer", import.meta.url),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals(success, true, text(stderr));
  const [before, after] = JSON.parse(text(stdout)) as [number, number];
  assertLess(after, before);
});
