/**
 * Convolutions of each channel by itself, and gradients for their inputs: a thread makes a strip of
 * pixels of four channels, or of one where their number is not a multiple of four.
 *
 * @module
 */

import { access, bindings, entry, generator, groupsFor, type Program } from "../program.ts";
import { elementOf, inputOf, operand, range, readers, readOne, when } from "../unrolled.ts";
import type { Walk } from "./conv_sizes.ts";
import { countStrips, findRow, findStrip, stripsOf } from "./strip.ts";

/** What a depthwise kernel computes: images `[batch, rows, columns, channels]`. */
export interface DepthwiseSizes {
  /** Number of images. */
  readonly batch: number;
  /** Channels of the source and of the result. */
  readonly channels: number;
  /** The walk along the height. */
  readonly rows: Walk;
  /** The walk along the width. */
  readonly columns: Walk;
}

/** What a thread makes, and how. */
export interface DepthwiseTile {
  /** Pixels in a row. */
  readonly pixels: number;
  /** Whether source and weights are read as textures. */
  readonly sampled: boolean;
}

/**
 * Gives `result` from `source` and `weights`, `[rows, columns, channels]`; those that are named as `halves`
 * are of halves.
 */
export const depthwiseStrip: (
  name: string,
  sizes: DepthwiseSizes,
  tile: DepthwiseTile,
  halves?: readonly string[],
) => Program = generator((name, sizes, { pixels, sampled }, halves = []) => {
  const { batch, channels, rows, columns } = sizes;
  const from = operand("source", channels, sampled, halves);
  const weights = operand("weights", channels, sampled, halves);
  const to = operand("result", channels, false, halves);
  const { write } = access(elementOf(to), halves);
  const type = elementOf(to);
  const strips = stripsOf(columns, pixels);
  const width = channels / to.width; // threads that share a strip
  const threads = width * countStrips(batch, pixels, rows, columns);

  const pixel = (x: number): string => {
    const value = readOne(from, `at + ${x * width}`);
    const inside = strips.inSource(x);
    return inside === "true" ? value : `select(${type}(), ${value}, ${inside})`;
  };
  const multiply = (tap: number): string[] => [
    `let w${tap} = ${readOne(weights, `row + ${tap * width}`)};`,
    ...strips.meeting(tap).map(([p, x]) => `a${p} = fma(x${x}, w${tap}, a${p});`),
  ];
  const lines = [
    ...strips.seen.map((x, i) => `let x${i} = ${pixel(x)};`),
    ...range(columns.taps).flatMap(multiply),
  ];
  const stores = range(pixels).map((p) =>
    when(strips.inResult(p), write("result", `to + ${p * width}`, `a${p}`))
  );
  const body = `  let channel = t % ${width};
  ${findStrip(width, pixels, rows, columns)}
  ${range(pixels).map((p) => `var a${p} = ${type}();`).join(" ")}
  for (var tap = 0; tap < ${rows.taps}; tap++) {
    ${findRow(rows)}
    let line = n * ${rows.from} + down / ${rows.divide};
    let at = (line * ${columns.from} + left) * ${width} + channel;
    let row = tap * ${columns.taps * width} + channel;
    ${lines.join("\n    ")}
  }
  let to = ((n * ${rows.to} + y) * ${columns.to} + x) * ${width} + channel;
  ${stores.join("\n  ")}`;
  return {
    name,
    wgsl: bindings(
      { result: type },
      { source: inputOf(from), weights: inputOf(weights) },
      halves,
    ) + readers(from, [from.width]) + readers(weights, [from.width]) + entry(threads, body),
    groups: groupsFor(threads),
    ...sampled && { textures: { 1: from.width, 2: weights.width } },
  };
});
