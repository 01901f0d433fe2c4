/** The report: everything that was found is in it, it stands by itself, and nothing in it runs. */

import { assert, assertEquals } from "@std/assert";
import {
  bench,
  type Entry,
  experiment,
  reportHtml,
  runExperiment,
  verdictOf,
} from "@fplusx/nn/lab";

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>t</title></svg>\n';

const counting = experiment({
  name: "counting",
  title: "Counting <up>",
  claim: "One & one are two",
  setUp: "Add them",
  refutedBy: "Three",
  differences: "Smaller numbers",
  minutes: 1,
  specs: { quick: { to: 2 }, full: { to: 200 } },
  async run({ to }, bench) {
    const arm = { task: "add", configuration: { to }, seed: 7, usesData: false };
    const sum = await bench.arm(arm, () => Promise.resolve(to));
    return {
      findings: [
        { claim: "It is two", shown: sum === 2, evidence: `${sum} < 3` },
        { claim: "It is three", shown: sum === 3, evidence: `${sum}` },
      ],
      tables: [{ caption: "Sums", columns: ["of", "sum"], rows: [["1 + 1", `${sum}`]] }],
      figures: [{ name: "line", caption: "A line", svg: SVG }],
      data: { sum },
    };
  },
});

const run = (): Promise<Entry> =>
  runExperiment(
    counting,
    "quick",
    bench({ version: "9", backend: "cpu", data: () => Promise.reject() }),
  );

Deno.test("runExperiment() gives what was claimed, run and found, and the arms behind it", async () => {
  const { experiment, scale, spec, result, ledger } = await run();
  assertEquals(experiment.name, "counting");
  assertEquals([scale, spec, result.data], ["quick", { to: 2 }, { sum: 2 }]);
  assertEquals(ledger.map(({ task, seed, version }) => [task, seed, version]), [["add", 7, "9"]]);
  assertEquals(JSON.parse(JSON.stringify({ experiment, result })).result, result);
});

Deno.test("verdictOf() tells what the findings say together", () => {
  const finding = (shown: boolean) => ({ claim: "", shown, evidence: "" });
  assertEquals(verdictOf([finding(true), finding(true)]), "shown");
  assertEquals(verdictOf([finding(true), finding(false)]), "partly shown");
  assertEquals(verdictOf([finding(false)]), "not shown");
});

Deno.test("reportHtml() says what was shown and what was not, and escapes every text", async () => {
  const entry = await run();
  const html = reportHtml([entry], { command: "lab <all>", machine: "a machine" });
  for (
    const text of [
      "Counting &#60;up&#62;",
      "One &#38; one are two",
      "Smaller numbers",
      "Verdict: partly shown",
      "✓ shown: It is two (2 &#60; 3).",
      "✗ <strong>not shown</strong>: It is three (2).",
      "<caption>Sums</caption>",
      "<td>1 + 1</td><td>2</td>",
      SVG,
      "A line",
      "lab &#60;all&#62;",
      entry.ledger[0]!.hash,
      "deno task cli lab counting --quick --again HASH",
      "<td>1 of 2</td>",
      "prefers-color-scheme: dark",
    ]
  ) assert(html.includes(text), text);
  assert(!/<script|<link|src=|@import|url\(/.test(html), "nothing is loaded, nothing runs");
  const full = reportHtml([{ ...entry, scale: "full" }], { command: "", machine: "" });
  assert(!full.includes("Smaller numbers"), "at full scale the quick version's limits do not hold");
});
