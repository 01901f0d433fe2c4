/**
 * Convolutions, gradients for their inputs, and matrix products, where the CPU runs the shaders. There
 * to read a vector costs as much as to multiply some, and shared memory is no better; so a thread makes
 * a strip of pixels times a block of channels, all of it in registers, and uses what it reads many
 * times: the pixels of the source for all taps in a row, the weights for all pixels. Which pixel of the
 * source a tap meets is known beforehand: nothing is multiplied in vain, whatever the stride.
 *
 * @module
 */

import { bindings, entry, generator, groupsFor, type Program } from "../program.ts";
import {
  type Condition,
  elementOf,
  inputOf,
  LANES,
  operand,
  range,
  readers,
  when,
  write,
} from "../unrolled.ts";
import type { Walk } from "./conv_sizes.ts";
import { countStrips, findRow, findStrip, stripsOf } from "./strip.ts";

/** What a strip kernel computes: images `[batch, rows, columns, groups · result]`. */
export interface StripSizes {
  /** Number of images. */
  readonly batch: number;
  /** Groups that the channels are split into. */
  readonly groups: number;
  /** Channels of the source in a group. */
  readonly source: number;
  /** Channels of the result in a group. */
  readonly result: number;
  /** The walk along the height. */
  readonly rows: Walk;
  /** The walk along the width. */
  readonly columns: Walk;
  /** Whose channels lie side by side in the weights `[rows, columns, …]`; the others are before them. */
  readonly along: "source" | "result";
  /** What there is but one of for all images. */
  readonly shared: "source" | "weights" | "nothing";
}

/** What a thread makes, and how. */
export interface StripTile {
  /** Pixels in a row. */
  readonly pixels: number;
  /** Channels, a multiple of four. */
  readonly channels: number;
  /** Whether source and weights are read as textures. */
  readonly sampled: boolean;
}

/** Gives `result` from `source` and `weights`, of which those named as `halves` are kept so. */
export const convStrip: (
  name: string,
  sizes: StripSizes,
  tile: StripTile,
  halves?: readonly string[],
) => Program = generator(
  (name, sizes, tile, halves = []) => {
    const { batch, groups, source, result, rows, columns, along, shared } = sizes;
    const strips = stripsOf(columns, tile.pixels);
    const blocks = Math.ceil(result / tile.channels);
    const threads = groups * blocks * countStrips(batch, tile.pixels, rows, columns);
    const from = operand("source", source, tile.sampled, halves);
    const to = operand("result", result, false, halves);
    const row = along === "source" ? source : result;
    const weights = operand("weights", row, tile.sampled, halves);
    const [tall, wide] = along === "source" ? [result, groups * source] : [source, groups * result];
    const quads = range(Math.min(tile.channels / 4, Math.ceil(result / 4)));

    const pixel = (x: number, count: number): string => {
      const value = `source${count}(at + ${x * groups * source / from.width})`;
      const inside = strips.inSource(x);
      return inside === "true" ? value : `select(vec4f(), ${value}, ${inside})`;
    };

    const weight = (tap: number, i: number, lane: number, count: number): string =>
      `weights${count}(row + ${((tap * tall + i) * wide + lane) / weights.width})`;
    const loads = (tap: number, count: number): string[] => {
      const columnsOf = (j: number, line: (q: number) => string) =>
        quads.map((q) => `let w${tap}_${j}_${q} = ${line(q)};`);
      if (along === "result") {
        return range(count).flatMap((j) => columnsOf(j, (q) => weight(tap, j, 4 * q, 4)));
      }
      const turned = (j: number, q: number) =>
        range(4).map((i) => `v${tap}_${4 * q + i}.${LANES[j]}`).join(", ");
      return [
        ...range(4 * quads.length).map((i) => `let v${tap}_${i} = ${weight(tap, i, 0, count)};`),
        ...range(count).flatMap((j) => columnsOf(j, (q) => `vec4f(${turned(j, q)})`)),
      ];
    };
    const products = (tap: number, count: number): string[] => {
      const pairs = strips.meeting(tap);
      if (pairs.length === 0) return [];
      const multiply = (p: number, x: number, j: number, q: number) =>
        `a${p}_${q} = fma(vec4f(x${x}.${LANES[j]}), w${tap}_${j}_${q}, a${p}_${q});`;
      return [
        ...loads(tap, count),
        ...range(count).flatMap((j) =>
          pairs.map(([p, x]) => quads.map((q) => multiply(p, x, j, q)).join(" "))
        ),
      ];
    };
    const channels = (count: number): string =>
      [
        ...strips.seen.map((x, i) => `let x${i} = ${pixel(x, count)};`),
        ...range(columns.taps).flatMap((tap) => products(tap, count)),
      ].join("\n      ");

    const inBlock = (channel: number): Condition => {
      if (blocks === 1) return `${channel < result}`;
      return result % tile.channels === 0 ? "true" : `channel + ${channel} < ${result}`;
    };
    const store = (p: number): string => {
      const at = (q: number) => `to + ${(p * groups * result + 4 * q) / to.width}`;
      const writes = quads.map((q) =>
        write(to, at(q), `a${p}_${q}`, (lane) => inBlock(4 * q + lane))
      );
      return when(strips.inResult(p), writes.join(" "));
    };

    const start = along === "source"
      ? `(group * ${source} + channel * ${wide})`
      : `(group * ${result} + channel)`;
    const [sourceImage, weightsImage] = [
      shared === "source" ? "0" : "n",
      shared === "weights" ? "0" : "n",
    ];
    const sums = range(tile.pixels).flatMap((p) => quads.map((q) => `var a${p}_${q} = vec4f();`));
    const body = `  let block = t % ${groups * blocks};
  let group = block / ${blocks};
  let channel = block % ${blocks} * ${tile.channels};
  ${findStrip(groups * blocks, tile.pixels, rows, columns)}
  ${sums.join(" ")}
  for (var tap = 0; tap < ${rows.taps}; tap++) {
    ${findRow(rows)}
    let line = ${sourceImage} * ${rows.from} + down / ${rows.divide};
    var at = ((line * ${columns.from} + left) * ${groups} + group) * ${source} / ${from.width};
    let taps = (${weightsImage} * ${rows.taps} + tap) * ${columns.taps};
    var row = (taps * ${tall * wide} + ${start}) / ${weights.width};
    for (var c = 0; c < ${Math.floor(source / 4)}; c++) {
      ${channels(4)}
      at += ${4 / from.width};
      row += ${(along === "source" ? 4 : 4 * wide) / weights.width};
    }
    ${source % 4 > 0 ? channels(source % 4) : ""}
  }
  let pixel = (n * ${rows.to} + y) * ${columns.to} + x;
  let to = ((pixel * ${groups} + group) * ${result} + channel) / ${to.width};
  ${range(tile.pixels).map(store).join("\n  ")}`;
    return {
      name,
      wgsl: bindings({ result: elementOf(to) }, {
        source: inputOf(from),
        weights: inputOf(weights),
      }, halves) + readers(from, [4, source % 4]) +
        readers(weights, along === "source" ? [4, source % 4] : [4]) +
        entry(threads, body),
      groups: groupsFor(threads),
      rounds: rows.taps * (1 + Math.floor(source / 4)),
      ...tile.sampled && { textures: { 1: from.width, 2: weights.width } },
    };
  },
);
