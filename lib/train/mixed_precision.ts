/**
 * Training in mixed precision: on WebGPU what convolutions, batch normalisation and pooling make, and
 * the gradients for what they took, is kept in halves (floats of 16 bits), which takes half the memory.
 * Sums are made in floats, and parameters, their gradients and the optimizer stay what they are. The
 * smallest half is 2⁻²⁴, and many gradients are smaller: so the loss is scaled up before the gradient
 * is taken, and the gradient down after it.
 *
 * Micikevicius et al., [Mixed precision training](https://arxiv.org/abs/1710.03740), 2018.
 *
 * @module
 */

import { activeGpu } from "../backend/setup.ts";
import { withHalves } from "../backend/webgpu/halves.ts";
import { ArgumentError } from "../errors.ts";
import { div, mul, tidy } from "../ops.ts";
import { map, type Tree } from "../tree.ts";
import type { Loss, Objective } from "./step.ts";

/** Amid the factors from 8 to 32,768 with which networks were trained for the paper. */
const LOSS_SCALE = 128;

/**
 * Gives the objective in mixed precision; `of` gives the plain one for a loss.
 *
 * @throws {ArgumentError} If the scale is not a power of two: another would round.
 */
export function mixedPrecision<P extends Tree, S extends Tree>(
  loss: Loss,
  of: (loss: Loss) => Objective<P, S>,
  scale = LOSS_SCALE,
): Objective<P, S> {
  if (!Number.isInteger(Math.log2(scale))) {
    throw new ArgumentError(
      `Cannot scale the loss by ${scale}: need a power of two, by which nothing is rounded`,
    );
  }
  const scaled = of((output, y) => mul(loss(output, y), scale));
  return (...given) =>
    tidy(() => {
      const [[value, next], gradient] = inMixedPrecision(() => scaled(...given));
      return [[div(value, scale), next], map((leaf) => div(leaf, scale), gradient)];
    });
}

/**
 * Runs `f`, in which WebGPU may keep halves.
 *
 * @throws {BackendError} If the WebGPU device has none.
 */
export function inMixedPrecision<T>(f: () => T): T {
  const gpu = activeGpu();
  return gpu === undefined ? f() : withHalves(gpu, f);
}
