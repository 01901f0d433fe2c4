/** The report of a training: what it shows, what it leaves out, and that it needs nothing but itself. */

import { assert, assertEquals } from "@std/assert";
import { readConfusion, tensor } from "@fplusx/nn";
import { liveRunHtml, type RunReport, runReportHtml } from "@fplusx/nn/inspect";
import { testEach } from "../backends.ts";

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

/** Checks that every element is closed, in order. */
function assertWellFormed(html: string): void {
  const open: string[] = [];
  const alone = /^(meta|img|br|!doctype)$/;
  const content = html.replace(/<style>[^]*?<\/style>/g, "");
  for (const [, close, name, self] of content.matchAll(/<(\/?)([!a-z0-9]+)[^>]*?(\/?)>/gi)) {
    if (close) assertEquals(open.pop(), name);
    else if (!self && !alone.test(name!)) open.push(name!);
  }
  assertEquals(open, []);
  assert(!/NaN|Infinity|undefined/.test(content), "numbers only");
}

async function report(): Promise<RunReport> {
  using counts = tensor([8, 2, 0, 0, 10, 0, 5, 0, 0], [3, 3]);
  const guesses = [{ label: 0, probability: 0.75 }, { label: 1, probability: 0.2 }];
  return {
    title: "A <b>",
    note: "Done & dusted.",
    headline: [["test accuracy", "72 %"]],
    history: [{ step: 0, loss: 2, learningRate: 0.1 }, { step: 0, testLoss: 1, top1: 0.72 }],
    confusion: await readConfusion(counts),
    classNames: ["cat", "dog", "<i>"],
    mistakes: [
      { index: 7, label: 2, probability: 0.05, guesses, png: PIXEL },
      { index: 9, label: 1, probability: 0.2, guesses },
    ],
    configuration: [["epochs", "3"]],
    environment: [["backend", "wasm"]],
  };
}

testEach("runReportHtml() shows all that it is told, as it is", async () => {
  const html = runReportHtml(await report());
  assertWellFormed(html);
  const shown = [
    "<h1>A &#60;b&#62;</h1>",
    "Done &#38; dusted.",
    "<dt>test accuracy</dt><dd>72 %</dd>",
    "<svg",
    'title="cat → dog: 20.0 %">2</td>',
    'title="&#60;i&#62; → cat: 100.0 %">5</td>',
    '<td class="right strong" style="--share:80%"',
    '<th scope="row">dog</th><td>10</td><td class="bar" style="--share:0.833">83.3 %</td>',
    `<img src="data:image/png;base64,${PIXEL}" alt="test image 7">`,
    '<th scope="row">epochs</th><td>3</td>',
    '<th scope="row">backend</th><td>wasm</td>',
  ];
  for (const part of shown) assert(html.includes(part), part);
  assertEquals(html.match(/<img/g)?.length, 1);
}, ["cpu"]);

testEach(
  "a mistake shows the probability of its label, among the guesses or after them",
  async () => {
    const lists = [...runReportHtml(await report()).matchAll(/<ul>(.*?)<\/ul>/g)].map(([, list]) =>
      [...list!.matchAll(/<li( class="right")?.*?<span>(.*?)<\/span><span>(.*?)<\/span>/g)]
        .map(([, right, name, share]) => `${name} ${share}${right ? ", right" : ""}`)
    );
    assertEquals(lists, [
      ["cat 75.0 %", "&#60;i&#62; 5.0 %, right"],
      ["cat 75.0 %", "dog 20.0 %, right"],
    ]);
  },
  ["cpu"],
);

testEach("a report needs nothing but itself", async () => {
  const html = runReportHtml(await report());
  assertEquals(html.match(/<(script|link|iframe)|@import|url\(|\bon[a-z]+="/g), null);
  const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!);
  assert(addresses.every((address) => address.startsWith("data:image/png;base64,")));
  assert(html.includes("prefers-color-scheme: dark"));
}, ["cpu"]);

Deno.test("what a report is not told is left out", () => {
  const html = runReportHtml({ title: "Nothing yet", history: [] });
  assertWellFormed(html);
  assertEquals(html.match(/<(section|table|svg|dl|p)\b/g), null);
});

testEach("of many classes a report lists the most frequent confusions", async () => {
  const counts = new Float32Array(30 * 30);
  for (let label = 0; label < 30; label++) {
    counts[label * 31] = 70;
    counts[label * 30 + (label + 1) % 30] = label;
  }
  using matrix = tensor(counts, [30, 30]);
  const confusion = await readConfusion(matrix);
  const html = runReportHtml({ title: "Many", history: [], confusion });
  assertWellFormed(html);
  assert(!html.includes('class="matrix"'));
  const rows = [...html.matchAll(/<th scope="row">(\d+)<\/th><td>(\d+)<\/td><td>(\d+)<\/td>/g)]
    .map((row) => row.slice(1).map(Number));
  assertEquals(rows.length, 20);
  assertEquals(rows.slice(0, 2), [[29, 0, 29], [28, 29, 28]]);
  assert(html.includes("The 20 most frequent confusions of 30 classes."));
}, ["cpu"]);

Deno.test("liveRunHtml() shows a training before its first step, and in the middle", () => {
  const run = { title: "A <b>", note: "Soon", share: 0, headline: [], history: [] };
  assertWellFormed(liveRunHtml(run));
  const html = liveRunHtml({ ...run, share: 0.256, history: [{ step: 0, loss: 1 }] });
  assertWellFormed(html);
  assert(html.includes('aria-valuenow="25"') && html.includes("--share:25.60%"));
  assert(html.includes("<svg") && html.includes("A &#60;b&#62;"));
});
