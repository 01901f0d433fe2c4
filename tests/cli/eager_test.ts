/** Recorded steps from the command line. */

import { assertEquals } from "@std/assert";
import { webgpuSkipped } from "../backends.ts";
import { withFiles } from "../deno/temporary_folder.ts";
import { lastJson, run, stripes } from "./stripes.ts";

Deno.test({
  name: "train comes to the same weights whether steps are recorded or not [webgpu]",
  ignore: webgpuSkipped !== undefined,
  fn: () =>
    withFiles({}, async (folder) => {
      await stripes(`${folder}/data`, 20);
      const args = [
        ...["train", "--recipe", "quick-mnist", "--folder", `${folder}/data`, "--limit", "14"],
        ...["--epochs", "2", "--batch", "5", "--backend", "webgpu", "--json"],
      ];
      const digests: string[] = [];
      for (const how of [["--eager"], []]) {
        const { code, out, err } = await run(...args, ...how, "--out", `${folder}/${how.length}`);
        assertEquals(code, 0, err);
        digests.push(lastJson(out).weightsSha256);
      }
      assertEquals(digests[0], digests[1]);
    }),
});
