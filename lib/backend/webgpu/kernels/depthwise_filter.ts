/**
 * Gradients for the weights of convolutions of each channel by itself. A thread makes a row of taps of
 * four channels, or of one, over a chunk of the rows of the output; the chunks are summed afterwards.
 *
 * @module
 */

import { bindings, entry, generator, groupsFor, type Program } from "../program.ts";
import { elementOf, every, inputOf, operand, range, readers, readOne } from "../unrolled.ts";
import type { Windows } from "./conv_sizes.ts";

/** What a depthwise filter kernel computes: weights `[rows, columns, channels]`. */
export interface DepthwiseFilterSizes {
  /** Number of images. */
  readonly batch: number;
  /** Channels of the input and of the output. */
  readonly channels: number;
  /** Windows along the height. */
  readonly rows: Windows;
  /** Windows along the width. */
  readonly columns: Windows;
}

/** What a thread makes, and how. */
export interface DepthwiseFilterTile {
  /** Rows of the output that it goes over. */
  readonly lines: number;
  /** Pixels of the output that are unrolled. */
  readonly pixels: number;
  /** Whether both inputs are read as textures. */
  readonly sampled: boolean;
}

/**
 * Gives `parts`, weights for each chunk, from the input `x` and the output's gradient `dy`; those that
 * are named as `halves` are of halves.
 */
export const depthwiseFilter: (
  name: string,
  sizes: DepthwiseFilterSizes,
  tile: DepthwiseFilterTile,
  halves?: readonly string[],
) => Program = generator((name, { batch, channels, rows, columns }, tile, halves = []) => {
  const x = operand("x", channels, tile.sampled, halves);
  const dy = operand("dy", channels, tile.sampled, halves);
  const type = elementOf(x);
  const width = channels / x.width;
  const lines = batch * rows.count;
  const threads = width * rows.taps * Math.ceil(lines / tile.lines);

  /** The lines for `count` pixels of the output from pixel `p` on, which is at most `last`. */
  const pixels = (count: number, last: number): string => {
    const meets = (pixel: number, tap: number) =>
      pixel * columns.stride + tap * columns.dilation - columns.before;
    const seen = new Set(
      range(count * columns.taps).map((i) => meets(i % count, Math.floor(i / count))),
    );
    const column = (at: number): string => {
      const value = readOne(x, `xAt + ${at * width}`);
      const inside = every(
        at < 0 ? `left >= ${-at}` : "true",
        at + last * columns.stride >= columns.size ? `left < ${columns.size - at}` : "true",
      );
      return inside === "true" ? value : `select(${type}(), ${value}, ${inside})`;
    };
    const order = [...seen].sort((a, b) => a - b);
    return [
      `let left = p * ${columns.stride};`,
      `let xAt = (line * ${columns.size} + left) * ${width} + channel;`,
      `let dyAt = (r * ${columns.count} + p) * ${width} + channel;`,
      ...order.map((at, i) => `let v${i} = ${column(at)};`),
      ...range(count).map((u) => `let d${u} = ${readOne(dy, `dyAt + ${u * width}`)};`),
      ...range(count).flatMap((u) =>
        range(columns.taps).map((tap) =>
          `a${tap} = fma(v${order.indexOf(meets(u, tap))}, d${u}, a${tap});`
        )
      ),
    ].join("\n      ");
  };
  const whole = columns.count - columns.count % tile.pixels;
  const rest = columns.count - whole;
  const body = `  let channel = t % ${width};
  let tap = t / ${width} % ${rows.taps};
  let chunk = t / ${width * rows.taps};
  ${range(columns.taps).map((tap) => `var a${tap} = ${type}();`).join(" ")}
  for (var r = chunk * ${tile.lines}; r < min((chunk + 1) * ${tile.lines}, ${lines}); r++) {
    let down = r % ${rows.count} * ${rows.stride} + tap * ${rows.dilation} - ${rows.before};
    if (down < 0 || down >= ${rows.size}) { continue; }
    let line = r / ${rows.count} * ${rows.size} + down;
    for (var p = 0; p < ${whole}; p += ${tile.pixels}) {
      ${whole > 0 ? pixels(tile.pixels, whole - tile.pixels) : ""}
    }
    let p = ${whole};
    ${rest > 0 ? pixels(rest, whole) : ""}
  }
  let to = (chunk * ${rows.taps} + tap) * ${columns.taps * width} + channel;
  ${range(columns.taps).map((tap) => `parts[to + ${tap * width}] = a${tap};`).join("\n  ")}`;
  return {
    name,
    wgsl: bindings({ parts: type }, { x: inputOf(x), dy: inputOf(dy) }, halves) +
      readers(x, [x.width]) + readers(dy, [x.width]) + entry(threads, body),
    groups: groupsFor(threads),
    ...tile.sampled && { textures: { 1: x.width, 2: dy.width } },
  };
});
