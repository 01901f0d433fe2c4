/**
 * A file that grows: what is appended is there in order, each piece whole, and in the file as soon as
 * its promise is kept.
 *
 * @module
 */

import { orFileError } from "./file_error.ts";
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
  const refusable = <T>(operation: Promise<T>) => orFileError("write", path, operation);
  const file = await refusable(Deno.open(path, { append: true, create: true }));
  let { size } = await refusable(file.stat());
  const write = async (piece: Uint8Array) => {
    try {
      await refusable(writeAll(file, piece));
      size += piece.length;
    } catch (error) {
      // A disk that is full may have taken a part.
      await file.truncate(size).catch(() => {});
      throw error;
    }
  };
  // One after the other, so that two pieces never mix.
  let last: Promise<void> = Promise.resolve();
  return {
    append(piece) {
      const next = last.catch(() => {}).then(() => write(piece));
      last = next;
      return next;
    },
    async [Symbol.asyncDispose]() {
      await last.catch(() => {});
      file.close();
    },
  };
}
