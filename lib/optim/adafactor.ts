/**
 * Adafactor: Adam's average of squares of a matrix kept as the means of its rows and of its columns,
 * so that it costs the memory of two vectors.
 *
 * @module
 */

import {
  add,
  div,
  maximum,
  mean,
  mul,
  pow,
  rsqrt,
  sqrt,
  square,
  zeros,
  zerosLike,
} from "../ops.ts";
import type { Scalar, Shape, Tensor } from "../tensor.ts";
import { type Empty, flatten, leaves, map, type Tree } from "../tree.ts";
import { chain, type ChainState } from "./chain.ts";
import { clipByRms } from "./clip.ts";
import { addDecayedWeights, type DecayOptions } from "./decay.ts";
import { type Hyperparameter, setting } from "./hyperparameter.ts";
import { only } from "./mask.ts";
import { meanSquares, scaleEach } from "./norm.ts";
import { check } from "./range.ts";
import { scaleByLearningRate } from "./scale.ts";
import {
  approach,
  type GradientTransformation,
  statelessTransformation,
  transformation,
} from "./transform.ts";

/** Options of {@linkcode scaleByFactoredRms}. */
export interface FactoredRmsOptions {
  /** The average has the decay `1 - t^-power` at step t, from 1; 0.8 by default, as the paper. */
  readonly power?: Hyperparameter;
  /** Leaves with two axes of at least this size are factored; 128 by default, as Optax. */
  readonly factorFrom?: number;
  /** Is added to squares; 1e-30 by default, as the paper. */
  readonly epsilon?: Hyperparameter;
}

/** State of {@linkcode scaleByFactoredRms}; each leaf is in `square`, or in `rows` and `columns`. */
export type FactoredRmsState = {
  /** Running average of squares. */
  readonly square: Tree;
  /** Its mean over the largest axis. */
  readonly rows: Tree;
  /** Its mean over the second largest axis. */
  readonly columns: Tree;
  /** Number of steps. */
  readonly count: Scalar;
};

/** The largest axis and the second largest, if both have at least the size. */
function factoredAxes(shape: Shape, least: number): readonly [number, number] | undefined {
  const axes = shape.map((_, axis) => axis).sort((a, b) => shape[b]! - shape[a]!);
  const [first, second] = axes;
  return second === undefined || shape[second]! < least ? undefined : [first!, second];
}

/**
 * Gives the transformation that divides by the root of an average of squares, which is the product of
 * the means of rows and columns where a leaf is factored.
 *
 * @throws {ArgumentError} If a number is out of its range.
 *
 * @example What it remembers of a matrix
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { entries, scaleByFactoredRms, setup, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const state = scaleByFactoredRms().init({ w: zeros([128, 512]), b: zeros([512]) });
 * assertEquals(entries(state).map(([path, { shape }]) => `${path} ${shape}`), [
 *   "square.b 512",
 *   "rows.w 128,1",
 *   "columns.w 1,512",
 *   "count ",
 * ]);
 * ```
 */
export function scaleByFactoredRms(
  options: FactoredRmsOptions = {},
): GradientTransformation<FactoredRmsState> {
  const { power = 0.8, factorFrom = 128, epsilon = 1e-30 } = options;
  check("adafactor", "count", { factorFrom });
  const exponent = setting("adafactor", "positive", { power });
  const tiny = setting("adafactor", "positive", { epsilon });
  const axesOf = ({ shape }: Tensor) => factoredAxes(shape, factorFrom);
  return transformation<FactoredRmsState>({
    kind: "scaleByFactoredRms",
    init: (params) => {
      const factored = leaves(params).map((leaf) => axesOf(leaf) !== undefined);
      const matrices = only(params, factored);
      const without = (k: 0 | 1) => (leaf: Tensor) => zeros(reduced(leaf.shape, axesOf(leaf)![k]));
      return {
        square: map(zerosLike, only(params, factored.map((yes) => !yes))),
        rows: map(without(0), matrices),
        columns: map(without(1), matrices),
        count: zeros([]),
      };
    },
    update: (updates, state, context) => {
      const count = add(state.count, 1);
      const [share, epsilon] = [div(1, pow(count, exponent(context))), tiny(context)];
      const squares = map((g) => add(square(g), epsilon), updates);
      const bySquare = flatten(squares);
      const meansOver = (k: 0 | 1) => (average: Tensor, path: string) => {
        const now = bySquare.get(path)!;
        return approach(average, mean(now, axesOf(now)![k], true), share);
      };
      const next: FactoredRmsState = {
        square: map((v, path) => approach(v, bySquare.get(path)!, share), state.square),
        rows: map(meansOver(0), state.rows),
        columns: map(meansOver(1), state.columns),
        count,
      };
      const [plain, rows, columns] = [next.square, next.rows, next.columns].map(flatten);
      const y = map((g, path) => {
        const axes = axesOf(g);
        if (axes === undefined) return div(g, sqrt(plain!.get(path)!));
        const row = rows!.get(path)!;
        const byRow = rsqrt(div(row, mean(row, axes[1], true)));
        return mul(mul(g, byRow), rsqrt(columns!.get(path)!));
      }, updates);
      return [y, next];
    },
  });
}

const reduced = (shape: Shape, axis: number): Shape =>
  shape.map((size, i) => i === axis ? 1 : size);

/** Options of {@linkcode scaleByParameterRms}. */
export interface ParameterRmsOptions {
  /** Least size of a parameter, so that zeros can move; 1e-3 by default, as the paper. */
  readonly least?: number;
}

/**
 * Gives the transformation that multiplies each leaf of the updates by the root of the mean square of
 * its parameter, so that the learning rate is relative to the size of parameters.
 *
 * @throws {ArgumentError} If `least` is not positive.
 *
 * @example Large parameters, large steps
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { empty, scalar, scaleByParameterRms, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const context = { params: tensor([8, -8]), learningRate: scalar(1) };
 * const [y] = scaleByParameterRms().update(tensor([1, 2]), empty, context);
 * assertEquals([...await y.data()], [8, 16]);
 * ```
 */
export function scaleByParameterRms(
  { least = 1e-3 }: ParameterRmsOptions = {},
): GradientTransformation<Empty> {
  check("scaleByParameterRms", "positive", { least });
  return statelessTransformation(
    "scaleByParameterRms",
    (updates, { params }) => scaleEach(updates, maximum(sqrt(meanSquares(params)), least)),
  );
}

/** Options of {@linkcode adafactor}. */
export interface AdafactorOptions extends FactoredRmsOptions, DecayOptions {
  /** Limit of the root of the mean square of each leaf of the direction; 1 by default, as the paper. */
  readonly clip?: Hyperparameter;
  /** Takes the learning rate as relative to the size of parameters; true by default. */
  readonly relative?: boolean;
  /** How much of each parameter is taken off, times the learning rate; 0 by default. */
  readonly weightDecay?: Hyperparameter;
}

/**
 * Gives the optimizer {@link https://arxiv.org/abs/1804.04235 Adafactor} (Shazeer and Stern 2018),
 * without momentum.
 *
 * @throws {ArgumentError} If a number is out of its range.
 *
 * @example A first step of a hundredth of the parameters
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { adafactor, applyGradient, scalar, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = adafactor();
 * const params = { w: tensor([8, -8]) };
 * const [next] = applyGradient(optimizer, { w: tensor([3, 3]) }, optimizer.init(params), {
 *   params,
 *   learningRate: scalar(0.01),
 * });
 * assertAlmostEquals((await next.w.data())[0]!, 7.92, 1e-5);
 * ```
 */
export function adafactor(options: AdafactorOptions = {}): GradientTransformation<ChainState> {
  const { clip = 1, relative = true, weightDecay = 0, mask = "**" } = options;
  setting("adafactor", "positive", { clip });
  setting("adafactor", "rate", { weightDecay });
  const parts = [
    scaleByFactoredRms(options),
    clipByRms(clip),
    ...(relative ? [scaleByParameterRms()] : []),
    ...(weightDecay === 0 ? [] : [addDecayedWeights(weightDecay, { mask })]),
    scaleByLearningRate(),
  ];
  return Object.freeze({ ...chain(...parts), kind: "adafactor" });
}
