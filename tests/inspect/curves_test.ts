/** Curves: what is drawn and what is not, where it is drawn, and that the picture is well-formed. */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { EmptyError } from "@fplusx/nn";
import { curvesSvg, type HistoryRecord } from "@fplusx/nn/inspect";

const history: HistoryRecord[] = [
  { step: 0, loss: 2, learningRate: 0.1 },
  { step: 1, loss: 1.5, learningRate: 0.1 },
  { step: 2, loss: 1, learningRate: 0.05 },
  { step: 2, testLoss: 1.25, top1: 0.625 },
];

/** The texts of a picture. */
const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);

/** The points of the first path of a class. */
function pathOf(svg: string, kind: string): [x: number, y: number][] {
  const [, path] = new RegExp(`<path class="${kind}" d="M([^"]*)"`).exec(svg)!;
  return path!.replace("Z", "").split("L").map((point) =>
    point.split(",").map(Number) as [number, number]
  );
}

/** Checks that every element is closed, in order. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (
    const [, close, name, self] of svg.matchAll(/<(\/?)([a-z]+)(?:\s+[\w:]+="[^"<]*")*\s*(\/?)>/gi)
  ) {
    if (close) assertEquals(open.pop(), name);
    else if (!self) open.push(name!);
  }
  assertEquals(open, []);
  assertEquals(
    svg.match(/</g)?.length,
    svg.match(/<\/?[a-z]+(\s+[\w:]+="[^"<]*")*\s*\/?>/gi)?.length,
  );
  assert(!/NaN|Infinity|undefined/.test(svg), "numbers only");
}

Deno.test("curvesSvg() draws loss, accuracy and learning rate with axes, ticks and a legend", () => {
  const svg = curvesSvg(history, { title: "A <b>" });
  assertWellFormed(svg);
  const found = texts(svg);
  for (
    const text of ["A &#60;b&#62;", "Loss", "Accuracy", "Learning rate", "step", "0", "1", "2"]
      .concat(
        ["training 1.00", "test 1.25", "test 62.5 %", "0.0500", "100 %", "1.0", "2.0"],
      )
  ) assert(found.includes(text), `${text} in ${found}`);
  assert(svg.includes("prefers-color-scheme: dark"));
  assert(svg.includes(
    "<desc>Loss (training): 1.00 at step 2; Loss (test): 1.25 at step 2; " +
      "Accuracy (test): 62.5 % at step 2; Learning rate: 0.0500 at step 2</desc>",
  ));
});

Deno.test("Images that were set aside have curves of their own name", () => {
  const validated = history.map(({ testLoss, top1, ...line }) => ({
    ...line,
    ...testLoss === undefined ? {} : { validationLoss: testLoss, validationTop1: top1! },
  }));
  const found = texts(curvesSvg(validated));
  for (const text of ["validation 1.25", "validation 62.5 %"]) assert(found.includes(text));
  assert(found.every((text) => !text.startsWith("test")));
});

Deno.test("A curve goes through its points", () => {
  const [[x0, y0], [x1, y1], [x2, y2]] = pathOf(curvesSvg(history), "line c0") as [
    [number, number],
    [number, number],
    [number, number],
  ];
  assertAlmostEquals(x1 - x0, x2 - x1, 0.2);
  assertAlmostEquals(y1 - y0, y2 - y1, 0.2);
  assert(x0 < x1 && y0 < y2, "to the right, and down");
});

Deno.test("Losses that span more than a factor of ten are drawn by their logarithm", () => {
  const svg = curvesSvg([100, 10, 1].map((loss, step) => ({ step, loss })));
  const [[, y0], [, y1], [, y2]] = pathOf(svg, "line c0") as [
    [0, number],
    [0, number],
    [0, number],
  ];
  assertAlmostEquals(y1 - y0, y2 - y1, 0.2);
  const withZero = curvesSvg([100, 10, 0].map((loss, step) => ({ step, loss })));
  assertWellFormed(withZero);
});

Deno.test("A logarithmic axis ends at 1, 2 or 5 times a power of ten, and a tiny rate is short", () => {
  const svg = curvesSvg([
    { step: 0, loss: 2.4, learningRate: 1.234e-6 },
    { step: 1, loss: 0.08, learningRate: 1.234e-6 },
  ]);
  const found = texts(svg);
  assert(found.includes("1.2e-6"));
  const ticks = found.filter((text) => /^[\d.]+$/.test(text)).map(Number).filter((tick) =>
    tick > 0.01
  );
  assertEquals(ticks.slice(0, 7), [0.05, 0.1, 0.2, 0.5, 1, 2, 5]);
});

Deno.test("What is not there is not drawn, nor what is not a number", () => {
  const svg = curvesSvg([{ step: 0, loss: 1 }, { step: 1, loss: NaN }, { step: 2, loss: 2 }]);
  assertWellFormed(svg);
  assertEquals(texts(svg).filter((text) => /^[A-Z]/.test(text)), ["Training", "Loss"]);
  assertEquals(pathOf(svg, "line c0").length, 2);
});

Deno.test("A single step is a point, with whole steps on the axis", () => {
  const svg = curvesSvg([{ step: 3, loss: 1, learningRate: 0, top1: 1 }]);
  assertWellFormed(svg);
  assertEquals(svg.match(/<circle/g)?.length, 4); // three points and a mark in the legend
  assertEquals(texts(svg).filter((text) => text === "3").length, 1);
  assert(!texts(svg).includes("2.5"));
});

Deno.test("Many steps become a line of means in a band from least to greatest", () => {
  const loss = (step: number) => 2 + (step % 2 === 0 ? 0.5 : -0.5);
  const svg = curvesSvg(Array.from({ length: 100_000 }, (_, step) => ({ step, loss: loss(step) })));
  assertWellFormed(svg);
  assert(svg.length < 40_000, `${svg.length} characters`);
  const line = pathOf(svg, "line c0");
  const band = pathOf(svg, "band c0").map(([, y]) => y);
  assert(line.length > 150 && line.length < 300, `${line.length} points`);
  const [least, most] = [Math.max(...band), Math.min(...band)];
  for (const [, y] of line) assertAlmostEquals(y, (least + most) / 2, 1);
});

Deno.test("curvesSvg() refuses a history without numbers", () => {
  for (const empty of [[], [{ step: 0 }], [{ step: 0, loss: NaN }]]) {
    assertEquals(
      assertThrows(() => curvesSvg(empty), EmptyError).message,
      "Cannot draw curves: the history has no numbers",
    );
  }
});
