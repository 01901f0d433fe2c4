/** The tiles that a product of matrices may have on a GPU, best guess first. */

import { range } from "../unrolled.ts";
import type { ProductTile } from "./tiled_product.ts";

/** Rows and columns of a tile, and those of a thread. */
const TILES = [
  [64, 64, 4, 4],
  [128, 64, 8, 4],
  [64, 128, 4, 8],
  [128, 32, 8, 4],
  [64, 32, 4, 4],
  [32, 64, 4, 4],
  [128, 16, 8, 4],
  [64, 16, 4, 4],
  [32, 32, 4, 4],
  [16, 64, 4, 4],
  [16, 16, 4, 4],
] as const;

/** As many groups keep a GPU busy. */
const GROUPS = 512;
/** Parts of a sum are at least so long. */
const SHORTEST = 128;
const MOST_SPLITS = 64;
const DEPTH = 16;

/** Gives the tiles for `count` products of `[m, k]` by `[k, n]`. */
export function productTiles(count: number, m: number, n: number, k: number): ProductTile[] {
  const rated = TILES.flatMap(([rows, columns, tall, wide]) => {
    const [below, beside] = [Math.ceil(m / rows), Math.ceil(n / columns)];
    const groups = below * beside * count;
    const most = Math.max(1, Math.min(MOST_SPLITS, Math.floor(k / SHORTEST)));
    const splits = Math.min(most, Math.ceil(GROUPS / groups));
    const waste = below * rows * beside * columns / (m * n);
    const reads = 1 + 16 / rows + 16 / columns; // what is brought for what is multiplied
    const idle = Math.max(1, GROUPS / (groups * splits)) ** 0.5;
    return range(splits > 1 ? 2 : 1).map((whole) => ({
      tile: { rows, columns, depth: DEPTH, tall, wide, splits: whole === 0 ? splits : 1 },
      cost: waste * reads * idle * (1 + whole),
    }));
  });
  return rated.sort((a, b) => a.cost - b.cost).map(({ tile }) => tile);
}
