/**
 * The errors of the system in our words: what could not be done with which file, the code of the
 * system, and, when a permission is missing, the flag that grants it.
 *
 * @module
 */

import { FileError } from "../errors.ts";

/**
 * Gives the error to throw when the system refuses to read or write a file.
 *
 * @param grant What the missing permission is to be granted for: by default the file to read, or the
 * folder to write in, since {@linkcode writeFileAtomic} writes a neighbour first.
 *
 * @example Naming the flag
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fileError } from "@fplusx/nn/deno";
 *
 * const error = fileError("write", "/model/weights", new Deno.errors.NotCapable("Requires write access"));
 * assertEquals(
 *   error.message,
 *   'Cannot write "/model/weights": the permission is missing; run with --allow-write=/model',
 * );
 * ```
 */
export function fileError(
  verb: "read" | "write",
  path: string | URL,
  cause: unknown,
  grant: string = verb === "read" ? pathOf(path) : folderOf(pathOf(path)),
): FileError {
  const reason = cause instanceof Deno.errors.NotCapable
    ? `the permission is missing; run with --allow-${accessIn(cause) ?? verb}=${grant}`
    : reasonOf(cause);
  return new FileError(`Cannot ${verb} "${pathOf(path)}": ${reason}`, { cause });
}

/**
 * Waits for what the system may refuse.
 *
 * @param grant As for {@linkcode fileError}.
 * @throws {FileError} If it refuses.
 */
export async function orFileError<T>(
  verb: "read" | "write",
  path: string | URL,
  operation: Promise<T>,
  grant?: string,
): Promise<T> {
  try {
    return await operation;
  } catch (cause) {
    throw fileError(verb, path, cause, grant);
  }
}

/** The access that is missing; renaming a file takes reading too. */
function accessIn({ message }: Error): string | undefined {
  return /^Requires (\w+) access/.exec(message)?.[1];
}

/** Gives what the system says, with its code, and without its number and the path, which we name. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const message = cause.message.replace(/ \(os error \d+\).*$|: \w+ '.*'$/s, "");
  const plain = message.charAt(0).toLowerCase() + message.slice(1);
  return "code" in cause && typeof cause.code === "string" ? `${plain} (${cause.code})` : plain;
}

/** The path of a file, given as a path or as a `file:` URL. */
export function pathOf(path: string | URL): string {
  if (typeof path === "string") return path;
  const name = decodeURIComponent(path.pathname);
  return Deno.build.os === "windows" ? name.replace(/^\/(?=[A-Za-z]:)/, "") : name;
}

/** The folder that a file is in. */
export function folderOf(path: string): string {
  return path.replace(/[^/\\]*$/, "").replace(/(?<=.)[/\\]$/, "") || ".";
}

/** The path of a folder, without a slash at its end. */
export function folderPath(path: string | URL): string {
  return pathOf(path).replace(/(?<=.)[/\\]$/, "");
}
