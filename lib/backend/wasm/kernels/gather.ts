/**
 * `GatherV2` along the first axis, which is what an embedding and a shuffled batch do: one memory
 * copy a row, where the stock kernel goes element by element.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import { ArgumentError } from "../../../errors.ts";
import type { Kernel } from "../scratch.ts";

/** Rows of `x` `[rows, ...]` in the order of `indices`; other axes are left to tfjs. */
export const gather: Kernel = (pad, { x, indices }, { axis, batchDims }) => {
  const alongFirst = axis === 0 || axis === -x.shape.length;
  if (!alongFirst || batchDims > 0 || x.dtype === "string" || x.dtype === "bool") return;
  const [rows, ...inner] = x.shape as [number, ...number[]];
  const width = sizeOf(inner);
  const out = pad.make([...indices.shape, ...inner], x.dtype);
  const [from, to] = [pad.floats(x), pad.floats(out)];
  pad.integers(indices).forEach((row, i) => {
    if (row < 0 || row >= rows) {
      throw new ArgumentError(`Cannot gather row ${row}: need an index from 0 to ${rows - 1}`);
    }
    to.set(from.subarray(row * width, (row + 1) * width), i * width);
  });
  return out;
};
