/**
 * Writing a file so that nobody ever sees half of it: the bytes go to a neighbour, are forced to the
 * disk, and take the name of the file in one step. What stood there before is intact until then.
 *
 * @module
 */

import { fileError, folderOf, orFileError, pathOf } from "./file_error.ts";

/** What the neighbour of a file is called; see {@linkcode writeFileAtomic}. */
const PARTIAL = /^(.+)\.tmp-\d+-[0-9a-f]{8}$/;

/**
 * Writes a file, all of it or nothing; needs `--allow-write` for its folder, and, since renaming takes
 * it, `--allow-read` too.
 *
 * @throws {FileError} If the system refuses; the message has its code, the old file is intact, and
 * nothing else is left behind.
 *
 * @example Replacing a file
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeFileAtomic } from "@fplusx/nn/deno";
 *
 * await Deno.mkdir("runs", { recursive: true });
 * await writeFileAtomic("runs/atomic.txt", new TextEncoder().encode("old"));
 * await writeFileAtomic("runs/atomic.txt", new TextEncoder().encode("new"));
 * assertEquals(await Deno.readTextFile("runs/atomic.txt"), "new");
 * await Deno.remove("runs/atomic.txt");
 * ```
 */
export async function writeFileAtomic(path: string | URL, bytes: Uint8Array): Promise<void> {
  const name = pathOf(path);
  // The process, so that what a crash left can be told from what is being written; the rest, since
  // one process may write a file twice at a time, and containers share process numbers.
  const partial = `${name}.tmp-${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`;
  try {
    await writeThrough(partial, bytes);
    await Deno.rename(partial, name);
  } catch (cause) {
    await Deno.remove(partial).catch(() => {});
    throw fileError("write", name, cause);
  }
  await syncFolder(folderOf(name));
}

/**
 * Removes what a crash has left of files that were being written in a folder, and which nobody else is
 * writing.
 *
 * @param isMeant Tells by its name whether a file is meant.
 * @throws {FileError} If the system refuses.
 */
export async function removePartial(
  folder: string,
  isMeant: (name: string) => boolean,
): Promise<void> {
  const entries = await orFileError("read", folder, Array.fromAsync(Deno.readDir(folder)));
  for (const { name } of entries) {
    const of = PARTIAL.exec(name)?.[1];
    if (of === undefined || !isMeant(of)) continue;
    await orFileError("write", `${folder}/${name}`, Deno.remove(`${folder}/${name}`));
  }
}

/** Forces the names in a folder to the disk, where the system can do that. */
async function syncFolder(folder: string): Promise<void> {
  try {
    using open = await Deno.open(folder);
    await open.sync();
  } catch {
    // The file is written, and the name is as safe as this system makes it.
  }
}

async function writeThrough(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  await writeAll(file, bytes);
  await file.sync();
}

/** Writes all bytes; a single call may write a part. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}
