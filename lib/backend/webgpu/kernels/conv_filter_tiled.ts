/**
 * Gradients for the weights of convolutions, and products of matrices of which the first is transposed,
 * for GPUs: a product of what each tap meets, over all pixels of the output, with the output's gradient.
 * The sum over the pixels is long and the result small, so it is made in parts.
 *
 * @module
 */

import { generator, type Program } from "../program.ts";
import { operand } from "../unrolled.ts";
import type { FilterSizes } from "./conv_filter_strip.ts";
import { type ProductTile, tiledProduct } from "./tiled_product.ts";

/** Gives as many `parts` of each result as the tile says, from the input `x` and the gradient `dy`. */
export const convFilterTiled: (
  name: string,
  sizes: FilterSizes,
  tile: ProductTile,
  halves?: readonly string[],
) => Program = generator((name, sizes, tile, halves = []) => {
  const { products, batch, groups, inputs, outputs, rows, columns, shared } = sizes;
  const m = rows.taps * columns.taps * inputs;
  const image = rows.count * columns.count;
  const pixels = batch * image;
  const share = Math.ceil(pixels / tile.splits / tile.depth) * tile.depth;
  const [xProduct, dyProduct] = [shared === "x" ? 0 : 1, shared === "dy" ? 0 : 1];
  const source = `((number * ${xProduct * batch} + k / ${image}) * ${rows.size} + sourceY)`;
  return tiledProduct(name, {
    m,
    n: outputs,
    count: products * groups,
    lines: [
      `let group = product % ${groups};`,
      `let number = product / ${groups};`,
      `let first = split * ${share};`,
      `let end = min(first + ${share}, ${pixels});`,
    ],
    a: {
      operand: operand("x", inputs, false, halves),
      along: "outer",
      lines: [
        `let tap = m / ${inputs};`,
        `let tapY = tap / ${columns.taps} * ${rows.dilation};`,
        `let tapX = tap % ${columns.taps} * ${columns.dilation};`,
        `let y = k / ${columns.count} % ${rows.count};`,
        `let x_ = k % ${columns.count};`,
        `let sourceY = y * ${rows.stride} + tapY - ${rows.before};`,
        `let sourceX = x_ * ${columns.stride} + tapX - ${columns.before};`,
      ],
      inside: `m < ${m} && k < end && sourceY >= 0 && sourceY < ${rows.size} && ` +
        `sourceX >= 0 && sourceX < ${columns.size}`,
      at:
        `((${source} * ${columns.size} + sourceX) * ${groups} + group) * ${inputs} + m % ${inputs}`,
    },
    b: {
      operand: operand("dy", outputs, false, halves),
      along: "outer",
      lines: [],
      inside: `k < end && n < ${outputs}`,
      at: `((number * ${dyProduct * pixels} + k) * ${groups} + group) * ${outputs} + n`,
    },
    c: {
      operand: operand("parts", outputs),
      lines: [],
      inside: `m < ${m}`,
      at: `(((number * ${tile.splits} + split) * ${m} + m) * ${groups} + group) * ${outputs} + n`,
    },
  }, tile);
});
