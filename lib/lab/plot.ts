/**
 * Plots: panels side by side, each with two axes and some series, and one legend for all of them. A
 * series is told apart by colour and by the form of its marks, and has the same in every panel.
 *
 * @module
 */

import { extent, type Range, type Scale, type ScaleKind, valueScale } from "../inspect/scale.ts";
import { label, picture, pixel } from "../inspect/svg.ts";

/** Where a series is, and how far its values spread to either side there. */
export type PlotPoint = readonly [x: number, y: number, spread?: number];

/** A line, or marks, in a panel. */
export type Series = {
  /** What it is called in the legend; series of one name look the same. */
  readonly label: string;
  /** Its points, from left to right. */
  readonly points: readonly PlotPoint[];
  /** How it is drawn; `solid` by default, and `dashed` for what was not measured. */
  readonly line?: "solid" | "dashed" | "none";
  /** Whether its points are marked; `true` by default, where there are at most 60. */
  readonly marks?: boolean;
};

/** An axis of a panel. */
export type Axis = {
  /** What is along it. */
  readonly label: string;
  /** How values are laid out; as they are by default. */
  readonly scale?: ScaleKind;
  /** From where to where, at least; as far as the series go by default. */
  readonly range?: Range;
  /** Whether bands are cut at the ends of `range`, beyond which there is nothing. */
  readonly clip?: boolean;
};

/** One panel of a plot. */
export type Panel = {
  /** What it shows; empty when the title of the plot says it. */
  readonly title: string;
  /** From left to right. */
  readonly x: Axis;
  /** From bottom to top. */
  readonly y: Axis;
  /** At least one, none of them empty. */
  readonly series: readonly Series[];
};

/** How {@linkcode plotSvg} draws. */
export interface PlotOptions {
  /** Panels in a row; 2 by default, or 1 if there is one. */
  readonly columns?: number;
  /** Height of a panel in pixels; 220 by default. */
  readonly height?: number;
}

const WIDTH = 760;
const MARGIN = { left: 62, right: 14, top: 34, bottom: 48 };
const MOST_MARKS = 60;
const COLOURS = 7;

/**
 * Draws panels, at least one, as an SVG that stands by itself.
 *
 * @example Two points and what theory says of them
 * ```ts
 * import { assert } from "@std/assert";
 * import { plotSvg } from "@fplusx/nn/lab";
 *
 * const svg = plotSvg("Correlation", [{
 *   title: "",
 *   x: { label: "layers", scale: "log" },
 *   y: { label: "correlation", scale: "log" },
 *   series: [
 *     { label: "measured", points: [[1, 0.52, 0.01], [2, 0.27, 0.01]], line: "none" },
 *     { label: "theory", points: [[1, 0.5], [2, 0.25]], line: "dashed", marks: false },
 *   ],
 * }]);
 * assert(svg.includes("theory"));
 * ```
 */
export function plotSvg(
  title: string,
  panels: readonly Panel[],
  options: PlotOptions = {},
): string {
  const { columns = Math.min(2, panels.length), height: panelHeight = 220 } = options;
  const labels = [...new Set(panels.flatMap(({ series }) => series.map(({ label }) => label)))];
  const [legend, legendBottom] = legendText(labels, panels, 52);
  const cell = { width: WIDTH / columns, height: MARGIN.top + panelHeight + MARGIN.bottom };
  const drawn = panels.map((panel, i) => {
    const left = (i % columns) * cell.width + MARGIN.left;
    const top = legendBottom + Math.floor(i / columns) * cell.height + MARGIN.top;
    const right = left + cell.width - MARGIN.left - MARGIN.right;
    return panelText(panel, labels, [left, right], [top, top + panelHeight]);
  });
  const height = legendBottom + Math.ceil(panels.length / columns) * cell.height;
  return picture(title, [WIDTH, height], MARGIN.left, [...legend, ...drawn]);
}

/** From the left, and in as many lines as it takes; gives also where it ends. */
function legendText(
  labels: readonly string[],
  panels: readonly Panel[],
  top: number,
): [text: string[], bottom: number] {
  let [x, y] = [MARGIN.left, top];
  const all = panels.flatMap(({ series }) => series);
  const text = labels.flatMap((name, i) => {
    const same = all.filter(({ label }) => label === name);
    const line = same.map(lineKind).find(Boolean);
    // The width of the text is not known here; this is a little more than it.
    const width = 34 + 6.6 * name.length + 16;
    if (x + width > WIDTH && x > MARGIN.left) [x, y] = [MARGIN.left, y + 20];
    const colour = i % COLOURS;
    const key = [
      ...line
        ? [
          `<line class="${line} c${colour}" x1="${x}" x2="${x + 26}" y1="${y - 4}" y2="${y - 4}"/>`,
        ]
        : [],
      ...same.some(isMarked) ? [mark(colour, x + 13, y - 4)] : [],
      label(x + 34, y, "", name),
    ];
    x += width;
    return key;
  });
  return [text, y + 6];
}

const lineKind = ({ line = "solid" }: Series): string =>
  line === "none" ? "" : line === "dashed" ? "line dashed" : "line";

const isMarked = ({ marks = true, points }: Series): boolean =>
  marks && points.length <= MOST_MARKS;

function panelText(
  { title, x, y, series }: Panel,
  labels: readonly string[],
  [left, right]: Range,
  [top, bottom]: Range,
): string {
  const points = series.flatMap(({ points }) => points);
  const columns = [...points.map(([x]) => x), ...x.range ?? []];
  const across = valueScale(x.scale ?? "linear", extent(columns), [left, right], {
    nice: false,
    ticks: Math.max(2, Math.floor((right - left) / 52)),
  });
  // A band may reach beyond what there is, or what a logarithm can show; its ends are cut there.
  const [least, most] = y.clip && y.range || [y.scale === "from0" ? 0 : -Infinity, Infinity];
  const cut = (value: number) => Math.min(Math.max(value, least), most);
  const ends = [
    ...points.flatMap(([, y, spread = 0]) => [cut(y - spread), cut(y + spread)]),
    ...y.range ?? [],
  ];
  const shown = y.scale === "log" ? ends.filter((value) => value > 0) : ends;
  const up = valueScale(y.scale ?? "linear", extent(shown), [bottom, top]);
  const grid = up.ticks.flatMap((tick) => [
    `<line class="grid" x1="${left}" x2="${right}" y1="${pixel(up.at(tick))}" y2="${
      pixel(up.at(tick))
    }"/>`,
    label(left - 8, up.at(tick) + 4, "right", up.show(tick)),
  ]);
  const marks = across.ticks.flatMap((tick) => [
    `<line class="axis" x1="${pixel(across.at(tick))}" x2="${
      pixel(across.at(tick))
    }" y1="${bottom}" y2="${bottom + 5}"/>`,
    label(across.at(tick), bottom + 18, "middle", across.show(tick)),
  ]);
  const [midX, midY] = [(left + right) / 2, (top + bottom) / 2];
  return [
    ...title ? [label(left, top - 10, "name", title)] : [],
    ...grid,
    `<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>`,
    ...marks,
    label(midX, bottom + 36, "middle", x.label),
    `<g transform="translate(${pixel(left - 48)},${pixel(midY)}) rotate(-90)">${
      label(0, 0, "middle", y.label)
    }</g>`,
    ...series.map((one) => seriesText(one, labels.indexOf(one.label) % COLOURS, across, up, cut)),
  ].join("\n");
}

function seriesText(
  series: Series,
  colour: number,
  x: Scale,
  y: Scale,
  cut: (value: number) => number,
): string {
  const floor = (value: number) => Number.isFinite(y.at(value)) ? y.at(value) : y.at(y.ticks[0]!);
  const place = (at: number, value: number) => `${pixel(x.at(at))},${pixel(floor(value))}`;
  const { points } = series;
  const band = points.filter(([, , spread]) => spread !== undefined);
  const edges = [
    ...band.map(([at, value, spread]) => place(at, cut(value + spread!))),
    ...band.map(([at, value, spread]) => place(at, cut(value - spread!))).toReversed(),
  ];
  const line = points.map(([at, value]) => place(at, value));
  const kind = lineKind(series);
  return [
    ...band.length > 1 ? [`<path class="band c${colour}" d="M${edges.join("L")}Z"/>`] : [],
    ...kind ? [`<path class="${kind} c${colour}" d="M${line.join("L")}"/>`] : [],
    ...isMarked(series) ? points.map(([at, value]) => mark(colour, x.at(at), floor(value))) : [],
  ].join("\n");
}

/** A mark whose form tells as much as its colour. */
function mark(colour: number, x: number, y: number): string {
  const forms = [
    "M-3.2,0a3.2,3.2 0 1,0 6.4,0a3.2,3.2 0 1,0 -6.4,0Z",
    "M-3,-3H3V3H-3Z",
    "M0,-4L4,3H-4Z",
    "M0,-4.2L4.2,0L0,4.2L-4.2,0Z",
    "M0,4L4,-3H-4Z",
    "M-4,-1.2H-1.2V-4H1.2V-1.2H4V1.2H1.2V4H-1.2V1.2H-4Z",
    "M-3.5,0L0,-2L3.5,0L0,2Z",
  ];
  return `<path class="c${colour}" transform="translate(${pixel(x)},${pixel(y)})" d="${
    forms[colour]
  }"/>`;
}
