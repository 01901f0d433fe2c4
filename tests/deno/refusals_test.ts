/** The system refuses in earnest: what was there is intact, nothing is half-written, and we say why. */

import { assertEquals, assertMatch } from "@std/assert";
import { assertNoLeaks, release, setup } from "@fplusx/nn";
import { checkpointFolder } from "@fplusx/nn/deno";
import { fresh } from "./killable.ts";
import type { Refusals } from "./save_until_refused.ts";
import {
  closedFolder,
  type Place,
  readOnlyDisk,
  smallDisk,
  smallFiles,
} from "./refusing_places.ts";
import { shell } from "./shell.ts";
import { withFiles } from "./temporary_folder.ts";

const PROGRAM = new URL("save_until_refused.ts", import.meta.url).pathname;

/** Saves two checkpoints, and then writes more from a place where the system refuses. */
async function refusalsIn({ script }: Place, test: (path: string, seen: Refusals) => void) {
  await setup({ backend: "cpu" });
  await withFiles({}, (folder) =>
    assertNoLeaks(async () => {
      const path = `${folder}/checkpoints`;
      {
        await using checkpoints = await checkpointFolder(path);
        const state = fresh();
        for (const step of [1, 2]) {
          await checkpoints.save({ state, step, cursor: { epoch: 0, index: step }, config: {} });
        }
        release(state);
      }
      const command = [Deno.execPath(), "run", "--no-prompt", "--allow-read=runs"];
      const { code, out, err } = await shell(
        script,
        ...[path, ...command, "--allow-write=runs", PROGRAM, path],
      );
      await Deno.chmod(path, 0o755);
      assertEquals([code, err], [0, ""]);
      test(path, JSON.parse(out));
    }));
}

const TWO = ["step-00000001.safetensors", "step-00000002.safetensors"];
const PLACES: readonly [
  where: string,
  place: Place,
  save: string,
  append: string,
  names: readonly string[],
][] = [
  [
    "on a full disk",
    smallDisk(500),
    "step-00000003.safetensors: no space left on device (ENOSPC)",
    "history.jsonl: no space left on device (ENOSPC)",
    ["history.jsonl", "lock", ...TWO],
  ],
  [
    "where files cannot grow",
    smallFiles,
    "step-00000003.safetensors: file too large",
    "history.jsonl: file too large",
    ["history.jsonl", "lock", ...TWO],
  ],
  [
    "in a folder without the right to write",
    closedFolder,
    "step-00000003.safetensors: permission denied (EACCES)",
    "history.jsonl: permission denied (EACCES)",
    ["lock", ...TWO],
  ],
];

for (const [where, place, save, append, names] of PLACES) {
  Deno.test({
    name: `A checkpoint and a history that are refused ${where} leave what was there` +
      (place.missing === undefined ? "" : ` (not tested: ${place.missing})`),
    ignore: place.missing !== undefined,
    fn: () =>
      refusalsIn(place, (path, seen) => {
        const message = (text: string) => `Cannot write "${path}/${text.replace(/: /, '": ')}`;
        assertEquals(seen.save, ["IO", message(save)]);
        assertEquals(seen.append, ["IO", message(append)]);
        assertEquals([seen.latest, seen.names], [2, names]);
        assertMatch(seen.history, /^(\{"step":\d+,"note":"x+"\}\n)*$/);
        assertEquals(seen.history === "", !names.includes("history.jsonl"));
      }),
  });
}

Deno.test({
  name: "A folder on a read-only disk is refused before anything is done to it" +
    (readOnlyDisk.missing === undefined ? "" : ` (not tested: ${readOnlyDisk.missing})`),
  ignore: readOnlyDisk.missing !== undefined,
  fn: () =>
    refusalsIn(readOnlyDisk, (path, seen) => {
      const message = (name: string) =>
        `Cannot write "${path}/${name}": read-only file system (EROFS)`;
      assertEquals(seen.save, ["IO", message("lock")]);
      assertEquals(seen.append, ["IO", message("history.jsonl")]);
      assertEquals(seen.names, ["lock", ...TWO]);
    }),
});

Deno.test("A link in the place of a checkpoint is replaced, and what it leads to is left alone", () =>
  refusalsIn(
    {
      script: 'echo precious > "$1/../other"; ln -s ../other "$1/step-00000003.safetensors"; ' +
        'shift; exec "$@"',
      missing: undefined,
    },
    (path, { save, latest }) => {
      assertEquals([save, latest], [null, 3]);
      assertEquals(Deno.readTextFileSync(`${path}/../other`), "precious\n");
      assertEquals(Deno.lstatSync(`${path}/step-00000003.safetensors`).isFile, true);
    },
  ));
