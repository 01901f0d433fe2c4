/**
 * Paths: where a leaf is in a tree, as names joined by dots (`layer1.0.body.conv1.weight`), and the
 * selectors that say which leaves are meant.
 *
 * @module
 */

/**
 * Says which leaves: a path, a pattern (`*` is one name, `**` is any number of names), several of
 * them, or a function of the path.
 */
export type Selector = string | readonly string[] | ((path: string) => boolean);

/** Joins names to a path; a dot or backslash inside a name is escaped, so paths can be taken apart. */
export function joinPath(names: readonly string[]): string {
  return names.map(escapeName).join(".");
}

/** Escapes a dot or backslash inside a name. */
export function escapeName(name: string): string {
  return name.includes(".") || name.includes("\\") ? name.replace(/[\\.]/g, "\\$&") : name;
}

/** Takes a path apart into its names. */
export function splitPath(path: string): string[] {
  const names: string[] = [];
  let name = "";
  for (let i = 0; i < path.length; i++) {
    if (path[i] === ".") {
      names.push(name);
      name = "";
    } else name += path[i] === "\\" ? path[++i] ?? "" : path[i];
  }
  return [...names, name];
}

/** Tells whether a selector selects the leaf at `path`. */
export function selects(selector: Selector, path: string): boolean {
  if (typeof selector === "function") return selector(path);
  if (typeof selector !== "string") return selector.some((pattern) => selects(pattern, path));
  return matches(splitPath(selector), splitPath(path));
}

function matches(pattern: readonly string[], names: readonly string[]): boolean {
  // One row per name of the pattern: whether it matches the first 0, 1, 2, … names of the path.
  let row = [true, ...names.map(() => false)];
  for (const part of pattern) {
    const above = row;
    row = [];
    for (let i = 0; i < above.length; i++) {
      row[i] = part === "**"
        ? above[i]! || i > 0 && row[i - 1]!
        : i > 0 && above[i - 1]! && (part === "*" || part === names[i - 1]);
    }
  }
  return row.at(-1)!;
}
