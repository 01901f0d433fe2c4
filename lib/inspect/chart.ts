/**
 * Line charts as SVG: charts of one width below each other, over one axis of steps.
 *
 * @module
 */

import { extent, type Scale, type ScaleKind, stepScale, valueScale } from "./scale.ts";
import { label, picture, pixel } from "./svg.ts";

/** Where a curve is at a step. */
export type Point = readonly [step: number, value: number];

/** One curve of a chart. */
export type Curve = {
  /** What it is called in the legend; empty when there is nothing to tell apart. */
  readonly label: string;
  /** Its points, by step. */
  readonly points: readonly Point[];
  /** Whether each point is marked; such a curve has few. */
  readonly marks: boolean;
};

/** One chart. */
export type Chart = {
  /** What its values are. */
  readonly title: string;
  /** Height of the plot in pixels. */
  readonly height: number;
  /** How its values are laid out. */
  readonly scale: ScaleKind;
  /** The curves, at least one, none of them empty. */
  readonly curves: readonly Curve[];
  /** Writes a value. */
  readonly show: (value: number) => string;
};

const WIDTH = 760;
const LEFT = 60;
const RIGHT = WIDTH - 20;
const HEADER = 40;
const GAP = 44;
const FOOTER = 44;
/** Points of one curve beyond which marks would touch. */
const MOST_MARKS = 60;

/** Draws charts, at least one, over one axis of steps. */
export function chartsSvg(title: string, charts: readonly Chart[]): string {
  const steps = charts.flatMap(({ curves }) => curves.flatMap(({ points }) => points))
    .map(([step]) => step);
  const x = stepScale(extent(steps), [LEFT, RIGHT]);
  let top = HEADER;
  const drawn = charts.map((chart) => {
    top += GAP;
    const text = chartText(chart, x, top);
    top += chart.height;
    return text;
  });
  const labels = x.ticks.map((step) => label(x.at(step), top + 18, "middle", x.show(step)));
  const height = top + FOOTER;
  const parts = [...drawn, ...labels, label((LEFT + RIGHT) / 2, top + 36, "middle", "step")];
  return picture(title, [WIDTH, height], LEFT, parts, { description: descriptionOf(charts) });
}

function descriptionOf(charts: readonly Chart[]): string {
  const lasts = charts.flatMap(({ title, curves, show }) =>
    curves.map(({ label, points }) => {
      const [step, value] = points.at(-1)!;
      return `${title}${label && ` (${label})`}: ${show(value)} at step ${step}`;
    })
  );
  return lasts.join("; ");
}

function chartText({ title, height, scale, curves, show }: Chart, x: Scale, top: number): string {
  const values = curves.flatMap(({ points }) => points).map(([, value]) => value);
  const y = valueScale(scale, extent(values), [top + height, top]);
  const bottom = top + height;
  const grid = y.ticks.flatMap((tick) => [
    `<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${pixel(y.at(tick))}" y2="${
      pixel(y.at(tick))
    }"/>`,
    label(LEFT - 8, y.at(tick) + 4, "right", y.show(tick)),
  ]);
  const marks = x.ticks.map((step) =>
    `<line class="axis" x1="${pixel(x.at(step))}" x2="${pixel(x.at(step))}" y1="${bottom}" y2="${
      bottom + 5
    }"/>`
  );
  return [
    label(LEFT, top - 12, "name", title),
    ...legend(curves, show, top - 12),
    ...grid,
    `<line class="axis" x1="${LEFT}" x2="${RIGHT}" y1="${bottom}" y2="${bottom}"/>`,
    ...marks,
    ...curves.map((curve) => curveText(curve, colourOf(curve), x, y)),
  ].join("\n");
}

/** From the right: a line in the colour of the curve, its name, and its last value. */
function legend(curves: readonly Curve[], show: Chart["show"], y: number): string[] {
  let right = RIGHT;
  return curves.toReversed().flatMap((curve) => {
    const [, last] = curve.points.at(-1)!;
    const text = `${curve.label} ${show(last)}`.trim();
    // The width of the text is not known here; this is a little more than it.
    const left = right - 7 * text.length - 29;
    const colour = colourOf(curve);
    const key = [
      `<line class="line ${colour}" x1="${left}" x2="${left + 22}" y1="${y - 4}" y2="${y - 4}"/>`,
      ...curve.marks ? [`<circle class="${colour}" cx="${left + 11}" cy="${y - 4}" r="3"/>`] : [],
      label(right, y, "right", text),
    ];
    right = left - 16;
    return key;
  });
}

/** What is tested has one colour everywhere, what is trained the other. */
const colourOf = ({ marks }: Curve): string => marks ? "c1" : "c0";

function curveText({ points, marks }: Curve, colour: string, x: Scale, y: Scale): string {
  const place = ([step, value]: Point) => `${pixel(x.at(step))},${pixel(y.at(value))}`;
  const path = (points: readonly Point[]) => `M${points.map(place).join("L")}`;
  if (marks || points.length === 1) {
    const circles = (points.length > MOST_MARKS ? [] : points).map(([step, value]) =>
      `<circle class="${colour}" cx="${pixel(x.at(step))}" cy="${pixel(y.at(value))}" r="3"/>`
    );
    return [`<path class="line ${colour}" d="${path(points)}"/>`, ...circles].join("\n");
  }
  const groups = neighbours(points);
  const band = [
    ...groups.map(({ step, most }): Point => [step, most]),
    ...groups.map(({ step, least }): Point => [step, least]).toReversed(),
  ];
  const line = groups.map(({ step, mean }): Point => [step, mean]);
  return [
    `<path class="band ${colour}" d="${path(band)}Z"/>`,
    `<path class="line ${colour}" d="${path(line)}"/>`,
  ].join("\n");
}

type Group = {
  readonly step: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
};

/** Puts points together so that a line has at most one for every three pixels. */
function neighbours(points: readonly Point[]): Group[] {
  const size = Math.ceil(points.length / ((RIGHT - LEFT) / 3));
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const group = points.slice(i * size, (i + 1) * size);
    const values = group.map(([, value]) => value);
    return {
      step: mean(group.map(([step]) => step)),
      mean: mean(values),
      least: Math.min(...values),
      most: Math.max(...values),
    };
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
