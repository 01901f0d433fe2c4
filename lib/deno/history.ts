/**
 * The history of a training as a file of JSON lines: one record a line, in the file as soon as it is
 * appended, so that a process that dies loses nothing of what it said.
 *
 * @module
 */

import { appendFile } from "./append_file.ts";

/** Appends records to a file; `await using` closes it. */
export interface HistoryWriter extends AsyncDisposable {
  /**
   * Appends one record as one line.
   *
   * @throws {FileError} If the system refuses.
   */
  append(record: object): Promise<void>;
}

/**
 * Opens a history, new or to be continued; needs `--allow-write` for its folder.
 *
 * @throws {FileError} If the system refuses.
 *
 * @example Two records
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { historyWriter } from "@fplusx/nn/deno";
 *
 * await Deno.mkdir("runs", { recursive: true });
 * {
 *   await using history = await historyWriter("runs/example.jsonl");
 *   await history.append({ step: 0, loss: 2.3 });
 *   await history.append({ step: 1, loss: 2.1 });
 * }
 * const lines = (await Deno.readTextFile("runs/example.jsonl")).trim().split("\n");
 * assertEquals(lines.map((line) => JSON.parse(line).loss), [2.3, 2.1]);
 * await Deno.remove("runs/example.jsonl");
 * ```
 */
export async function historyWriter(path: string | URL): Promise<HistoryWriter> {
  const file = await appendFile(path);
  return {
    append: (record) => file.append(new TextEncoder().encode(`${JSON.stringify(record)}\n`)),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}
