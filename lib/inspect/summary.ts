/**
 * The summary of a model: one row a layer, and combinators only where they hide what is deeper, so
 * that the numbers of the rows add up. It prints as a table, is
 * JSON when asked to be, and is HTML in a notebook or a page.
 *
 * @module
 */

import { ArgumentError, showShape } from "../errors.ts";
import type { Layer } from "../layer.ts";
import type { Shape } from "../tensor.ts";
import { type Cost, cost, type CostOptions } from "./cost.ts";

/** A summary; `String(summary)` and `console.log` give the table. */
export interface Summary {
  /** The table for a terminal. */
  readonly text: string;
  /** The table for a page. */
  readonly html: string;
  /** What it shows. */
  readonly cost: Cost;
  /** Gives the table for a terminal. */
  toString(): string;
  /** Gives what it shows. */
  toJSON(): Cost;
}

/** How much of a model {@linkcode summary} shows. */
export interface SummaryOptions extends CostOptions {
  /** How many names deep; what lies below is one row. All by default. */
  readonly depth?: number;
}

/**
 * Summarises a model for inputs of `shape`, without touching a device.
 *
 * @throws {ShapeError} If the model cannot take `shape`.
 * @throws {ArgumentError} If `depth` is not an integer above 0.
 *
 * @example A table
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, relu, sequential } from "@fplusx/nn";
 * import { summary } from "@fplusx/nn/inspect";
 *
 * const { text } = summary(sequential(dense(100), relu, dense(10)), [32, 784]);
 * assertEquals(text.split("\n").slice(0, 5), [
 *   "layer  kind   output    parameters  multiply-adds",
 *   "-------------------------------------------------",
 *   "0      dense  [32,100]      78,500         78,400",
 *   "1      relu   [32,100]           0              0",
 *   "2      dense  [32,10]        1,010          1,000",
 * ]);
 * ```
 */
export function summary(model: Layer, shape: Shape, options: SummaryOptions = {}): Summary {
  const { depth = Infinity } = options;
  if (!(depth >= 1 && (Number.isInteger(depth) || depth === Infinity))) {
    throw new ArgumentError(`Cannot summarise to depth ${depth}: need an integer above 0`);
  }
  const all = cost(model, shape, options);
  const rows = all.layers
    .filter((layer) => layer.composed ? layer.depth === depth : layer.depth <= depth)
    .map(({ path, kind, output, parameters, multiplyAdds }) =>
      rowOf(path, kind, output, parameters, multiplyAdds)
    );
  const total = rowOf("total", "", all.output, all.parameters, all.multiplyAdds);
  const text = textOf(rows, total, notesOf(all));
  const html = htmlOf(rows, total, notesOf(all));
  const shown = { text, html, cost: all, toString: () => text, toJSON: () => all };
  // What Deno's console and notebooks look for; not enumerable, since it is not for anyone else.
  return Object.defineProperties(shown, {
    [Symbol.for("Deno.customInspect")]: { value: () => text },
    [Symbol.for("Jupyter.display")]: { value: () => ({ "text/plain": text, "text/html": html }) },
  });
}

type Row = readonly string[];

const HEADINGS: Row = ["layer", "kind", "output", "parameters", "multiply-adds"];
/** The columns from here on are numbers, and end at the right. */
const NUMBERS = 3;

function rowOf(
  path: string,
  kind: string,
  output: Shape,
  parameters: number,
  multiplyAdds: number,
): Row {
  return [path, kind, showShape(output), count(parameters), count(multiplyAdds)];
}

const count = (value: number): string => value.toLocaleString("en-US");

function notesOf({ input, buffers, training }: Cost): readonly string[] {
  return [
    `input ${showShape(input)}, ${count(buffers)} values of state, multiply-adds for one example`,
    `training needs at least ${bytes(training.total)}: ${
      bytes(training.activations)
    } for activations, ` +
    `${bytes(training.total - training.activations)} for parameters, gradients and the optimizer`,
  ];
}

function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), units.length - 1);
  const scaled = value / 1000 ** power;
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power]}`;
}

function textOf(rows: readonly Row[], total: Row, notes: readonly string[]): string {
  const widths = HEADINGS.map((_, i) =>
    Math.max(...[HEADINGS, ...rows, total].map((row) => row[i]!.length))
  );
  const line = (row: Row) =>
    row.map((cell, i) => i < NUMBERS ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))
      .join("  ");
  const rule = "-".repeat(line(HEADINGS).length);
  return [line(HEADINGS), rule, ...rows.map(line), rule, line(total), ...notes].join("\n");
}

function htmlOf(rows: readonly Row[], total: Row, notes: readonly string[]): string {
  const line = (tag: "th" | "td") => (row: Row) =>
    `<tr>${
      row.map((cell, i) =>
        `<${tag}${i < NUMBERS ? "" : ' style="text-align:right"'}>${escape(cell)}</${tag}>`
      ).join("")
    }</tr>`;
  return [
    '<table style="text-align:left;font-variant-numeric:tabular-nums">',
    `<caption style="caption-side:bottom;text-align:left">${notes.join("<br>")}</caption>`,
    `<thead>${line("th")(HEADINGS)}</thead>`,
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
