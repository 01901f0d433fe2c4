/**
 * The tiles that strip kernels may have, best first: as few reads as there can be for what is
 * multiplied, in registers that there are, in a text that is compiled in no time.
 *
 * @module
 */

import { operand, range } from "../unrolled.ts";
import { meets, type Walk } from "./conv_sizes.ts";
import type { FilterSizes, FilterTile } from "./conv_filter_strip.ts";
import type { StripSizes, StripTile } from "./conv_strip.ts";
import type { DepthwiseFilterSizes, DepthwiseFilterTile } from "./depthwise_filter.ts";
import type { DepthwiseSizes, DepthwiseTile } from "./depthwise_strip.ts";

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
/** Threads that keep a GPU busy. */
const GPU_THREADS = 2 ** 14;

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

/** The numbers of pixels that a strip can have: it starts at a whole pixel of the source. */
function stripWidths({ to, divide }: Walk): number[] {
  const most = Math.max(1, Math.floor(Math.min(16, to + divide - 1) / divide));
  return range(most).map((i) => (i + 1) * divide);
}

/** How many pairs of pixel and tap meet a pixel of the source, and how many of these there are. */
function meetings(columns: Walk, pixels: number): { met: number; reads: number } {
  const met = range(pixels * columns.taps)
    .map((i) => meets(columns, Math.floor(i / columns.taps), i % columns.taps))
    .filter((x) => x !== undefined);
  return { met: met.length, reads: new Set(met).size };
}

/** The tiles for a convolution or an input's gradient. */
export function stripTiles(sizes: StripSizes, sampled: boolean): StripTile[] {
  const { source, result, columns, along } = sizes;
  const tiles = stripWidths(columns).flatMap((pixels) =>
    CHANNELS.filter((channels) => channels < result + 4)
      .map((channels) => ({ pixels, channels, sampled }))
  );
  const each = 4 / operand("", source).width;
  const side = 4 / operand("", along === "source" ? source : result).width;
  return byCost(tiles, ({ pixels, channels }) => {
    const { met, reads } = meetings(columns, pixels);
    return {
      reads: reads * each + columns.taps * channels * side,
      products: met * channels,
      sums: pixels * channels / 4,
      made: pixels * channels / 4 * used(columns.to, pixels) * used(result, channels),
    };
  });
}

/** The tiles for the gradient of weights. */
export function filterTiles(sizes: FilterSizes, sampled: boolean): FilterTile[] {
  const { products, batch, groups, inputs, outputs, rows, columns } = sizes;
  const pixels = Math.min(4, columns.count);
  const sets = new Set([1, 2, 3, 4, columns.taps].map((sets) => Math.ceil(columns.taps / sets)));
  const tiles = [...sets]
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
    return { ...tile, rows: linesOf(batch * rows.count, columns.count, one) };
  });
}

/** How many lines of so many pixels a chunk has, where `one` threads go over it. */
function linesOf(lines: number, pixels: number, one: number, threads = THREADS): number {
  const most = Math.max(1, Math.min(lines, Math.round(CHUNK / pixels)));
  const chunks = Math.max(Math.ceil(lines / most), Math.min(lines, Math.ceil(threads / one)));
  return Math.ceil(lines / chunks);
}

/** The tiles for a convolution of each channel by itself, or an input's gradient. */
export function depthwiseTiles(sizes: DepthwiseSizes, sampled: boolean): DepthwiseTile[] {
  const { columns } = sizes;
  const tiles = stripWidths(columns).map((pixels) => ({ pixels, sampled }));
  return byCost(tiles, ({ pixels }) => {
    const { met, reads } = meetings(columns, pixels);
    const made = pixels * used(columns.to, pixels);
    return { reads: reads + columns.taps, products: met, sums: pixels, made };
  });
}

/** The tiles for the gradient of weights of each channel by itself. */
export function depthwiseFilterTiles(
  { batch, channels, rows, columns }: DepthwiseFilterSizes,
  software: boolean,
): DepthwiseFilterTile[] {
  const one = rows.taps * channels / operand("", channels).width;
  const lines = linesOf(batch * rows.count, columns.count, one, software ? THREADS : GPU_THREADS);
  const kinds = software ? [true, false] : [false];
  return kinds.flatMap((sampled) =>
    [4, 8, 2].map((most) => ({ lines, pixels: Math.min(most, columns.count), sampled }))
  );
}
