/** Summaries: the table to the letter, its depth, JSON, HTML, and what consoles and notebooks see. */

import { assertEquals, assertThrows } from "@std/assert";
import { ArgumentError, dense, elementwise, named, ops, relu, sequential } from "@fplusx/nn";
import { cost, summary } from "@fplusx/nn/inspect";

const model = named({
  body: sequential(dense(1000), sequential(relu, dense(20))),
  head: elementwise("<odd>", ops.clone),
});
const shape = [8, 1000];

Deno.test("summary() is a table whose columns line up", () => {
  assertEquals(
    String(summary(model, shape)),
    `layer     kind   output    parameters  multiply-adds
----------------------------------------------------
body.0    dense  [8,1000]   1,001,000      1,000,000
body.1.0  relu   [8,1000]           0              0
body.1.1  dense  [8,20]        20,020         20,000
head      <odd>  [8,20]             0              0
----------------------------------------------------
total            [8,20]     1,021,020      1,020,000
input [8,1000], 0 values of state, multiply-adds for one example
training needs at least 12.3 MB: 97.3 kB for activations, 12.3 MB for parameters, gradients and the optimizer`,
  );
});

Deno.test("summary() shows a combinator where it hides what is deeper", () => {
  const paths = (depth: number) =>
    summary(model, shape, { depth }).text.split("\n").slice(2, -4).map((line) =>
      line.split(" ")[0]
    );
  assertEquals(paths(1), ["body", "head"]);
  assertEquals(paths(2), ["body.0", "body.1", "head"]);
  assertEquals(paths(3), ["body.0", "body.1.0", "body.1.1", "head"]);
});

Deno.test("summary() is JSON of the whole cost", () => {
  const json = JSON.parse(JSON.stringify(summary(model, shape, { depth: 1, optimizerValues: 2 })));
  assertEquals(json, cost(model, shape, { optimizerValues: 2 }));
});

Deno.test("summary() is HTML, with names as they are", () => {
  assertEquals(
    summary(sequential(elementwise("<odd>", ops.clone)), [1, 2]).html,
    `<table style="text-align:left;font-variant-numeric:tabular-nums">
<caption style="caption-side:bottom;text-align:left">input [1,2], 0 values of state, multiply-adds for one example<br>training needs at least 16 B: 16 B for activations, 0 B for parameters, gradients and the optimizer</caption>
<thead><tr><th>layer</th><th>kind</th><th>output</th><th style="text-align:right">parameters</th><th style="text-align:right">multiply-adds</th></tr></thead>
<tbody>
<tr><td>0</td><td>&#60;odd&#62;</td><td>[1,2]</td><td style="text-align:right">0</td><td style="text-align:right">0</td></tr>
</tbody>
<tfoot><tr><th>total</th><th></th><th>[1,2]</th><th style="text-align:right">0</th><th style="text-align:right">0</th></tr></tfoot>
</table>`,
  );
});

Deno.test("Consoles print the table, notebooks show the page", () => {
  const shown = summary(model, shape);
  assertEquals(Deno.inspect(shown), shown.text);
  const display = Reflect.get(shown, Symbol.for("Jupyter.display")) as () => object;
  assertEquals(display(), { "text/plain": shown.text, "text/html": shown.html });
});

for (const depth of [0, -1, 1.5, NaN]) {
  Deno.test(`summary() refuses depth ${depth}`, () => {
    assertEquals(
      assertThrows(() => summary(model, shape, { depth }), ArgumentError).message,
      `Cannot summarise to depth ${depth}: need an integer above 0`,
    );
  });
}
