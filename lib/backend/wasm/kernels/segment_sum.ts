/**
 * `UnsortedSegmentSum`, the gradient of gathering rows, which tfjs lacks on WASM. As in TensorFlow
 * rows with a negative segment number are dropped.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import { ArgumentError } from "../../../errors.ts";
import type { Kernel } from "../scratch.ts";

/** Adds the rows of `x` `[...ids, ...inner]` up in `numSegments` bins `[numSegments, ...inner]`. */
export const segmentSum: Kernel = (pad, { x, segmentIds }, { numSegments }) => {
  const inner: number[] = x.shape.slice(segmentIds.shape.length);
  const width = sizeOf(inner);
  const out = pad.zeros([numSegments, ...inner], x.dtype);
  const [from, to] = [pad.floats(x), pad.floats(out)];
  pad.integers(segmentIds).forEach((segment, row) => {
    if (segment < 0) return;
    if (segment >= numSegments) {
      throw new ArgumentError(
        `Cannot add to segment ${segment}: need a number from 0 to ${numSegments - 1}`,
      );
    }
    for (let i = 0, r = row * width, w = segment * width; i < width; i++) {
      to[w + i]! += from[r + i]!;
    }
  });
  return out;
};
