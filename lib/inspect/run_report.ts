/**
 * The report of a training: one page that shows how it went, what the model takes for what, where it is
 * most surely wrong, and with what it was run. It has no scripts, and needs nothing but itself.
 *
 * @module
 */

import type { Confusion } from "../train/confusion.ts";
import type { Mistake } from "../train/examine.ts";
import { confusionHtml, scoresHtml } from "./confusion_html.ts";
import { curvesSvg, type HistoryRecord } from "./curves.ts";
import { type Fact, page, tiles } from "./page.ts";
import { escape } from "./table.ts";

export type { Fact };

/** A mistake, and the picture that it was made on. */
export type PicturedMistake = Mistake & {
  /** The picture as a PNG, in base64; absent when there is none to see. */
  readonly png?: string;
};

/** What {@linkcode runReportHtml} tells. */
export interface RunReport {
  /** What the page is called. */
  readonly title: string;
  /** A sentence below the title, for example that the training goes on. */
  readonly note?: string;
  /** The numbers that matter most. */
  readonly headline?: readonly Fact[];
  /** The steps and tests, as they were noted. */
  readonly history: readonly HistoryRecord[];
  /** What is taken for what on the test set. */
  readonly confusion?: Confusion;
  /** The mistakes that the model is most sure of. */
  readonly mistakes?: readonly PicturedMistake[];
  /** Name of each class; numbers where there is none. */
  readonly classNames?: readonly string[];
  /** What the training was started with. */
  readonly configuration?: readonly Fact[];
  /** Where it was run, and with which versions. */
  readonly environment?: readonly Fact[];
}

/**
 * Writes the report of a training as a page of HTML. What is not given is left out.
 *
 * @example Two steps and two classes
 * ```ts
 * import { assert } from "@std/assert";
 * import { readConfusion, setup, tensor } from "@fplusx/nn";
 * import { runReportHtml } from "@fplusx/nn/inspect";
 *
 * await setup({ backend: "cpu" });
 * using counts = tensor([3, 1, 0, 4], [2, 2]);
 * const html = runReportHtml({
 *   title: "Cats and dogs",
 *   history: [{ step: 0, loss: 0.7 }, { step: 1, loss: 0.4 }],
 *   confusion: await readConfusion(counts),
 *   classNames: ["cat", "dog"],
 *   environment: [["backend", "cpu"]],
 * });
 * assert(html.startsWith("<!doctype html>") && html.includes("cat → dog: 25.0 %"));
 * ```
 */
export function runReportHtml(report: RunReport): string {
  const { title, note, headline = [], history, confusion, mistakes = [] } = report;
  const name = (label: number) => report.classNames?.[label] ?? `${label}`;
  const facts = [
    ...factsHtml("Configuration", report.configuration ?? []),
    ...factsHtml("Environment", report.environment ?? []),
  ];
  const sections = [
    `<header><h1>${escape(title)}</h1>`,
    ...note === undefined ? [] : [`<p class="faint">${escape(note)}</p>`],
    ...headline.length === 0 ? [] : [tiles(headline)],
    "</header>",
    ...history.length === 0 ? [] : [`<section class="curves">${curvesSvg(history)}</section>`],
    ...confusion === undefined ? [] : [
      "<section><h2>What is taken for what</h2>",
      confusionHtml(confusion, name),
      "</section>",
      "<section><h2>Class by class</h2>",
      scoresHtml(confusion, name),
      "</section>",
    ],
    ...mistakes.length === 0 ? [] : [
      "<section><h2>The surest mistakes</h2>",
      "<p>Where the model is wrong and most certain; the label is in blue. Some labels are wrong, too.</p>",
      `<div class="mistakes">${
        mistakes.map((mistake) => mistakeHtml(mistake, name)).join("\n")
      }</div>`,
      "</section>",
    ],
    ...facts.length === 0 ? [] : [`<section class="facts">${facts.join("\n")}</section>`],
  ];
  return page(title, sections.join("\n"));
}

/** The picture, the guesses, and the label below them unless it is among them. */
function mistakeHtml(
  { index, label, probability, guesses, png }: PicturedMistake,
  name: (label: number) => string,
): string {
  const shown = guesses.some((guess) => guess.label === label)
    ? guesses
    : [...guesses.slice(0, -1), { label, probability }];
  const rows = shown.map((guess) => {
    const share = (100 * guess.probability).toFixed(1);
    const kind = guess.label === label ? ' class="right"' : "";
    return `<li${kind} style="--share:${share}%"><span>${escape(name(guess.label))}</span>` +
      `<span>${share} %</span></li>`;
  });
  const picture = png === undefined
    ? ""
    : `<img src="data:image/png;base64,${png}" alt="test image ${index}">`;
  return `<figure>${picture}<figcaption><strong>${escape(name(label))}</strong> ` +
    `<span class="faint">#${index}</span><ul>${rows.join("")}</ul></figcaption></figure>`;
}

function factsHtml(title: string, facts: readonly Fact[]): string[] {
  if (facts.length === 0) return [];
  const rows = facts.map(([name, value]) =>
    `<tr><th scope="row">${escape(name)}</th><td>${escape(value)}</td></tr>`
  );
  return [`<div><h2>${title}</h2><table><tbody>${rows.join("\n")}</tbody></table></div>`];
}
