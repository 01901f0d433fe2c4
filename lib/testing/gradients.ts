/**
 * Is a gradient right? Leaf by leaf, the derivative along random directions is compared with the
 * difference quotient of the output, summed up in double precision.
 *
 * @module
 */

import { MismatchError } from "../errors.ts";
import { valueAndGrad } from "../grad.ts";
import { fold, key } from "../key.ts";
import type { Layer } from "../layer.ts";
import { add, clone, mul, tensor, tidy } from "../ops.ts";
import { release } from "../ownership.ts";
import { normalValues } from "../random.ts";
import type { Shape, Tensor, Values } from "../tensor.ts";
import { entries, flatten, replace } from "../tree.ts";
import { makePoint, modeOf, type PointOptions, weightedSum, weightsOf } from "./point.ts";

/** Options of {@linkcode checkGradients}. */
export interface CheckGradientsOptions extends PointOptions {
  /**
   * Largest error, as a share of the length of the gradient; 0.01 by default. What rounding in
   * `float32` and kinks, as of `relu`, do to a difference quotient is allowed besides.
   */
  readonly tolerance?: number;
  /** Length of a step, as a share of the size of the values of the leaf; 2⁻⁹ by default. */
  readonly step?: number;
}

/** What {@linkcode checkGradients} found for one leaf along one direction. */
export type GradientCheck = {
  /** Path of the leaf: `params.…`, or `x` for the input. */
  readonly path: string;
  /** Derivative along the direction, by the gradient. */
  readonly derivative: number;
  /** The same, by a difference quotient. */
  readonly quotient: number;
  /** How far apart the two may be. */
  readonly allowed: number;
};

const DIRECTIONS = 3;

/**
 * Checks the gradients of a layer by its parameters and by its input on the active backend, and gives
 * what was found. Leaves that are not `float32` are left out. Parameters are a little off their first
 * values, where many gradients would be zero.
 *
 * This is for layers and blocks on small inputs: a deep network bends so much that difference quotients
 * say little about it, and its gradient is right when those of its layers are.
 *
 * @throws {MismatchError} If a gradient is wrong; names the path of the leaf.
 *
 * @example In a test of your own layer
 * ```ts
 * import { checkGradients, ops, setup, stateless, uniform } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const scale = stateless({
 *   kind: "scale",
 *   init: (key, shape) => ({ params: { weight: uniform(key, [shape.at(-1)!]) }, shape }),
 *   apply: ({ weight }, x) => ops.mul(x, weight),
 * });
 * await checkGradients(scale, [4, 3]);
 * ```
 */
export async function checkGradients(
  layer: Layer,
  shape: Shape,
  options: CheckGradientsOptions = {},
): Promise<GradientCheck[]> {
  const { key: base = key(0), tolerance = 0.01, step = 2 ** -9 } = options;
  const { at, state } = makePoint(layer, shape, options);
  const leaves = entries(at).filter(([, { dtype }]) => dtype === "float32");
  const select = leaves.map(([path]) => path);
  const [value, gradient] = valueAndGrad(weightedSum(layer, state, options), { select })(at);
  const gradients = flatten(gradient);
  const [mode, unmoved] = [modeOf(options), (leaf: Tensor) => clone(leaf)];

  /** The output at a point that is moved away in one leaf, times the weights. */
  async function outputAt(path: string, move: (leaf: Tensor) => Tensor): Promise<Values> {
    const weighted = tidy(() => {
      const { params, x } = replace(at, (other) => other === path, move);
      const [y] = layer.apply({ params, state }, x, mode);
      return mul(y, weightsOf(y.shape, options));
    });
    try {
      return await weighted.data();
    } finally {
      weighted.dispose();
    }
  }

  const checks: GradientCheck[] = [];
  try {
    for (const [path, leaf] of leaves) {
      const [values, g] = [await leaf.data(), await gradients.get(path)!.data()];
      const size = length(values) / Math.sqrt(leaf.size) || 1;
      const here = await outputAt(path, unmoved);
      for (let i = 0; i < DIRECTIONS; i++) {
        const direction = normalValues(fold(fold(base, path), i), leaf.size).map((z) => z * size);
        const moved = (by: number) =>
          outputAt(path, (x) => add(x, tensor(direction.map((z) => z * by), x.shape)));
        const [ahead, behind] = [await moved(step), await moved(-step)];
        const derivative = dot(g, direction);
        const quotient = (sum(ahead) - sum(behind)) / (2 * step);
        const scale = Math.max(Math.abs(derivative), Math.abs(quotient), size * length(g));
        // Where an output has a kink, or was rounded, it bends by as much as its quotient is off.
        const bends = Float64Array.from(here, (y, i) => ahead[i]! - 2 * y + behind[i]!);
        const noise = (3 * length(bends) + 2 ** -21 * length(here)) / (2 * step);
        checks.push({ path, derivative, quotient, allowed: tolerance * scale + noise });
        assertRight(layer.kind, checks.at(-1)!);
      }
    }
  } finally {
    release([at, state, value, gradient]);
  }
  return checks;
}

function assertRight(kind: string, { path, derivative, quotient, allowed }: GradientCheck): void {
  if (Math.abs(derivative - quotient) <= allowed) return;
  throw new MismatchError(
    `Cannot trust the gradient of ${kind}: it gives ${derivative.toPrecision(4)} along a random ` +
      `direction, and differences give ${quotient.toPrecision(4)}`,
    path,
  );
}

type Vector = Values | Float64Array;

function dot(a: Vector, b: Vector): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

function sum(a: Vector): number {
  let total = 0;
  for (const value of a) total += value;
  return total;
}

const length = (a: Vector): number => Math.sqrt(dot(a, a));
