/**
 * Dot plots: one row for each thing compared, a dot for each seed, and a bar at their mean, all on one
 * axis.
 *
 * @module
 */

import { extent, valueScale } from "../inspect/scale.ts";
import { label, picture, pixel } from "../inspect/svg.ts";
import { summarize } from "./statistics.ts";

/** A row of a {@linkcode dotPlotSvg}. */
export type DotRow = {
  /** What it is. */
  readonly label: string;
  /** A value for each seed, at least one. */
  readonly values: readonly number[];
};

const WIDTH = 760;
const ROW = 26;
const TOP = 72;
/** Values that span more than this factor are laid out by logarithm. */
const WIDE = 4;

/**
 * Draws rows of values, at least one, on one axis, by logarithm where they are far apart. The first
 * row is what others are compared with: a line goes down from its mean.
 *
 * @example Two networks
 * ```ts
 * import { assert } from "@std/assert";
 * import { dotPlotSvg } from "@fplusx/nn/lab";
 *
 * const rows = [{ label: "plain", values: [8, 9] }, { label: "residual", values: [5, 6] }];
 * assert(dotPlotSvg("Errors", "error, %", rows).includes("residual"));
 * ```
 */
export function dotPlotSvg(title: string, axis: string, rows: readonly DotRow[]): string {
  const left = 24 + 7 * Math.max(...rows.map(({ label }) => label.length));
  const right = WIDTH - 20;
  const bottom = TOP + ROW * rows.length;
  const range = extent(rows.flatMap(({ values }) => values));
  // What is far out would press everything else together.
  const kind = range[0] > 0 && range[1] > WIDE * range[0] ? "log" : "linear";
  const x = valueScale(kind, range, [left, right], { ticks: 8 });
  const reference = x.at(summarize(rows[0]!.values).mean);
  const grid = x.ticks.flatMap((tick) => [
    `<line class="grid" x1="${pixel(x.at(tick))}" x2="${pixel(x.at(tick))}" y1="${
      TOP - 8
    }" y2="${bottom}"/>`,
    label(x.at(tick), bottom + 18, "middle", x.show(tick)),
  ]);
  const drawn = rows.flatMap(({ label: name, values }, i) => {
    const y = TOP + ROW * (i + 0.5);
    const mean = x.at(summarize(values).mean);
    return [
      label(left - 12, y + 4, "right", name),
      ...values.map((value) =>
        `<circle class="c0" fill-opacity="0.45" cx="${pixel(x.at(value))}" cy="${
          pixel(y)
        }" r="4.5"/>`
      ),
      `<line class="line c1" stroke-width="3" x1="${pixel(mean)}" x2="${pixel(mean)}" y1="${
        pixel(y - 8)
      }" y2="${pixel(y + 8)}"/>`,
    ];
  });
  return picture(title, [WIDTH, bottom + 50], 24, [
    `<circle class="c0" fill-opacity="0.45" cx="30" cy="46" r="4.5"/>`,
    label(42, 50, "", "one seed"),
    `<line class="line c1" x1="118" x2="118" y1="38" y2="54"/>`,
    label(126, 50, "", "mean"),
    ...grid,
    `<line class="line dashed c6" x1="${pixel(reference)}" x2="${pixel(reference)}" y1="${
      TOP - 8
    }" y2="${bottom}"/>`,
    ...drawn,
    label((left + right) / 2, bottom + 38, "middle", axis),
  ]);
}
