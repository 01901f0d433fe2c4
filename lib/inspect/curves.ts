/**
 * The curves of a training as one picture: loss, accuracy and learning rate over the steps, one below
 * the other, with one axis of steps. What is drawn is decided here, how it is drawn in `chart.ts`.
 *
 * @module
 */

import { EmptyError } from "../errors.ts";
import { type Chart, chartsSvg, type Point } from "./chart.ts";

/** One line of a history: a step of training, or a test after it. */
export type HistoryRecord = {
  /** Number of the step, from 0. */
  readonly step: number;
  /** Loss of the step. */
  readonly loss?: number;
  /** Learning rate of the step. */
  readonly learningRate?: number;
  /** Share (0 to 1) of the batch that is classified wrong after the step, where that is measured. */
  readonly error?: number;
  /** Loss on the test set after the step. */
  readonly testLoss?: number;
  /** Share (0 to 1) of the test set that is classified right after the step. */
  readonly top1?: number;
  /** Loss on images that were set aside, in place of the test set. */
  readonly validationLoss?: number;
  /** Share (0 to 1) of those images that is classified right. */
  readonly validationTop1?: number;
};

/** How {@linkcode curvesSvg} draws. */
export interface CurvesOptions {
  /** What the picture is called; "Training" by default. */
  readonly title?: string;
}

/** Losses that span more than this factor are drawn on a logarithmic scale. */
const WIDE = 10;

/**
 * Draws the curves of a history as an SVG that stands by itself, light or dark as the reader's system
 * is, in colours that the colour-blind can tell apart. A quantity that the history does not have is
 * left out. Where there are more steps than pixels, the line is the mean of neighbours and the band
 * around it goes from their least to their greatest.
 *
 * @throws {EmptyError} If the history has nothing to draw.
 *
 * @example Three steps and a test
 * ```ts
 * import { assert } from "@std/assert";
 * import { curvesSvg } from "@fplusx/nn/inspect";
 *
 * const svg = curvesSvg([
 *   { step: 0, loss: 2.3, learningRate: 0.1 },
 *   { step: 1, loss: 1.7, learningRate: 0.1 },
 *   { step: 2, loss: 1.2, learningRate: 0.05 },
 *   { step: 2, testLoss: 1.3, top1: 0.64 },
 * ]);
 * assert(svg.startsWith("<svg") && svg.includes("64.0 %"));
 * ```
 */
export function curvesSvg(history: Iterable<HistoryRecord>, options: CurvesOptions = {}): string {
  const { title = "Training" } = options;
  const records = [...history];
  const points = (quantity: Exclude<keyof HistoryRecord, "step">): Point[] =>
    records.flatMap((record): Point[] => {
      const value = record[quantity];
      return value !== undefined && Number.isFinite(value) ? [[record.step, value]] : [];
    });
  const loss = points("loss");
  const [validationLoss, testLoss] = [points("validationLoss"), points("testLoss")];
  const charts: Chart[] = [
    {
      title: "Loss",
      height: 200,
      scale: spread([...loss, ...validationLoss, ...testLoss]) > WIDE ? "log" : "linear",
      curves: [
        { label: "training", points: loss, marks: false },
        { label: "validation", points: validationLoss, marks: true },
        { label: "test", points: testLoss, marks: true },
      ],
      show: (value) => value.toPrecision(3),
    },
    {
      title: "Accuracy",
      height: 140,
      scale: "share",
      curves: [
        { label: "validation", points: points("validationTop1"), marks: true },
        { label: "test", points: points("top1"), marks: true },
      ],
      show: (value) => `${(100 * value).toFixed(1)} %`,
    },
    {
      title: "Learning rate",
      height: 90,
      scale: "from0",
      curves: [{ label: "", points: points("learningRate"), marks: false }],
      show: showRate,
    },
  ];
  const drawn = charts
    .map((chart) => ({ ...chart, curves: chart.curves.filter(({ points }) => points.length > 0) }))
    .filter(({ curves }) => curves.length > 0);
  if (drawn.length === 0) throw new EmptyError("Cannot draw curves: the history has no numbers");
  return chartsSvg(title, drawn);
}

/** How many times the greatest value is the least; 0 when a logarithm would not exist. */
function spread(points: readonly Point[]): number {
  const values = points.map(([, value]) => value);
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  return least > 0 ? values.reduce((a, b) => Math.max(a, b), 0) / least : 0;
}

/** Writes a learning rate; a tiny one by its power of ten. */
export function showRate(rate: number): string {
  return rate !== 0 && rate < 1e-4 ? rate.toExponential(1) : rate.toPrecision(3);
}
