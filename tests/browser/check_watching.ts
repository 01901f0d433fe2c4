/**
 * Watches a training in a real browser, and looks at its report, which no unit test can. Trains a small
 * network with --watch, and checks in Chromium that the page follows it step by step, that it says when
 * the training has ended, that nothing complains, and that nothing is wider than the page. Leaves pictures of
 * page and report, light, dark and narrow, in runs/watched.
 *
 * deno run --allow-read --allow-write=runs,/tmp --allow-net=127.0.0.1 --allow-run=chromium,deno \
 *   tests/browser/check_watching.ts [CHROMIUM]
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { chromium, type Look, type Page } from "./chromium.ts";

const OUT = "runs/watched";
const LOOKS: Readonly<Record<string, Look>> = {
  light: { width: 900, scheme: "light" },
  dark: { width: 900, scheme: "dark" },
  narrow: { width: 390, scheme: "light" },
};

await Deno.remove(OUT, { recursive: true }).catch(() => {});
await using browser = await chromium(Deno.args[0] ?? "chromium");
const training = new Deno.Command(Deno.execPath(), {
  args: [
    ...["run", "--no-prompt", "--allow-read", "--allow-write=runs", "--allow-net=127.0.0.1"],
    ...["lib/cli/main.ts", "train", "--model", "mnist-resnet", "--data", "mnist"],
    ...["--limit", "2000", "--epochs", "6", "--backend", "wasm", "--out", OUT, "--watch", "8017"],
  ],
  stdout: "null",
  stderr: "inherit",
}).spawn();

const url = "http://127.0.0.1:8017/";
while (!await fetch(url).then(({ body }) => body?.cancel().then(() => true), () => false)) {
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const pages = new Map<string, Page>();
for (const [name, look] of Object.entries(LOOKS)) pages.set(name, await browser.open(url, look));

const [page] = pages.values();
const step = () =>
  page!.ask<number>('Number(/Step (\\d+) of/.exec(document.querySelector("main").innerText)?.[1])');
await page!.until('/Step \\d+ of/.test(document.querySelector("main").innerText)');
const steps: number[] = [];
while (steps.length < 5) {
  const now = await step();
  if (now !== steps.at(-1)) steps.push(now);
  await new Promise((resolve) => setTimeout(resolve, 100));
}
console.log(`the page was at steps ${steps.join(", ")}`);
assert(
  steps.every((now, i) => i === 0 || now > steps[i - 1]!),
  "later pictures are of later steps",
);
for (const [name, page] of pages) {
  await page.until('document.querySelectorAll("main svg path").length >= 3');
  await Deno.writeFile(`${OUT}/live-${name}.png`, await page.picture());
}

assertEquals((await training.status).code, 0);
for (const page of pages.values()) {
  await page.until(
    'document.getElementById("connection").innerText.startsWith("The training has ended")',
  );
  await page.until('/Finished .* after 192 steps/.test(document.querySelector("main").innerText)');
  await assertFits(page);
}
const report = new URL(`../../${OUT}/report.html`, import.meta.url).href;
for (const [name, look] of Object.entries(LOOKS)) {
  const page = await browser.open(report, look);
  assertEquals(await page.ask('document.querySelectorAll("table.matrix td").length'), 100);
  const broken = await page.ask(
    "[...document.images].filter((image) => !image.naturalWidth).length",
  );
  assertEquals(broken, 0, "every picture is shown");
  await assertFits(page);
  await Deno.writeFile(`${OUT}/report-${name}.png`, await page.picture());
}
console.log(`ok; the pictures are in ${OUT}`);

/** Checks that a page is not wider than its window, and that nothing went wrong in it. */
async function assertFits(page: Page): Promise<void> {
  assertEquals(await page.ask("document.documentElement.scrollWidth - innerWidth <= 0"), true);
  assertEquals(page.complaints, []);
}
