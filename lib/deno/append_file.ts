/**
 * A file that grows: what is appended is there in order, each piece whole, and in the file as soon as
 * its promise is kept.
 *
 * @module
 */

import { fileError } from "./file_error.ts";
import { writeAll } from "./write_file.ts";

/** Appends to a file; `await using` waits for the last piece and closes it. */
export interface Appender extends AsyncDisposable {
  /**
   * Appends one piece.
   *
   * @throws {FileError} If the system refuses.
   */
  append(piece: Uint8Array): Promise<void>;
}

/**
 * Opens a file to append to, and makes it if need be.
 *
 * @throws {FileError} If the system refuses.
 */
export async function appendFile(path: string | URL): Promise<Appender> {
  const mapped = async <T>(operation: Promise<T>): Promise<T> => {
    try {
      return await operation;
    } catch (cause) {
      throw fileError("write", path, cause);
    }
  };
  const file = await mapped(Deno.open(path, { append: true, create: true }));
  // One after the other, so that two pieces never mix.
  let last: Promise<void> = Promise.resolve();
  return {
    append(piece) {
      const next = last.catch(() => {}).then(() => mapped(writeAll(file, piece)));
      last = next;
      return next;
    },
    async [Symbol.asyncDispose]() {
      await last.catch(() => {});
      file.close();
    },
  };
}
