import { assertEquals, assertRejects } from "@std/assert";
import { FileError } from "@fplusx/nn";
import { tensorboardWriter } from "@fplusx/nn/deno";
import { tensorboardHeader, tensorboardRecord } from "@fplusx/nn/inspect";
import { withFiles } from "./temporary_folder.ts";

Deno.test("tensorboardWriter() appends events in order, to a file of its own", () =>
  withFiles({}, async (folder) => {
    const begun = Date.now() / 1000;
    await using board = await tensorboardWriter(folder, 7);
    const scalar = (step: number) =>
      ({ kind: "scalar", tag: "loss", step, value: step / 2 }) as const;
    await Promise.all([board.add(scalar(7), scalar(8)), board.add(), board.add(scalar(9))]);
    const [file, ...others] = [...Deno.readDirSync(folder)];
    assertEquals(others, []);
    const bytes = await Deno.readFile(`${folder}/${file!.name}`);
    const header = tensorboardHeader(0, 7);
    const record = tensorboardRecord({ ...scalar(7), time: 0 });
    assertEquals(bytes.length, header.length + 3 * record.length);
    const view = new DataView(bytes.buffer);
    for (const [i, step] of [7, 8, 9].entries()) {
      const at = header.length + i * record.length + 12;
      assertEquals(view.getUint8(at + 10), step);
      const time = view.getFloat64(at + 1, true);
      assertEquals(time >= begun && time <= Date.now() / 1000, true);
    }
  }));

Deno.test("tensorboardWriter() says when there is no such folder", async () => {
  const { message } = await assertRejects(() => tensorboardWriter("runs/none/at/all"), FileError);
  const file = /^Cannot write "runs\/none\/at\/all\/events\.out\.tfevents\.[\d.]+": /;
  assertEquals(message.replace(file, ""), "no such file or directory (ENOENT)");
});
