/** Plots and heat maps: what is drawn, where, and that it can be told apart without colours. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { dotPlotSvg, heatMapsSvg, plotSvg } from "@fplusx/nn/lab";
import { assertPicture, textsOf } from "./svg.ts";

const axes = { x: { label: "depth" }, y: { label: "error" } } as const;

/** The points of the path of one class. */
function pathOf(svg: string, kind: string): [x: number, y: number][] {
  const [, path] = new RegExp(`<path class="${kind}" d="M([^"Z]*)Z?"`).exec(svg)!;
  return path!.split("L").map((point) => point.split(",").map(Number) as [number, number]);
}

Deno.test("plotSvg() names axes, panels and series, each series once", () => {
  const series = [
    { label: "plain", points: [[0, 1], [10, 3]] as const },
    { label: "a < b", points: [[0, 2], [10, 1]] as const, line: "dashed" as const },
  ];
  const svg = plotSvg("Error & depth", [
    { title: "left", ...axes, series },
    { title: "right", ...axes, series },
  ]);
  assertPicture(svg);
  const texts = textsOf(svg);
  for (const text of ["Error &#38; depth", "left", "right", "plain", "a &#60; b"]) {
    assertEquals(texts.filter((found) => found === text).length, 1, text);
  }
  for (const text of ["depth", "error"]) {
    assertEquals(texts.filter((found) => found === text).length, 2, text);
  }
});

Deno.test("A series goes through its points, within a band of its spread", () => {
  const points = [[0, 1, 0.5], [1, 2, 0.5], [2, 3, 0.5]] as const;
  const svg = plotSvg("Up", [{ title: "", ...axes, series: [{ label: "a", points }] }]);
  assertPicture(svg);
  const [[x0, y0], [x1, y1], [x2, y2]] = pathOf(svg, "line c0") as [
    [number, number],
    [number, number],
    [number, number],
  ];
  assertAlmostEquals(x1 - x0, x2 - x1, 0.2);
  assertAlmostEquals(y0 - y1, y1 - y2, 0.2);
  const band = pathOf(svg, "band c0");
  assertEquals(band.length, 6);
  assertAlmostEquals((band[0]![1] + band[5]![1]) / 2, y0, 0.2);
  assertAlmostEquals(band[5]![1] - band[0]![1], y0 - y1, 0.2);
});

Deno.test("Series are told apart by the form of their marks, and theory by dashes", () => {
  const series = Array.from({ length: 7 }, (_, i) => ({
    label: `s${i}`,
    points: [[0, i], [1, i]] as const,
  }));
  const svg = plotSvg("Many", [{ title: "", ...axes, series }]);
  const forms = [...svg.matchAll(/<path class="c\d" transform="[^"]*" d="([^"]*)"/g)];
  assertEquals(new Set(forms.map(([, form]) => form)).size, 7);
  const theory = plotSvg("Theory", [{
    title: "",
    ...axes,
    series: [
      { label: "same", points: [[0, 1], [1, 2]], line: "none" },
      { label: "same", points: [[0, 1], [1, 2]], line: "dashed", marks: false },
    ],
  }]);
  assertPicture(theory);
  assertEquals(textsOf(theory).filter((text) => text === "same").length, 1);
  assertEquals(theory.match(/class="line dashed c0"/g)?.length, 2, "the line and the legend");
});

Deno.test("A band that reaches below zero is cut on a logarithmic axis", () => {
  const svg = plotSvg("Log", [{
    title: "",
    x: { label: "x", scale: "log" },
    y: { label: "y", scale: "log" },
    series: [{ label: "a", points: [[1, 1, 2], [10, 0.1, 0.01]] }],
  }]);
  assertPicture(svg);
});

Deno.test("A band is cut where there is nothing beyond", () => {
  const band = (axis: { scale?: "from0"; range?: readonly [number, number]; clip?: boolean }) => {
    const points = [[0, 90, 30], [1, 10, 30]] as const;
    const y = { label: "error, %", ...axis };
    const svg = plotSvg("Cut", [{ title: "", x: axes.x, y, series: [{ label: "a", points }] }]);
    assertPicture(svg);
    return pathOf(svg, "band c0").map(([, y]) => y);
  };
  const [top, , bottom] = band({ range: [0, 100], clip: true });
  assertAlmostEquals(bottom! - top!, 220, 1, "from 0 to 100 is the whole height");
  const [, , zero] = band({ scale: "from0" });
  assertEquals(zero, bottom, "and nothing is below 0");
});

Deno.test("dotPlotSvg() draws a dot for each value, by logarithm where they are far apart", () => {
  const rows = [{ label: "a < b", values: [10, 20] }, { label: "far", values: [30] }];
  const places = (svg: string) =>
    [...svg.matchAll(/<circle class="c0" fill-opacity="0.45" cx="([^"]*)"/g)]
      .map(([, x]) => Number(x)).slice(1);
  const near = dotPlotSvg("Dots & bars", "error, %", rows);
  assertPicture(near);
  for (const text of ["Dots &#38; bars", "a &#60; b", "far", "error, %", "one seed", "mean"]) {
    assert(textsOf(near).includes(text), text);
  }
  const [a, b, c] = places(near) as [number, number, number];
  assertAlmostEquals(b - a, c - b, 0.2);
  const wide = dotPlotSvg("Far", "error, %", [{ label: "a", values: [1, 10, 100] }]);
  assertPicture(wide);
  const [x, y, z] = places(wide) as [number, number, number];
  assertAlmostEquals(y - x, z - y, 0.2);
});

Deno.test("heatMapsSvg() draws every cell once, least like the ground and most dark", () => {
  const rows = [[0, 1, 1], [0.5, 0.5, 0]];
  const svg = heatMapsSvg("Two <maps>", [{ title: "one", rows, x: "across", y: "down" }, {
    title: "two",
    rows: [[1]],
  }], { range: [0, 1] });
  assertPicture(svg);
  for (const text of ["Two &#60;maps&#62;", "one", "two", "across", "down"]) {
    assert(textsOf(svg).includes(text), text);
  }
  const cells = (shade: number) =>
    [...svg.matchAll(new RegExp(`<path class="s${shade}" d="([^"]*)"`, "g"))]
      .flatMap(([, path]) => path!.split("Z").filter(Boolean));
  assertEquals(cells(0).length, 2, "two cells of 0, apart");
  assertEquals(cells(11).length, 2, "a run of two cells of 1, and the other map");
  assertEquals(cells(6).length, 1, "a run of two cells of 0.5");
});
