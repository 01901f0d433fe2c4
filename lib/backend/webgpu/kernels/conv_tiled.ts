/**
 * Convolutions, gradients for their inputs, and matrix products, for GPUs: a product of the pixels that
 * the taps of each window meet with the weights. Where a gradient's walk has a stride, the pixels of the
 * result that the same taps reach are made together, so that no zeros are multiplied.
 *
 * @module
 */

import { generator, type Program } from "../program.ts";
import { operand } from "../unrolled.ts";
import { phasesOf, type Walk } from "./conv_sizes.ts";
import type { StripSizes } from "./conv_strip.ts";
import { type ProductTile, tiledProduct } from "./tiled_product.ts";

/** Gives `result`, or as many parts of it as the tile says, from `source` and `weights`. */
export const convTiled: (
  name: string,
  sizes: StripSizes,
  tile: ProductTile,
  halves?: readonly string[],
) => Program = generator(
  (name, sizes, tile, halves = []) => {
    const { batch, groups, source, result, rows, columns, along, shared } = sizes;
    const array = (name: string, row: number) => operand(name, row, false, halves);
    const [from, to] = [array("source", source), array("result", result)];
    const weights = array("weights", along === "source" ? source : result);
    const [tall, wide] = along === "source" ? [result, groups * source] : [source, groups * result];
    // With weights of their own, images are products of their own.
    const images = shared === "weights" ? batch : 1;
    const [height, width] = [rows, columns].map(({ to, divide }) => Math.ceil(to / divide));
    const phases = rows.divide * columns.divide;

    const place = [
      `let image = number * ${images} + m / ${height! * width!};`,
      `let y = m / ${width} % ${height} * ${rows.divide} + phase / ${columns.divide};`,
      `let x = m % ${width} * ${columns.divide} + phase % ${columns.divide};`,
    ];
    const inImage = `m < ${images * height! * width!} && y < ${rows.to} && x < ${columns.to}`;
    const [Y, X] = [phasesOf(rows), phasesOf(columns)];
    const tap = [
      `let tap = k / ${source};`,
      `let channel = k % ${source};`,
      `let tapY = firstY + tap / tapsX * ${Y.period};`,
      `let tapX = firstX + tap % tapsX * ${X.period};`,
    ];
    const met = (tap: string, at: string, { scale, step, shift, divide }: Walk) =>
      `(${at} * ${scale} + ${tap} * ${step} + ${shift}) / ${divide}`;
    const pixel = (
      image: string,
      { height, width }: { height: number; width: number },
      y: string,
      x: string,
    ) => `((${image} * ${height} + ${y}) * ${width} + ${x}) * ${groups} + group`;
    const ofTap = along === "source"
      ? `(taps * ${tall} + n) * ${wide} + group * ${source} + channel`
      : `(taps * ${tall} + channel) * ${wide} + group * ${result} + n`;

    return tiledProduct(name, {
      m: images * height! * width!,
      n: result,
      count: batch / images * groups * phases,
      lines: [
        `let group = product % ${groups};`,
        `let phase = product / ${groups} % ${phases};`,
        `let number = product / ${groups * phases};`,
        ...tapsOf("Y", rows, `phase / ${columns.divide}`),
        ...tapsOf("X", columns, `phase % ${columns.divide}`),
        `let depth = tapsY * tapsX * ${source};`,
        `let share = (depth + ${tile.splits * tile.depth - 1}) / ${
          tile.splits * tile.depth
        } * ${tile.depth};`,
        "let first = split * share;",
        "let end = min(first + share, depth);",
      ],
      a: {
        operand: from,
        along: "inner",
        lines: [
          ...place,
          ...tap,
          `let sourceY = ${met("tapY", "y", rows)};`,
          `let sourceX = ${met("tapX", "x", columns)};`,
        ],
        inside: `k < end && ${inImage} && sourceY >= 0 && sourceY < ${rows.from} && ` +
          `sourceX >= 0 && sourceX < ${columns.from}`,
        at: `(${
          pixel(
            shared === "source" ? "0" : "image",
            { height: rows.from, width: columns.from },
            "sourceY",
            "sourceX",
          )
        }) * ${source} + channel`,
      },
      b: {
        operand: weights,
        along: along === "source" ? "inner" : "outer",
        lines: [
          ...tap,
          `let taps = (${
            shared === "weights" ? "0" : "number"
          } * ${rows.taps} + tapY) * ${columns.taps} + tapX;`,
        ],
        inside: `k < end && n < ${result}`,
        at: ofTap,
      },
      c: {
        operand: to,
        lines: place,
        inside: inImage,
        at: `(${
          pixel(`(split * ${batch} + image)`, { height: rows.to, width: columns.to }, "y", "x")
        }) * ${result} + n`,
      },
    }, tile);
  },
);

/** The lines that work out which taps of an axis are met in a phase: from which on, and how many. */
function tapsOf(axis: "X" | "Y", walk: Walk, phase: string): string[] {
  const { taps, scale, divide } = walk;
  const { lead, common, inverse, period } = phasesOf(walk);
  return [
    `let lead${axis} = (${phase} * ${scale} + ${lead}) % ${divide};`,
    `let first${axis} = lead${axis} / ${common} * ${inverse} % ${period};`,
    `let all${axis} = max(0, (${taps + period - 1} - first${axis}) / ${period});`,
    `let taps${axis} = select(0, all${axis}, lead${axis} % ${common} == 0);`,
  ];
}
