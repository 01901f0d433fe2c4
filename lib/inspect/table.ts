/**
 * Tables: text for a terminal, HTML for a notebook or a page.
 *
 * @module
 */

/** What is shown as a table; `String()` and `console.log` give the text. */
export interface Shown {
  /** The table for a terminal. */
  readonly text: string;
  /** The table for a page. */
  readonly html: string;
  /** Gives the table for a terminal. */
  toString(): string;
}

/** The cells of a row. */
export type Row = readonly string[];

/** A table. */
export interface Table {
  /** What the columns are. */
  readonly headings: Row;
  /** How many columns, from the left, are texts; the others are numbers, and end at the right. */
  readonly texts: number;
  /** The rows. */
  readonly rows: readonly Row[];
  /** The last row. */
  readonly total: Row;
  /** Lines under the table. */
  readonly notes: readonly string[];
}

/** Gives what is shown the table, as text and as HTML. */
export function shown<T extends object>(what: T, table: Table): T & Shown {
  const [text, html] = [textOf(table), htmlOf(table)];
  // What Deno's console and notebooks look for; not enumerable, since it is not for anyone else.
  return Object.defineProperties({ ...what, text, html, toString: () => text }, {
    [Symbol.for("Deno.customInspect")]: { value: () => text },
    [Symbol.for("Jupyter.display")]: { value: () => ({ "text/plain": text, "text/html": html }) },
  });
}

/** A number of bytes with its unit. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), units.length - 1);
  const scaled = value / 1000 ** power;
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power]}`;
}

function textOf({ headings, texts, rows, total, notes }: Table): string {
  const widths = headings.map((_, i) =>
    Math.max(...[headings, ...rows, total].map((row) => row[i]!.length))
  );
  const line = (row: Row) =>
    row.map((cell, i) => i < texts ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))
      .join("  ");
  const rule = "-".repeat(line(headings).length);
  return [line(headings), rule, ...rows.map(line), rule, line(total), ...notes].join("\n");
}

function htmlOf({ headings, texts, rows, total, notes }: Table): string {
  const line = (tag: "th" | "td") => (row: Row) =>
    `<tr>${
      row.map((cell, i) =>
        `<${tag}${i < texts ? "" : ' style="text-align:right"'}>${escape(cell)}</${tag}>`
      ).join("")
    }</tr>`;
  return [
    '<table style="text-align:left;font-variant-numeric:tabular-nums">',
    `<caption style="caption-side:bottom;text-align:left">${
      notes.map(escape).join("<br>")
    }</caption>`,
    `<thead>${line("th")(headings)}</thead>`,
    "<tbody>",
    ...rows.map(line("td")),
    "</tbody>",
    `<tfoot>${line("th")(total)}</tfoot>`,
    "</table>",
  ].join("\n");
}

/** Writes text so that HTML shows it as it is. */
export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
