/**
 * How two values differ, line by line. Both are printed one property a line; the longest common
 * subsequence of the lines stays, the rest is marked.
 *
 * @module
 */

/** Lines compared against lines; beyond this the quadratic table is not worth its time. */
const TABLE_LIMIT = 4_000_000;

/** Prints a value in full, its keys sorted and each on a line of its own. */
export function format(value: unknown): string {
  return Deno.inspect(value, {
    depth: Infinity,
    sorted: true,
    trailingComma: true,
    compact: false,
    iterableLimit: Infinity,
    getters: true,
    strAbbreviateSize: Infinity,
  });
}

/** Gives the lines only in `actual` marked `-`, the lines only in `expected` marked `+`. */
export function diff(actual: unknown, expected: unknown): string {
  const lines = compareLines(format(actual).split("\n"), format(expected).split("\n"));
  return `\n\n    [Diff] ${red("Actual")} / ${green("Expected")}\n\n\n${lines.join("\n")}\n`;
}

function compareLines(a: string[], b: string[]): string[] {
  const head = commonHead(a, b);
  const tail = commonHead(a.slice(head).reverse(), b.slice(head).reverse());
  const kept = (line: string) => `    ${line}`;
  return [
    ...a.slice(0, head).map(kept),
    ...changes(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(kept),
  ];
}

function commonHead(a: string[], b: string[]): number {
  const end = a.findIndex((line, i) => line !== b[i]);
  return end < 0 ? a.length : end;
}

function changes(a: string[], b: string[]): string[] {
  const removed = (line: string) => red(`-   ${line}`);
  const added = (line: string) => green(`+   ${line}`);
  if (a.length * b.length > TABLE_LIMIT) return [...a.map(removed), ...b.map(added)];

  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width); // of a[i…] and b[j…]
  const at = (i: number, j: number) => longest[i * width + j]!;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = a[i] === b[j]
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }

  const out: string[] = [];
  let i = 0, j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && a[i] === b[j]) out.push(`    ${a[i++]}`), j++;
    else if (j === b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      out.push(removed(a[i++]!));
    } else out.push(added(b[j++]!));
  }
  return out;
}

function red(text: string): string {
  return Deno.noColor ? text : `\x1b[31m${text}\x1b[39m`;
}

function green(text: string): string {
  return Deno.noColor ? text : `\x1b[32m${text}\x1b[39m`;
}
