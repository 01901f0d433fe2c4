/**
 * A place for results, by name. It knows nothing of files; the command line has one that does.
 *
 * @module
 */

import { FormatError } from "../errors.ts";

/** Where results are kept, by name. */
export interface Store {
  /** Gives what was written under a name; nothing if nothing was. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Writes under a name, all or nothing. */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** Gives a store that lasts as long as the program. */
export function memoryStore(): Store {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    read: (name) => Promise.resolve(kept.get(name)),
    write: (name, bytes) => Promise.resolve(void kept.set(name, bytes)),
  };
}

/**
 * Gives the JSON that was written under a name; nothing if nothing was.
 *
 * @throws {FormatError} If it is damaged.
 */
export async function readJson<T>(store: Store, name: string): Promise<T | undefined> {
  const bytes = await store.read(name);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new FormatError(
      `Cannot read result "${name}": it is not JSON; without the file it is computed again`,
      0,
    );
  }
}
