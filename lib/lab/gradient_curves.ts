/**
 * The gradient as a curve: df/dx at every x of a grid, for random networks R → R when they start. In a
 * deep plain network the curve is white noise; shortcuts keep it like that of a shallow one, and a
 * network that looks linear has one gradient for all inputs.
 *
 * Balduzzi et al., [The shattered gradients problem](https://arxiv.org/abs/1702.08591), 2017, section 2.
 *
 * @module
 */

import { fold, type Key } from "../key.ts";
import * as ops from "../ops.ts";
import { release } from "../ownership.ts";
import { normal, normalValues, uniform } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { mirrored } from "./looks_linear.ts";

/** A random network of rectifiers. */
export type CurveNet =
  /** One layer after another; pre-activations are centred, or all units would come to agree. */
  | { readonly kind: "plain" }
  /** With shortcuts, and branches that are normalised and multiplied with beta. */
  | { readonly kind: "residual"; readonly beta: number }
  /** One layer after another, with rectifiers of both signs and mirrored weights. */
  | { readonly kind: "looksLinear" };

/** Size of the networks and of the grid. */
export type CurveSize = {
  /** Units of each hidden layer. */
  readonly width: number;
  /** Inputs on a uniform grid from -2 to 2. */
  readonly points: number;
};

/**
 * Gives the derivatives of the units of hidden layers by the input, `[points, width]`, by the number of
 * layers before; owned by the caller. One pass goes through all layers, so networks of several depths
 * share their first layers. Statistics are those of the grid and are held constant.
 *
 * @param depths Numbers of hidden layers after the first, growing.
 */
export function slopesByDepth(
  of: Key,
  net: CurveNet,
  depths: readonly number[],
  { width, points }: CurveSize,
): Map<number, Tensor> {
  const found = new Map<number, Tensor>();
  const slope = normal(fold(of, "slope"), [1, width], { deviation: Math.SQRT2 });
  const offset = uniform(fold(of, "offset"), [1, width], { low: -2, high: 2 }); // spreads the kinks
  const grid = Float32Array.from({ length: points }, (_, i) => 4 * i / (points - 1) - 2);
  let state: readonly [z: Tensor, dz: Tensor] = ops.tidy(() => [
    ops.add(ops.mul(ops.tensor(grid, [points, 1]), slope), offset),
    ops.mul(slope, ops.ones([points, 1])),
  ]);
  release([slope, offset]);
  for (let depth = 0; depth <= (depths.at(-1) ?? 0); depth++) {
    const before = state;
    if (depth > 0) {
      state = ops.tidy(() => hiddenLayer(fold(of, depth), net, ...before));
      release(before);
    }
    if (depths.includes(depth)) found.set(depth, ops.clone(state[1]));
  }
  release(state);
  return found;
}

function hiddenLayer(of: Key, net: CurveNet, z: Tensor, dz: Tensor): [z: Tensor, dz: Tensor] {
  const width = z.shape[1]!;
  if (net.kind === "looksLinear") {
    const weight = mirrored()(of, [2 * width, width]);
    const gate = ops.cast(ops.greater(z, 0), "float32");
    const closed = ops.sub(gate, 1); // minus 1 where the gate is not open
    const both = (x: Tensor) => ops.concat([ops.mul(x, gate), ops.mul(x, closed)], 1);
    return through(weight, both(z), both(dz));
  }
  const weight = normal(of, [width, width], { deviation: Math.sqrt(2 / width) });
  const centred = ops.sub(z, ops.mean(z, 0));
  const gate = ops.cast(ops.greater(centred, 0), "float32");
  if (net.kind === "plain") return through(weight, ops.mul(centred, gate), ops.mul(dz, gate));
  const deviation = ops.add(ops.sqrt(ops.mean(ops.square(centred), 0)), 1e-5);
  const [branch, slopes] = through(
    ops.mul(weight, net.beta),
    ops.div(ops.mul(centred, gate), deviation),
    ops.div(ops.mul(dz, gate), deviation),
  );
  return [ops.add(z, branch), ops.add(dz, slopes)];
}

/** Values and slopes through one matrix, as one product. */
function through(weight: Tensor, z: Tensor, dz: Tensor): [z: Tensor, dz: Tensor] {
  const [points, columns] = [z.shape[0]!, weight.shape[1]!];
  const both = ops.matMul(ops.concat([z, dz], 0), weight);
  return [
    ops.slice(both, [0, 0], [points, columns]),
    ops.slice(both, [points, 0], [points, columns]),
  ];
}

/** Reads out the gradient of a scalar, whose weights on the units are drawn: one value for each input. */
export async function readGradient(of: Key, slopes: Tensor): Promise<Float32Array> {
  const width = slopes.shape[1]!;
  using readout = normal(of, [width, 1], { deviation: width ** -0.5 });
  using gradient = ops.matMul(slopes, readout);
  return await gradient.data() as Float32Array;
}

/** Gives the covariance of the gradients at all inputs over the readouts, `[points, points]`. */
export function gradientCovariance(slopes: Tensor): Tensor {
  return ops.tidy(() =>
    ops.mul(ops.matMul(slopes, slopes, { transposeB: true }), 1 / slopes.shape[1]!)
  );
}

/** White noise: independent normal values. */
export function whiteNoise(of: Key, points: number): Float32Array {
  return normalValues(of, points);
}

/** Brown noise: the running sum of white noise. */
export function brownNoise(of: Key, points: number): Float32Array {
  let sum = 0;
  return whiteNoise(of, points).map((value) => sum += value);
}

/**
 * Gives the autocorrelation of a curve at the first lags, from 0.
 *
 * @example A line is like itself, moved a little
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { autocorrelation } from "@fplusx/nn/lab";
 *
 * assertEquals(autocorrelation([-1, 0, 1], 2), [1, 0, -0.5]);
 * ```
 */
export function autocorrelation(curve: ArrayLike<number>, lags: number): number[] {
  const values = Array.from(curve);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const z = values.map((value) => value - mean);
  const product = (lag: number) => z.reduce((sum, value, i) => sum + value * (z[i + lag] ?? 0), 0);
  return Array.from({ length: lags + 1 }, (_, lag) => product(lag) / product(0));
}
