/**
 * `Select`, of which the stock kernel does not know more than four axes. It never needs more than
 * one: the three inputs have one shape.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";
import type { Kernel } from "../kernels.ts";

/** Picks from `t` where the condition holds and from `e` elsewhere. */
export const select: Kernel = (_backend, inputs, _attributes, stock) => {
  const { condition, t, e } = inputs;
  if (condition.shape.length !== t.shape.length) return;
  const flat = ({ dataId, dtype, shape }: tf.TensorInfo): tf.TensorInfo => ({
    dataId,
    dtype,
    shape: [tf.util.sizeFromShape(shape)],
  });
  const { dataId, dtype } = stock({ condition: flat(condition), t: flat(t), e: flat(e) });
  return { dataId, dtype, shape: t.shape };
};
