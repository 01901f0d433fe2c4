import { assertEquals, assertMatch } from "@std/assert";
import { smallDisk } from "../deno/refusing_places.ts";
import { shell } from "../deno/shell.ts";
import { lastJson, stripes } from "./stripes.ts";

// There is room for one checkpoint, and later for all that is written.
const disk = smallDisk(
  1100,
  '"$@" || echo "exit $?"; mount -o remount,size=9m "$f"; "$@" --resume',
);

Deno.test({
  name: "A training that finds the disk full says so, and goes on when there is room" +
    (disk.missing === undefined ? "" : ` (not tested: ${disk.missing})`),
  ignore: disk.missing !== undefined,
  fn: async () => {
    await Deno.mkdir("runs", { recursive: true });
    const folder = await Deno.makeTempDir({ dir: "runs", prefix: "cli-test-" });
    try {
      await stripes(`${folder}/data`, 20);
      await Deno.mkdir(`${folder}/disk`);
      const out = `${folder}/disk/out`;
      const { code, out: printed, err } = await shell(
        disk.script,
        ...[`${folder}/disk`, Deno.execPath(), "run", "--no-prompt"],
        ...[`--allow-read=${folder}`, `--allow-write=${folder}`, "lib/cli/main.ts"],
        ...["train", "--model", "mnist-resnet", "--data", "mnist", "--folder", `${folder}/data`],
        ...["--backend", "wasm", "--epochs", "2", "--batch", "10", "--json", "--out", out],
        ...["--checkpoint-every", "1"],
      );
      const refused = (step: number) =>
        `Cannot write "${out}/checkpoints/step-0000000${step}.safetensors": ` +
        "no space left on device (ENOSPC)";
      // The third was on its way when the second was found to be refused.
      assertEquals(err.split("\n"), [refused(3), `Error: ${refused(2)}`]);
      assertMatch(printed, /^exit 1\n/);
      assertEquals([code, lastJson(printed).steps], [0, 4]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
