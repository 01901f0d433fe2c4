import { assertEquals } from "@std/assert";
import { assertNoLeaks, setup } from "@fplusx/nn";
import { kill } from "./kill.ts";
import { withFiles } from "./temporary_folder.ts";

Deno.test("A training that is killed leaves whole checkpoints and nothing else, and lets nobody in before", async () => {
  await setup({ backend: "wasm" });
  await withFiles({}, (folder) =>
    assertNoLeaks(async () => {
      const { kills, keptOut, steps, checkpoints } = await kill(`${folder}/checkpoints`, 3, 1);
      assertEquals([kills, keptOut], [3, 3]);
      assertEquals([steps > 0, checkpoints >= 3], [true, true]);
    }));
});
