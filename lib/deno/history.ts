/**
 * The history of a training as a file of JSON lines: one record a line, in the file as soon as it is
 * appended, so that a process that dies loses nothing of what it said.
 *
 * @module
 */

import { fileError } from "./file_error.ts";
import { writeAll } from "./write_file.ts";

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
  const mapped = async <T>(operation: Promise<T>): Promise<T> => {
    try {
      return await operation;
    } catch (cause) {
      throw fileError("write", path, cause);
    }
  };
  const file = await mapped(Deno.open(path, { append: true, create: true }));
  // One after the other, so that two records never share a line.
  let last: Promise<void> = Promise.resolve();
  return {
    append(record) {
      const line = new TextEncoder().encode(`${JSON.stringify(record)}\n`);
      const next = last.catch(() => {}).then(() => mapped(writeAll(file, line)));
      last = next;
      return next;
    },
    async [Symbol.asyncDispose]() {
      await last.catch(() => {});
      file.close();
    },
  };
}
