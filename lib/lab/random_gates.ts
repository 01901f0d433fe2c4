/**
 * The model behind the theorems on shattered gradients: at two different inputs each unit is active
 * with probability 1/2, independently. Then the correlation between the gradients at the two inputs
 * can be calculated; and simulated without a single matrix, since for two given vectors the products
 * with a fresh normal matrix are jointly normal, with the inner products of the vectors as covariance.
 *
 * Balduzzi et al., [The shattered gradients problem](https://arxiv.org/abs/1702.08591), 2017.
 *
 * @module
 */

import { fold, type Key, randomBits } from "../key.ts";
import { normalValues } from "../random.ts";

/** A network of rectifiers, as far as its gradient at the start depends on it. */
export type GateNet =
  /** One layer after another. */
  | { readonly kind: "plain" }
  /** With shortcuts, and without normalisation. */
  | { readonly kind: "residual" }
  /** With shortcuts, and branches that are normalised and then multiplied with beta. */
  | { readonly kind: "normalized"; readonly beta: number };

/**
 * Gives the correlation between the gradients at two inputs through `layers` layers, as calculated:
 * 1/2^L, (3/4)^L, and for normalised branches Π(1 + β²/2v) / (1 + β²L), where v = 1 + β²(l - 1) is the
 * variance at layer l. (The theorem has the last for large L only, as 1/(β√L).)
 *
 * @example Two layers, with and without shortcuts
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gateCorrelation } from "@fplusx/nn/lab";
 *
 * assertEquals(gateCorrelation({ kind: "plain" }, 2), 1 / 4);
 * assertEquals(gateCorrelation({ kind: "residual" }, 2), 9 / 16);
 * ```
 */
export function gateCorrelation(net: GateNet, layers: number): number {
  if (net.kind === "plain") return 2 ** -layers;
  if (net.kind === "residual") return 0.75 ** layers;
  const square = net.beta ** 2;
  let covariance = 1;
  for (let l = 1; l <= layers; l++) covariance *= 1 + square / (2 * (1 + square * (l - 1)));
  return covariance / (1 + square * layers);
}

/** A correlation that was simulated. */
export type SimulatedCorrelation = {
  /** Number of layers. */
  readonly layers: number;
  /** Mean covariance over mean variance. */
  readonly correlation: number;
  /** Standard error of it. */
  readonly error: number;
};

/**
 * Simulates the correlation between the gradients at two inputs, after each number of layers.
 *
 * @param of What is drawn from.
 * @param layers Numbers of layers, growing.
 * @param runs Number of networks.
 * @param width Units of a layer.
 *
 * @example Near what is calculated
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { key } from "@fplusx/nn";
 * import { simulateGates } from "@fplusx/nn/lab";
 *
 * const [one, two] = simulateGates(key(0), { kind: "plain" }, [1, 2], 50, 200);
 * assertAlmostEquals(one!.correlation, 1 / 2, 0.05);
 * assertAlmostEquals(two!.correlation, 1 / 4, 0.05);
 * ```
 */
export function simulateGates(
  of: Key,
  net: GateNet,
  layers: readonly number[],
  runs: number,
  width: number,
): SimulatedCorrelation[] {
  const found = layers.map(() => ({ variance: [] as number[], covariance: [] as number[] }));
  for (let run = 0; run < runs; run++) {
    const a = new Float64Array(width).fill(width ** -0.5);
    const b = a.slice();
    let done = 0;
    layers.forEach((count, i) => {
      for (; done < count; done++) layer(fold(fold(of, run), done), net, done, a, b);
      found[i]!.variance.push((dot(a, a) + dot(b, b)) / 2);
      found[i]!.covariance.push(dot(a, b));
    });
  }
  return found.map(({ variance, covariance }, i) => {
    const correlation = sum(covariance) / sum(variance);
    // The error of a ratio of means, to first order.
    const squares = covariance.map((c, run) => (c - correlation * variance[run]!) ** 2);
    return { layers: layers[i]!, correlation, error: Math.sqrt(sum(squares)) / sum(variance) };
  });
}

/** Takes the gradients at both inputs back through one more layer, in place. */
function layer(of: Key, net: GateNet, before: number, a: Float64Array, b: Float64Array): void {
  const width = a.length;
  const gates = randomBits(fold(of, "gates"), width);
  const normals = normalValues(fold(of, "weight"), 2 * width);
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < width; i++) {
    const [x, y] = [(gates[i]! & 1) * a[i]!, (gates[i]! >>> 1 & 1) * b[i]!];
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  // Of variance 2 / width, so that half of the units keep the length of the vector.
  const scale = Math.sqrt(2 / width);
  const along = aa === 0 ? 0 : ab / Math.sqrt(aa);
  const across = Math.sqrt(Math.max(0, bb - along * along));
  const beta = net.kind === "normalized" ? net.beta / Math.sqrt(1 + net.beta ** 2 * before) : 1;
  const kept = net.kind === "plain" ? 0 : 1;
  for (let i = 0; i < width; i++) {
    const [first, second] = [normals[2 * i]! * scale, normals[2 * i + 1]! * scale];
    a[i] = kept * a[i]! + beta * Math.sqrt(aa) * first;
    b[i] = kept * b[i]! + beta * (along * first + across * second);
  }
}

const sum = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
