/**
 * What convolutions, their gradients and matrix products come down to. A result is made of a source and
 * weights, pixel by pixel; or weights of an input and the gradient of an output, by sums over all pixels.
 *
 * @module
 */

import { dispatch } from "../dispatch.ts";
import type { Work } from "../plan.ts";
import {
  chunksOf,
  convFilterStrip,
  type FilterSizes,
  type FilterTile,
} from "./conv_filter_strip.ts";
import { backwards, type ConvSizes, flattened, forwards } from "./conv_sizes.ts";
import { convStrip, type StripSizes, type StripTile } from "./conv_strip.ts";
import { filterTiles, stripTiles } from "./conv_strip_tiles.ts";
import { addUp } from "./sum_parts.ts";

/** The output of a convolution, from the input and the weights. */
export function forwardWork(
  name: string,
  sizes: ConvSizes,
  shared: StripSizes["shared"] = "weights",
): Work<StripTile> {
  const { batch, groups, inputs, outputs, rows, columns } = shared === "weights"
    ? flattened(sizes)
    : sizes;
  return resultWork(name, {
    batch,
    groups,
    source: inputs,
    result: outputs,
    rows: forwards(rows),
    columns: forwards(columns),
    along: "result",
    shared,
  });
}

/** The gradient for the input, from that of the output and the weights. */
export function inputGradientWork(
  name: string,
  sizes: ConvSizes,
  shared: StripSizes["shared"] = "weights",
): Work<StripTile> {
  const { batch, groups, inputs, outputs, rows, columns } = shared === "weights"
    ? flattened(sizes)
    : sizes;
  return resultWork(name, {
    batch,
    groups,
    source: outputs,
    result: inputs,
    rows: backwards(rows),
    columns: backwards(columns),
    along: "source",
    shared,
  });
}

/** Longer rows could not be shared out among threads. */
const MOST_PIXELS = 64;

/** The gradient for the weights, from the input and the gradient of the output. */
export function filterGradientWork(
  name: string,
  sizes: ConvSizes,
  products = 1,
  shared: FilterSizes["shared"] = "nothing",
): Work<FilterTile> {
  return weightsWork(name, { ...flattened(sizes, MOST_PIXELS), products, shared });
}

/** Textures first: where they are not faster, strips are not best. */
const SAMPLED = [true, false] as const;

/** Makes images `[batch, rows, columns, channels]` of a source and weights. */
function resultWork(name: string, sizes: StripSizes): Work<StripTile> {
  const { batch, groups, source, result, rows, columns, shared } = sizes;
  const weights = rows.taps * columns.taps * source * groups * result;
  return {
    name,
    sizes,
    inputs: [
      [shared === "source" ? 1 : batch, rows.from, columns.from, groups * source],
      [shared === "weights" ? 1 : batch, weights],
    ],
    plans: () => SAMPLED.flatMap((sampled) => stripTiles(sizes, sampled)),
    run(backend, tile, inputs) {
      const made = backend.makeTensorInfo([batch, rows.to, columns.to, groups * result], "float32");
      dispatch(backend, convStrip(name, sizes, tile), [made], inputs);
      return made;
    },
  };
}

/** Makes weights `[products, rows, columns, inputs, outputs]` of inputs and gradients of outputs. */
function weightsWork(name: string, sizes: FilterSizes): Work<FilterTile> {
  const { products, batch, groups, inputs, outputs, rows, columns, shared } = sizes;
  const weights = [rows.taps, columns.taps, inputs, groups * outputs];
  return {
    name,
    sizes,
    inputs: [
      [shared === "x" ? 1 : products, batch, rows.size, columns.size, groups * inputs],
      [shared === "dy" ? 1 : products, batch, rows.count, columns.count, groups * outputs],
    ],
    plans: () => SAMPLED.flatMap((sampled) => filterTiles(sizes, sampled)),
    run(backend, tile, inputs) {
      const shape = [products, chunksOf(sizes, tile), ...weights];
      const parts = backend.makeTensorInfo(shape, "float32");
      dispatch(backend, convFilterStrip(name, sizes, tile), [parts], inputs);
      return addUp(backend, parts, tile.sampled);
    },
  };
}
