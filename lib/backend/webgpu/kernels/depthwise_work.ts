/**
 * What convolutions of each channel by itself and their gradients come down to. They read and multiply
 * in proportion, so tiles in shared memory would be no use.
 *
 * @module
 */

import { dispatch } from "../dispatch.ts";
import { halvesAmong, type Makes } from "../halves.ts";
import type { Work } from "../plan.ts";
import { depthwiseFilterTiles, depthwiseTiles } from "./conv_strip_tiles.ts";
import {
  depthwiseFilter,
  type DepthwiseFilterSizes,
  type DepthwiseFilterTile,
} from "./depthwise_filter.ts";
import { type DepthwiseSizes, depthwiseStrip, type DepthwiseTile } from "./depthwise_strip.ts";
import { addUp } from "./sum_parts.ts";

/** Makes images `[batch, rows, columns, channels]` of a source and weights. */
export function depthwiseWork(
  name: string,
  sizes: DepthwiseSizes,
  makes: Makes,
): Work<DepthwiseTile> {
  const { batch, channels, rows, columns } = sizes;
  return {
    name,
    sizes,
    inputs: [[batch, rows.from, columns.from, channels], [rows.taps, columns.taps, channels]],
    plans: (software) =>
      (software ? [true, false] : [false]).flatMap((sampled) =>
        depthwiseTiles(sizes, sampled).slice(0, 4)
      ),
    run(backend, tile, inputs) {
      const made = backend.makeTensorInfo([batch, rows.to, columns.to, channels], "float32");
      const [source, weights] = inputs;
      const result = makes === "halves" ? "new" : undefined;
      const halves = halvesAmong(backend, { source, weights, result });
      dispatch(backend, depthwiseStrip(name, sizes, tile, halves), [made], inputs);
      return made;
    },
  };
}

/** Makes weights `[1, rows, columns, channels]` of inputs and gradients of outputs. */
export function depthwiseFilterWork(
  name: string,
  sizes: DepthwiseFilterSizes,
): Work<DepthwiseFilterTile> {
  const { batch, channels, rows, columns } = sizes;
  return {
    name,
    sizes,
    inputs: [
      [batch, rows.size, columns.size, channels],
      [batch, rows.count, columns.count, channels],
    ],
    plans: (software) => depthwiseFilterTiles(sizes, software),
    run(backend, tile, inputs) {
      const chunks = Math.ceil(batch * rows.count / tile.lines);
      const shape = [1, chunks, rows.taps, columns.taps, channels];
      const made = backend.makeTensorInfo(shape, "float32");
      const [x, dy] = inputs;
      const halves = halvesAmong(backend, { x, dy });
      dispatch(backend, depthwiseFilter(name, sizes, tile, halves), [made], inputs);
      return addUp(backend, made);
    },
  };
}
