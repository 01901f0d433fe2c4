/**
 * Heat maps: matrices as squares, in shades from nothing to much. Shades of one hue tell more from
 * less without colours, and swap their ends in the dark, so that nothing always looks like the ground.
 *
 * @module
 */

import { extent } from "../inspect/scale.ts";
import { label, picture, pixel } from "../inspect/svg.ts";

/** A matrix to draw. */
export type HeatMap = {
  /** What it shows. */
  readonly title: string;
  /** Its rows, from top to bottom, all of one length. */
  readonly rows: readonly (readonly number[])[];
  /** What its columns are. */
  readonly x?: string;
  /** What its rows are. */
  readonly y?: string;
};

/** How {@linkcode heatMapsSvg} draws. */
export interface HeatMapOptions {
  /** The values that look like nothing and like most; those of all maps by default. */
  readonly range?: readonly [least: number, most: number];
  /** Maps in a row; 3 by default. */
  readonly columns?: number;
  /** Writes a value at the key. */
  readonly show?: (value: number) => string;
}

const WIDTH = 760;
const SHADES = 12;
const LEFT = 30;
const GAP = 44;

/**
 * Draws matrices, at least one, with one key to their shades.
 *
 * @example Two by two
 * ```ts
 * import { assert } from "@std/assert";
 * import { heatMapsSvg } from "@fplusx/nn/lab";
 *
 * assert(heatMapsSvg("Checks", [{ title: "one", rows: [[0, 1], [1, 0]] }]).includes("one"));
 * ```
 */
export function heatMapsSvg(
  title: string,
  maps: readonly HeatMap[],
  options: HeatMapOptions = {},
): string {
  const { columns = Math.min(3, maps.length), show = (value) => value.toPrecision(2) } = options;
  const [least, most] = options.range ?? extent(maps.flatMap(({ rows }) => rows.flat()));
  const side = Math.min(300, (WIDTH - LEFT - columns * GAP) / columns);
  const top = 88;
  const shadeOf = (value: number) =>
    Math.max(0, Math.min(SHADES - 1, Math.floor((value - least) / (most - least) * SHADES)));
  const drawn = maps.map(({ title, rows, x = "", y = "" }, i) => {
    const left = LEFT + (i % columns) * (side + GAP);
    const above = top + Math.floor(i / columns) * (side + GAP + 24);
    return [
      label(left, above - 8, "name", title),
      `<g transform="translate(${pixel(left)},${pixel(above)}) scale(${
        (side / rows[0]!.length).toFixed(4)
      },${(side / rows.length).toFixed(4)})">`,
      ...shadesText(rows, shadeOf),
      "</g>",
      `<rect class="axis" fill="none" x="${pixel(left)}" y="${pixel(above)}" width="${
        pixel(side)
      }" height="${pixel(side)}"/>`,
      label(left + side / 2, above + side + 16, "middle", x),
      `<g transform="translate(${pixel(left - 8)},${pixel(above + side / 2)}) rotate(-90)">${
        label(0, 0, "middle", y)
      }</g>`,
    ].join("\n");
  });
  const height = top + Math.ceil(maps.length / columns) * (side + GAP + 24);
  const key = Array.from(
    { length: SHADES },
    (_, i) => `<rect class="s${i}" x="${LEFT + 60 + 14 * i}" y="46" width="14" height="12"/>`,
  );
  const parts = [
    label(LEFT + 54, 56, "right", show(least)),
    ...key,
    label(LEFT + 66 + 14 * SHADES, 56, "", show(most)),
    ...drawn,
  ];
  return picture(title, [WIDTH, height], LEFT, parts, { style: shadeStyle() });
}

/** One path for each shade, of unit squares, each a run of neighbours in a row. */
function shadesText(
  rows: readonly (readonly number[])[],
  shadeOf: (value: number) => number,
): string[] {
  const paths: string[] = Array.from({ length: SHADES }, () => "");
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length;) {
      const shade = shadeOf(row[x]!);
      let end = x + 1;
      while (end < row.length && shadeOf(row[end]!) === shade) end++;
      // A little over the edge, so that no ground shines through between neighbours.
      paths[shade] += `M${x},${y}H${end + 0.05}V${y + 1.05}H${x}Z`;
      x = end;
    }
  });
  return paths.flatMap((path, shade) => path ? [`<path class="s${shade}" d="${path}"/>`] : []);
}

/** From nearly white to deep blue, and on dark ground from nearly black to pale blue. */
function shadeStyle(): string {
  const mix = (from: readonly number[], to: readonly number[], share: number) =>
    `rgb(${from.map((value, i) => Math.round(value + share * (to[i]! - value))).join(",")})`;
  const rules = (from: readonly number[], to: readonly number[]) =>
    Array.from(
      { length: SHADES },
      (_, i) => `.s${i} { fill: ${mix(from, to, i / (SHADES - 1))} }`,
    ).join(" ");
  return `
  ${rules([245, 248, 252], [8, 48, 107])}
  @media (prefers-color-scheme: dark) { ${rules([24, 28, 36], [190, 225, 255])} }`;
}
