/** The folder of a training that was damaged: what cannot be read is said, and where. */

import { assertEquals, assertRejects } from "@std/assert";
import { FormatError } from "@fplusx/nn";
import { readExamined, readHistory, readRun } from "../../lib/cli/run_folder.ts";
import { withFiles } from "../deno/temporary_folder.ts";

const text = (content: string) => new TextEncoder().encode(content);

Deno.test("A history is read up to a step, without what a kill has left of its last line", async () => {
  const lines = [0, 1, 2].map((step) => `{"step":${step}}\n`).join("");
  await withFiles({ "history.jsonl": text(`${lines}{"ste`) }, async (folder) => {
    assertEquals(await readHistory(folder), [{ step: 0 }, { step: 1 }, { step: 2 }]);
    assertEquals(await readHistory(folder, 2), [{ step: 0 }, { step: 1 }]);
  });
  await withFiles({}, async (folder) => assertEquals(await readHistory(folder), []));
});

Deno.test("A damaged history, record or examination is told from one that is not there", async () => {
  const damaged = {
    "history.jsonl": text('{"step":0}\n\0\0\0\n{"step":2}\n'),
    "run.json": text("{"),
    "examination.json": text(""),
  };
  await withFiles(damaged, async (folder) => {
    const refused = async (read: (folder: string) => Promise<unknown>) =>
      (await assertRejects(() => read(folder), FormatError)).message;
    assertEquals(
      await refused(readHistory),
      `Cannot read "${folder}/history.jsonl": line 2 is not JSON, at byte 0`,
    );
    assertEquals(
      await refused(readRun),
      `Cannot read "${folder}/run.json": it is not JSON, at byte 0`,
    );
    assertEquals(
      await refused(readExamined),
      `Cannot read "${folder}/examination.json": it is not JSON, at byte 0`,
    );
  });
});
