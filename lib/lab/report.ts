/**
 * The report: one page that reads like the experiments of a paper. It needs nothing but itself, is
 * light or dark as the reader's system is, and has no scripts.
 *
 * @module
 */

import { escape } from "../inspect/table.ts";
import type { Bench } from "./bench.ts";
import {
  type Experiment,
  type Finding,
  type Result,
  type Scale,
  type Table,
  verdictOf,
} from "./experiment.ts";
import type { Json, LedgerLine } from "./ledger.ts";

/** An experiment that was run. */
export type Entry = {
  /** What was claimed, and how it was examined. */
  readonly experiment: Pick<
    Experiment,
    "name" | "title" | "claim" | "setUp" | "refutedBy" | "differences"
  >;
  /** How much was run. */
  readonly scale: Scale;
  /** What was run. */
  readonly spec: Json;
  /** What came out. */
  readonly result: Result;
  /** The arms behind it. */
  readonly ledger: readonly LedgerLine[];
};

/** What a report says besides its experiments. */
export interface ReportOptions {
  /** The command that writes it. */
  readonly command: string;
  /** What computed it, for example the processor and the backend. */
  readonly machine: string;
}

/**
 * Runs an experiment at a scale, on a bench of its own.
 *
 * @throws {DOMException} If the signal of the bench is aborted; finished arms are kept.
 */
export async function runExperiment<S extends Json>(
  experiment: Experiment<S>,
  scale: Scale,
  bench: Bench,
): Promise<Entry> {
  const { name, title, claim, setUp, refutedBy, differences } = experiment;
  const spec = experiment.specs[scale];
  const result = await experiment.run(spec, bench);
  return {
    experiment: { name, title, claim, setUp, refutedBy, differences },
    scale,
    spec,
    result,
    ledger: bench.ledger,
  };
}

/**
 * Writes the report of some experiments as a page of HTML.
 *
 * @example A report of one claim
 * ```ts
 * import { assert } from "@std/assert";
 * import { reportHtml } from "@fplusx/nn/lab";
 *
 * const experiment = {
 *   name: "one", title: "One", claim: "1 = 1", setUp: "", refutedBy: "", differences: "",
 * };
 * const findings = [{ claim: "1 = 1", shown: true, evidence: "by definition" }];
 * const result = { findings, tables: [], figures: [], data: null };
 * const entry = { experiment, scale: "quick" as const, spec: {}, result, ledger: [] };
 * const html = reportHtml([entry], { command: "deno task cli lab one", machine: "any" });
 * assert(html.includes("by definition"));
 * ```
 */
export function reportHtml(entries: readonly Entry[], options: ReportOptions): string {
  const { command, machine } = options;
  // Arms that several experiments look at were run once.
  const arms = new Map(entries.flatMap(({ ledger }) => ledger).map((line) => [line.hash, line]));
  const seconds = [...arms.values()].reduce((sum, { seconds }) => sum + seconds, 0);
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    "<title>Experiments on residual learning</title>",
    `<style>${STYLE}</style>`,
    "</head>",
    "<body>",
    "<h1>Experiments on residual learning</h1>",
    `<p>Written by <code>${escape(command)}</code> on ${escape(machine)}. ${arms.size} arms took ${
      Math.round(seconds / 60)
    } minutes of computing.</p>`,
    overview(entries),
    ...entries.map(section),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

const STYLE = `
  :root { --ground: #fff; --text: #222; --faint: #666; --rule: #ddd; --panel: #f6f7f9 }
  body { max-width: 800px; margin: 2rem auto; padding: 0 1rem; background: var(--ground);
    color: var(--text); font: 16px/1.5 system-ui, sans-serif }
  h1 { font-size: 1.7rem } h2 { margin-top: 3rem; font-size: 1.35rem }
  svg { max-width: 100%; height: auto; display: block }
  figure { margin: 1.5rem 0 } figcaption, caption { color: var(--faint); font-size: 0.9rem;
    text-align: left; caption-side: top; margin: 0.4rem 0 }
  table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums;
    margin: 1rem 0; display: block; overflow-x: auto }
  th, td { text-align: right; padding: 0.2rem 0.7rem; border-bottom: 1px solid var(--rule);
    white-space: nowrap }
  .text td { white-space: normal; overflow-wrap: anywhere } caption { min-width: 20rem }
  th:first-child, td:first-child, .text td, .text th { text-align: left }
  dt { font-weight: 600 } dd { margin: 0 0 0.7rem }
  code { background: var(--panel); padding: 0.1rem 0.3rem; border-radius: 4px; font-size: 0.85em;
    overflow-wrap: anywhere }
  .verdict { background: var(--panel); padding: 0.6rem 1rem; border-radius: 8px }
  .verdict li { margin: 0.3rem 0 }
  @media (prefers-color-scheme: dark) {
    :root { --ground: #16181d; --text: #e6e6e6; --faint: #a0a5ad; --rule: #33373f; --panel: #22252c }
  }`;

function overview(entries: readonly Entry[]): string {
  const rows = entries.map(({ experiment: { name, title }, result: { findings } }) => {
    const shown = findings.filter(({ shown }) => shown).length;
    return `<tr><td><a href="#${name}">${escape(title)}</a></td><td>${verdictOf(findings)}</td>` +
      `<td>${shown} of ${findings.length}</td></tr>`;
  });
  return [
    '<table class="text">',
    "<thead><tr><th>experiment</th><th>verdict</th><th>findings shown</th></tr></thead>",
    `<tbody>${rows.join("\n")}</tbody>`,
    "</table>",
  ].join("\n");
}

function section({ experiment, scale, spec, result, ledger }: Entry): string {
  const { name, title, claim, setUp, refutedBy, differences } = experiment;
  const images = ledger.map(nameOfData).find(Boolean);
  const terms = [
    ["Claim", claim],
    ["Set-up", `${setUp}${images ? ` Images: ${images}.` : ""}`],
    ["What would refute it", refutedBy],
    ["How this differs from the original", scale === "quick" ? differences : FULL_SCALE],
  ].map(([term, text]) => `<dt>${term}</dt><dd>${escape(text!)}</dd>`);
  return [
    `<section id="${name}">`,
    `<h2>${escape(title)}</h2>`,
    `<dl>${terms.join("\n")}</dl>`,
    verdictText(result.findings),
    ...result.figures.map(({ caption, svg }) =>
      `<figure>\n${svg}<figcaption>${escape(caption)}</figcaption>\n</figure>`
    ),
    ...result.tables.map(tableText),
    `<details><summary>Configuration and ledger</summary>`,
    `<p><code>${escape(JSON.stringify(spec))}</code></p>`,
    `<p>To see that an arm gives the same again: <code>deno task cli lab ${name} --${scale}${
      images ? ` --data ${escape(images)}` : ""
    } --again HASH</code></p>`,
    ledgerText(ledger),
    "</details>",
    "</section>",
  ].join("\n");
}

const FULL_SCALE = "It has the scale of the original, but for half a cosine as schedule.";

/** The name of the images of an arm, without their fingerprint; nothing where there are none. */
const nameOfData = ({ data }: LedgerLine): string => data.split(" ").slice(0, -1).join(" ");

function verdictText(findings: readonly Finding[]): string {
  const items = findings.map(({ claim, shown, evidence }) =>
    `<li>${shown ? "✓ shown" : "✗ <strong>not shown</strong>"}: ${escape(claim)} (${
      escape(evidence)
    }).</li>`
  );
  return `<div class="verdict"><strong>Verdict: ${verdictOf(findings)}</strong>\n<ul>${
    items.join("\n")
  }</ul></div>`;
}

function tableText({ caption, columns, rows }: Table): string {
  const line = (tag: "th" | "td") => (row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join("")}</tr>`;
  return [
    "<table>",
    `<caption>${escape(caption)}</caption>`,
    `<thead>${line("th")(columns)}</thead>`,
    `<tbody>${rows.map(line("td")).join("\n")}</tbody>`,
    "</table>",
  ].join("\n");
}

function ledgerText(ledger: readonly LedgerLine[]): string {
  const rows = ledger.map((line) => {
    const { task, seed, version, backend, seconds, configuration, hash } = line;
    const place = [version, backend, nameOfData(line)].filter(Boolean).join(", ");
    return [task, `${seed}`, `${seconds}`, place, JSON.stringify(configuration), hash];
  });
  const columns = ["arm", "seed", "seconds", "code, backend, images", "configuration", "hash"];
  return `<div class="text">${tableText({ caption: "Ledger", columns, rows })}</div>`;
}
