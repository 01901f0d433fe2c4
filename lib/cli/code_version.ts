/**
 * Which code this is: the version of the package and, where its files can be read, the fingerprint of
 * all that can change a result.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };
import { fileError, sha256 } from "../deno/mod.ts";

/** Folders that show results and do not change them. */
const SHOWING = ["cli", "deno", "images", "inspect"];

/**
 * Gives the version, such as `0.1.0+d2f0a57c1be3`.
 *
 * @throws {FileError} If the files of the library cannot be read.
 */
export async function codeVersion(): Promise<string> {
  const root = new URL("../", import.meta.url);
  if (root.protocol !== "file:") return project.version;
  try {
    const texts: string[] = [];
    for (const path of await sourcesIn(root, SHOWING)) {
      texts.push(await Deno.readTextFile(new URL(path, root)));
    }
    const digest = await sha256(new TextEncoder().encode(texts.join("\0")));
    return `${project.version}+${digest.slice(0, 12)}`;
  } catch (cause) {
    throw fileError("read", root, cause);
  }
}

async function sourcesIn(folder: URL, except: readonly string[] = []): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (except.includes(name)) continue;
    if (!isDirectory) found.push(name);
    else {
      const inner = await sourcesIn(new URL(`${name}/`, folder));
      found.push(...inner.map((path) => `${name}/${path}`));
    }
  }
  return found.filter((path) => path.endsWith(".ts")).sort();
}
