/**
 * What convolutions, their gradients and matrix products come down to. A result is made of a source and
 * weights, pixel by pixel; or weights of an input and the gradient of an output, by sums over all pixels.
 *
 * @module
 */

import { dispatch } from "../dispatch.ts";
import { halvesAmong, type Makes } from "../halves.ts";
import type { Work } from "../plan.ts";
import {
  chunksOf,
  convFilterStrip,
  type FilterSizes,
  type FilterTile,
} from "./conv_filter_strip.ts";
import { backwards, type ConvSizes, flattened, forwards } from "./conv_sizes.ts";
import { convFilterTiled } from "./conv_filter_tiled.ts";
import { convStrip, type StripSizes, type StripTile } from "./conv_strip.ts";
import { filterTiles, stripTiles } from "./conv_strip_tiles.ts";
import { depthwiseFilterWork, depthwiseWork } from "./depthwise_work.ts";
import { convTiled } from "./conv_tiled.ts";
import { productTiles } from "./product_tiles.ts";
import { addUp } from "./sum_parts.ts";
import type { ProductTile } from "./tiled_product.ts";

/** Whether each channel is convolved by itself. */
const isDepthwise = ({ groups, inputs, outputs }: ConvSizes): boolean =>
  groups > 1 && inputs === 1 && outputs === 1;

/** The name of what is done with each channel by itself. */
const depthwiseName = (name: string): string =>
  `depthwise${name[0]!.toUpperCase()}${name.slice(1)}`;

type ImagesWork = (
  name: string,
  sizes: ConvSizes,
  shared?: StripSizes["shared"],
  makes?: Makes,
) => Work<object>;

/** The output of a convolution, from the input and the weights. */
export const forwardWork: ImagesWork = imagesWork("result");

/** The gradient for the input, from that of the output and the weights. */
export const inputGradientWork: ImagesWork = imagesWork("source");

/** Goes forwards, along the channels of the result, or backwards, along those of the source. */
function imagesWork(along: StripSizes["along"]): ImagesWork {
  return (name, sizes, shared = "weights", makes = "floats") => {
    const { batch, groups, inputs, outputs, ...walked } = shared === "weights"
      ? flattened(sizes)
      : sizes;
    const [walk, source, result] = along === "result"
      ? [forwards, inputs, outputs]
      : [backwards, outputs, inputs];
    const [rows, columns] = [walk(walked.rows), walk(walked.columns)];
    if (isDepthwise(sizes)) {
      const sizes = { batch, channels: groups, rows, columns };
      return depthwiseWork(depthwiseName(name), sizes, makes);
    }
    return resultWork(name, { batch, groups, source, result, rows, columns, along, shared }, makes);
  };
}

/** Longer rows could not be shared out among threads. */
const MOST_PIXELS = 64;

/** The gradient for the weights, from the input and the gradient of the output. */
export function filterGradientWork(
  name: string,
  sizes: ConvSizes,
  products = 1,
  shared: FilterSizes["shared"] = "nothing",
): Work<object> {
  if (isDepthwise(sizes)) {
    const { batch, groups, rows, columns } = sizes;
    return depthwiseFilterWork(depthwiseName(name), { batch, channels: groups, rows, columns });
  }
  return weightsWork(name, { ...flattened(sizes, MOST_PIXELS), products, shared });
}

/** By strips in registers, or by tiles in the memory that a group of threads shares. */
export type ConvPlan<Strip> =
  | { readonly kind: "strip"; readonly tile: Strip }
  | { readonly kind: "tiled"; readonly tile: ProductTile };

/** How many of the best guesses are worth a try, and how many of those that are second to them. */
const [BEST, OTHERS] = [6, 2] as const;

/** Groups with fewer channels than that leave most of a tile unused. */
const NARROW = 8;

/** Strips are for CPUs, and read textures there; tiles are for GPUs. */
function plansOf<Strip>(
  software: boolean,
  narrow: boolean,
  strips: (sampled: boolean) => readonly Strip[],
  tiles: () => readonly ProductTile[],
): ConvPlan<Strip>[] {
  const asStrips = (sampled: boolean, most: number) =>
    strips(sampled).slice(0, most).map((tile) => ({ kind: "strip", tile }) as const);
  const asTiles = () => tiles().slice(0, BEST).map((tile) => ({ kind: "tiled", tile }) as const);
  if (software) return [...asStrips(true, BEST), ...asStrips(false, OTHERS)];
  const plain = asStrips(false, OTHERS);
  return narrow ? [...plain, ...asTiles()] : [...asTiles(), ...plain];
}

/** Makes images `[batch, rows, columns, channels]` of a source and weights. */
function resultWork(
  name: string,
  sizes: StripSizes,
  makes: Makes,
): Work<ConvPlan<StripTile>> {
  const { batch, groups, source, result, rows, columns, shared } = sizes;
  const taps = rows.taps * columns.taps;
  const shape = [batch, rows.to, columns.to, groups * result];
  return {
    name,
    sizes,
    inputs: [
      [shared === "source" ? 1 : batch, rows.from, columns.from, groups * source],
      [shared === "weights" ? 1 : batch, taps * source * groups * result],
    ],
    plans(software) {
      const phases = rows.divide * columns.divide;
      const images = shared === "weights" ? batch : 1;
      const pixels = Math.ceil(images * rows.to * columns.to / phases);
      const count = batch / images * groups * phases;
      const narrow = groups > 1 && result < NARROW;
      const tiles = () => productTiles(count, pixels, result, Math.ceil(taps / phases) * source);
      return plansOf(software, narrow, (sampled) => stripTiles(sizes, sampled), tiles);
    },
    run(backend, plan, inputs) {
      const parts = plan.kind === "strip" ? 1 : plan.tile.splits;
      const made = backend.makeTensorInfo([1, parts, ...shape], "float32");
      const [source, weights] = inputs;
      const given = halvesAmong(backend, { source, weights });
      const [result] = makes === "halves" ? halvesAmong(backend, { result: "new" }) : [];
      const halves = result !== undefined && parts === 1 ? [...given, result] : given;
      const program = plan.kind === "strip"
        ? convStrip(name, sizes, plan.tile, halves)
        : convTiled(name, sizes, plan.tile, halves);
      dispatch(backend, program, [made], inputs);
      return addUp(backend, made, result !== undefined);
    },
  };
}

/** Makes weights `[products, rows, columns, inputs, outputs]` of inputs and gradients of outputs. */
function weightsWork(name: string, sizes: FilterSizes): Work<ConvPlan<FilterTile>> {
  const { products, batch, groups, inputs, outputs, rows, columns, shared } = sizes;
  const weights = [rows.taps, columns.taps, inputs, groups * outputs];
  return {
    name,
    sizes,
    inputs: [
      [shared === "x" ? 1 : products, batch, rows.size, columns.size, groups * inputs],
      [shared === "dy" ? 1 : products, batch, rows.count, columns.count, groups * outputs],
    ],
    plans(software) {
      const taps = rows.taps * columns.taps;
      const pixels = batch * rows.count * columns.count;
      const narrow = groups > 1 && outputs < NARROW;
      const tiles = () => productTiles(products * groups, taps * inputs, outputs, pixels);
      return plansOf(software, narrow, (sampled) => filterTiles(sizes, sampled), tiles);
    },
    run(backend, plan, inputs) {
      const parts = plan.kind === "strip" ? chunksOf(sizes, plan.tile) : plan.tile.splits;
      const made = backend.makeTensorInfo([products, parts, ...weights], "float32");
      const [x, dy] = inputs;
      const halves = halvesAmong(backend, { x, dy });
      const program = plan.kind === "strip"
        ? convFilterStrip(name, sizes, plan.tile, halves)
        : convFilterTiled(name, sizes, plan.tile, halves);
      dispatch(backend, program, [made], inputs);
      return addUp(backend, made);
    },
  };
}
