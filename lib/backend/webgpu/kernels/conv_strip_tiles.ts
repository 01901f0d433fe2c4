/**
 * The tiles that strip kernels may have, best first: as few reads as there can be for what is
 * multiplied, in registers that there are, in a text that is compiled in no time.
 *
 * @module
 */

import { operand, range } from "../unrolled.ts";
import { meets } from "./conv_sizes.ts";
import type { FilterSizes, FilterTile } from "./conv_filter_strip.ts";
import type { StripSizes, StripTile } from "./conv_strip.ts";

/** What it costs to read a vector, if to multiply one costs 1. */
const READ = { sampled: 4, buffer: 24 } as const;
/** Vectors that are summed up in registers; with more, some of them are kept in memory. */
const REGISTERS = 16;
/** With more, all are. */
const MOST_SUMS = 32;
/** Longer texts take seconds to compile. */
const MOST_PRODUCTS = 800;
/** Pixels that a chunk of the filter's gradient sums up: more would round worse. */
const CHUNK = 1024;
/** Threads that keep the cores busy. */
const THREADS = 256;

const CHANNELS = [4, 8, 16] as const;

interface Cost {
  readonly reads: number;
  /** Vectors that are multiplied. */
  readonly products: number;
  /** Vectors that are summed up. */
  readonly sums: number;
  /** Vectors of the result, those left out that are not part of it. */
  readonly made: number;
}

/** Sorts by cost, the smallest first; without those that are out of all proportion, if any are not. */
function byCost<T extends { readonly sampled: boolean }>(
  tiles: readonly T[],
  costOf: (tile: T) => Cost,
): T[] {
  const rated = tiles.map((tile) => {
    const { reads, products, sums, made } = costOf(tile);
    const spill = sums > REGISTERS ? 1.1 : 1;
    const cost = spill * (products + READ[tile.sampled ? "sampled" : "buffer"] * reads) / made;
    const excess = Math.max(1, sums / MOST_SUMS) * Math.max(1, products / MOST_PRODUCTS);
    return { tile, cost, excess };
  });
  rated.sort((a, b) => a.excess - b.excess || a.cost - b.cost);
  return rated.map(({ tile }) => tile);
}

/** The part of what blocks of a size make that is needed. */
const used = (size: number, block: number): number => size / (Math.ceil(size / block) * block);

/** The tiles for a convolution or an input's gradient. */
export function stripTiles(sizes: StripSizes, sampled: boolean): StripTile[] {
  const { source, result, columns, along } = sizes;
  // A strip starts at a whole pixel of the source.
  const step = columns.divide;
  const most = step * Math.max(1, Math.floor(Math.min(16, columns.to + step - 1) / step));
  const tiles = range(most / step).flatMap((i) =>
    CHANNELS.filter((channels) => channels < result + 4)
      .map((channels) => ({ pixels: (i + 1) * step, channels, sampled }))
  );
  const each = 4 / operand("", source).width;
  const side = 4 / operand("", along === "source" ? source : result).width;
  return byCost(tiles, ({ pixels, channels }) => {
    const met = range(pixels * columns.taps)
      .map((i) => meets(columns, Math.floor(i / columns.taps), i % columns.taps))
      .filter((x) => x !== undefined);
    return {
      reads: new Set(met).size * each + columns.taps * channels * side,
      products: met.length * channels,
      sums: pixels * channels / 4,
      made: pixels * channels / 4 * used(columns.to, pixels) * used(result, channels),
    };
  });
}

/** The tiles for the gradient of weights. */
export function filterTiles(sizes: FilterSizes, sampled: boolean): FilterTile[] {
  const { products, batch, groups, inputs, outputs, rows, columns } = sizes;
  const pixels = Math.min(4, columns.count);
  const tiles = [1, 2, 3, 4, columns.taps]
    .map((sets) => Math.ceil(columns.taps / sets))
    .flatMap((taps) =>
      [1, 2, 3, ...CHANNELS].filter((block) => block <= inputs)
        .flatMap((inputs) =>
          CHANNELS.filter((block) => block < outputs + 4)
            .map((outputs) => ({ taps, inputs, outputs, pixels, rows: 1, sampled }))
        )
    );
  const sorted = byCost(tiles, (tile) => {
    const width = tile.inputs % 4 === 0 ? operand("", inputs).width : 1;
    const seen = new Set(
      range(pixels * tile.taps).map((i) =>
        Math.floor(i / tile.taps) * columns.stride + i % tile.taps * columns.dilation
      ),
    );
    const sums = tile.taps * tile.inputs * tile.outputs / 4;
    return {
      reads: seen.size * tile.inputs / width +
        pixels * tile.outputs / operand("", outputs).width,
      products: pixels * sums,
      sums,
      made: sums * used(columns.taps, tile.taps) * used(inputs, tile.inputs) *
        used(outputs, tile.outputs),
    };
  });
  return sorted.map((tile) => {
    const blocks = Math.ceil(inputs / tile.inputs) * Math.ceil(outputs / tile.outputs);
    const sets = Math.ceil(columns.taps / tile.taps);
    const one = products * groups * rows.taps * sets * blocks;
    const lines = batch * rows.count;
    const most = Math.max(1, Math.min(lines, Math.round(CHUNK / columns.count)));
    const chunks = Math.max(Math.ceil(lines / most), Math.min(lines, Math.ceil(THREADS / one)));
    return { ...tile, rows: Math.ceil(lines / chunks) };
  });
}
