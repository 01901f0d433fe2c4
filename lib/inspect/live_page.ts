/**
 * The page that shows a training while it runs: its frame, which replaces what it shows by what comes
 * as server-sent events, and what is shown of a training.
 *
 * @module
 */

import { curvesSvg, type HistoryRecord } from "./curves.ts";
import { type Fact, page, tiles } from "./page.ts";
import { escape } from "./table.ts";

/** What {@linkcode liveRunHtml} shows. */
export interface LiveRun {
  /** What the training is called. */
  readonly title: string;
  /** A sentence below the title. */
  readonly note: string;
  /** How much of it is done, from 0 to 1. */
  readonly share: number;
  /** The numbers that matter most. */
  readonly headline: readonly Fact[];
  /** The steps and tests so far. */
  readonly history: readonly HistoryRecord[];
}

/** Writes what is to be seen of a training at a moment. */
export function liveRunHtml({ title, note, share, headline, history }: LiveRun): string {
  return [
    `<h1>${escape(title)}</h1>`,
    `<p class="faint">${escape(note)}</p>`,
    `<div class="bar-of-progress" role="progressbar" aria-valuenow="${Math.floor(100 * share)}"` +
    ` style="--share:${(100 * share).toFixed(2)}%"><div></div></div>`,
    tiles(headline),
    ...history.length === 0 ? [] : [`<div class="curves">${curvesSvg(history)}</div>`],
  ].join("\n");
}

/**
 * Writes the frame; its script is allowed by `nonce`.
 *
 * The script trusts what comes: it is from where the page is from.
 */
export function livePageHtml(title: string, nonce: string): string {
  return page(
    title,
    `<main><p class="faint">Waiting for the first step …</p></main>
<p class="faint" id="connection" role="status"></p>
<script nonce="${nonce}">
  const say = (text) => document.getElementById("connection").textContent = text;
  const source = new EventSource("events");
  source.onopen = () => say("");
  source.onerror = () => say("The connection is lost; trying again …");
  source.addEventListener("show", ({ data }) => {
    document.querySelector("main").innerHTML = JSON.parse(data);
  });
  source.addEventListener("end", () => {
    source.close();
    say("The training has ended, and this page with it.");
  });
</script>`,
  );
}
