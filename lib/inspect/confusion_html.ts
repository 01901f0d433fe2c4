/**
 * What is taken for what, in HTML: a matrix as long as it can be read, else a list of what is taken
 * for another class most often; and how well each class is found.
 *
 * @module
 */

import type { Confusion } from "../train/confusion.ts";
import { escape } from "./table.ts";

/** Classes beyond which a matrix is too wide to read. */
const MOST_CLASSES = 20;
/** The most frequent confusions that are listed. */
const LISTED = 20;
/** Shades, in percent, from which text in the colour of the ground reads better, if that is dark. */
const MIDDLING = 55;
/** And if it is light. */
const STRONG = 70;

/** Writes the matrix, or the list. */
export function confusionHtml(confusion: Confusion, name: (label: number) => string): string {
  return confusion.counts.length <= MOST_CLASSES ? matrix(confusion, name) : list(confusion, name);
}

function matrix({ counts, classes }: Confusion, name: (label: number) => string): string {
  const heads = counts.map((_, guess) =>
    `<th scope="col"><span>${escape(name(guess))}</span></th>`
  );
  const rows = counts.map((row, label) => {
    const cells = row.map((count, guess) =>
      cell(count, classes[label]!.examples, label === guess, `${name(label)} → ${name(guess)}`)
    );
    return `<tr><th scope="row">${escape(name(label))}</th>${cells.join("")}</tr>`;
  });
  return [
    '<div class="scroll"><table class="matrix">',
    "<caption>Each row is a class, each column what the model takes it for.</caption>",
    `<thead><tr><th></th>${heads.join("")}</tr></thead>`,
    `<tbody>${rows.join("\n")}</tbody>`,
    "</table></div>",
  ].join("\n");
}

function cell(count: number, ofClass: number, right: boolean, what: string): string {
  if (count === 0) return "<td></td>";
  const share = count / ofClass;
  // By the root, since a mistake that is made once in twenty times is to be seen.
  const shade = Math.round(100 * (right ? share : Math.sqrt(share)));
  const kind = `${right ? "right" : "wrong"}${
    shade > STRONG ? " strong" : shade > MIDDLING ? " middling" : ""
  }`;
  const title = escape(`${what}: ${(100 * share).toFixed(1)} %`);
  return `<td class="${kind}" style="--share:${shade}%" title="${title}">${count}</td>`;
}

function list({ counts, classes }: Confusion, name: (label: number) => string): string {
  const rows = counts
    .flatMap((row, label) => row.map((count, guess) => ({ count, label, guess })))
    .filter(({ count, label, guess }) => count > 0 && label !== guess)
    .sort((a, b) => b.count - a.count)
    .slice(0, LISTED)
    .map(({ count, label, guess }) => {
      const share = count / classes[label]!.examples;
      return `<tr><th scope="row">${escape(name(label))}</th><td>${escape(name(guess))}</td>` +
        `<td>${count}</td>${bar(share)}</tr>`;
    });
  return table(
    ["class", "is taken for", "times", "share of the class"],
    rows,
    [],
    `The ${rows.length} most frequent confusions of ${counts.length} classes.`,
  );
}

/** Writes how well each class is found. */
export function scoresHtml(
  { classes, macro, weighted, examples }: Confusion,
  name: (label: number) => string,
): string {
  type Row = (typeof classes)[number];
  const cells = ({ precision, recall, f1 }: Omit<Row, "examples">) =>
    [precision, recall, f1].map(bar).join("");
  const row = (name: string, score: Row) =>
    `<tr><th scope="row">${escape(name)}</th><td>${score.examples.toLocaleString("en-US")}</td>${
      cells(score)
    }</tr>`;
  return table(
    ["class", "examples", "precision", "recall", "F1"],
    classes.map((score, label) => row(name(label), score)),
    [
      row("mean over the classes", { ...macro, examples }),
      row("weighted by examples", { ...weighted, examples }),
    ],
    "Precision: how many that are taken for the class are of it. Recall: how many of the class are found.",
  );
}

const bar = (share: number): string =>
  `<td class="bar" style="--share:${share.toFixed(3)}">${(100 * share).toFixed(1)} %</td>`;

function table(
  columns: readonly string[],
  rows: readonly string[],
  footer: readonly string[],
  caption: string,
): string {
  return [
    '<div class="scroll"><table class="list">',
    `<caption>${escape(caption)}</caption>`,
    `<thead><tr>${columns.map((column) => `<th scope="col">${column}</th>`).join("")}</tr></thead>`,
    `<tbody>${rows.join("\n")}</tbody>`,
    ...footer.length > 0 ? [`<tfoot>${footer.join("\n")}</tfoot>`] : [],
    "</table></div>",
  ].join("\n");
}
