/**
 * Muon: momentum whose matrices are made nearly orthogonal, so that every direction in them is learned
 * at one rate. Five turns of a polynomial bring all singular values near 1: no decomposition, only
 * matrix products.
 *
 * @module
 */

import {
  add,
  div,
  matMul,
  mul,
  reshape,
  scalar,
  sqrt,
  square,
  sum,
  zeros,
  zerosLike,
} from "../ops.ts";
import { type Scalar, sizeOf, type Tensor } from "../tensor.ts";
import { map, type Tree, zip } from "../tree.ts";
import { scaleByAdam } from "./adam.ts";
import { chain, type ChainState } from "./chain.ts";
import { addDecayedWeights, type DecayOptions } from "./decay.ts";
import { complement, type Hyperparameter, setting } from "./hyperparameter.ts";
import { type Mask, weightsOnly } from "./mask.ts";
import { partition } from "./partition.ts";
import { check } from "./range.ts";
import { scaleByLearningRate } from "./scale.ts";
import { addScaled, approach, type GradientTransformation, transformation } from "./transform.ts";

/** Options of {@linkcode scaleByMuon}. */
export interface ScaleByMuonOptions {
  /** Decay of the average of gradients; 0.95 by default. */
  readonly beta?: Hyperparameter;
  /** Looks one step ahead, as Nesterov; true by default. */
  readonly nesterov?: boolean;
  /** Number of turns of the polynomial; 5 by default. */
  readonly turns?: number;
}

/** State of {@linkcode scaleByMuon}. */
export type MuonState = {
  /** Running average of the gradient. */
  readonly mean: Tree;
  /** Weight that `mean` has seen: 1 - beta^t. */
  readonly meanWeight: Scalar;
};

/**
 * Gives the transformation that makes the average gradient of each leaf nearly orthogonal, as a matrix
 * of all but the last axis by the last.
 *
 * @throws {ArgumentError} If `beta` is not in [0, 1) or `turns` is not a count.
 *
 * @example Large and small directions come out alike
 * ```ts
 * import { assert } from "@std/assert";
 * import { scalar, scaleByMuon, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const { init, update } = scaleByMuon();
 * const context = { params: tensor([0, 0, 0, 0], [2, 2]), learningRate: scalar(1) };
 * const [y] = update(tensor([100, 0, 0, 5], [2, 2]), init(context.params), context);
 * const [a, b, c, d] = await y.data();
 * assert(a! > 0.6 && a! < 1.3 && d! > 0.6 && d! < 1.3 && b === 0 && c === 0);
 * ```
 */
export function scaleByMuon(options: ScaleByMuonOptions = {}): GradientTransformation<MuonState> {
  const { beta = 0.95, nesterov = true, turns = 5 } = options;
  const [decay, toMean] = [setting, complement].map((of) => of("muon", "fraction", { beta }));
  check("muon", "count", { turns });
  return transformation<MuonState>({
    kind: "scaleByMuon",
    init: (params) => ({ mean: map(zerosLike, params), meanWeight: zeros([]) }),
    update: (updates, state, context) => {
      const share = toMean!(context);
      const mean = zip(([m, g]) => approach(m!, g!, share), state.mean, updates);
      const meanWeight = approach(state.meanWeight, scalar(1), share);
      const next: MuonState = { mean, meanWeight };
      if (!nesterov) {
        return [zip(([, m]) => orthogonal(m!, meanWeight, turns), updates, mean), next];
      }
      // β·m/w' + (1 - β)·g/w, where w' is the weight after one step more, times w'/β.
      const weight = div(approach(meanWeight, scalar(1), share), decay!(context));
      const by = div(mul(share, weight), meanWeight);
      const y = zip(
        ([g, m]) => orthogonal(addScaled(m!, g!, by), weight, turns),
        updates,
        mean,
      );
      return [y, next];
    },
  });
}

/** Coefficients of the odd polynomial `a·x + b·x³ + c·x⁵`, as steep at zero as it can be. */
const [A, B, C] = [3.4445, -4.7750, 2.0315];

/**
 * The matrix `leaf / weight` with the same singular directions, but values near 1; a wide one is longer in
 * proportion.
 */
function orthogonal(leaf: Tensor, weight: Scalar, turns: number): Tensor {
  const width = leaf.shape.at(-1) ?? 1;
  const height = sizeOf(leaf.shape) / width;
  const wide = width > height;
  let x = reshape(leaf, [height, width]);
  x = div(x, add(sqrt(sum(square(x))), mul(weight, 1e-8)));
  for (let turn = 0; turn < turns; turn++) {
    // The smaller of the two squares of x.
    const s = matMul(x, x, wide ? { transposeB: true } : { transposeA: true });
    const p = add(mul(s, B), mul(matMul(s, s), C));
    x = add(mul(x, A), wide ? matMul(p, x) : matMul(x, p));
  }
  return mul(reshape(x, leaf.shape), Math.sqrt(Math.max(1, width / height)));
}

/** Options of {@linkcode muon}. */
export interface MuonOptions extends ScaleByMuonOptions, DecayOptions {
  /** Which parameters Muon takes; those with two axes or more by default. Adam takes the others. */
  readonly matrices?: Mask;
  /** How much of each parameter is taken off, times the learning rate; 0 by default. */
  readonly weightDecay?: Hyperparameter;
}

/**
 * Gives the optimizer {@link https://kellerjordan.github.io/posts/muon/ Muon} (Jordan et al. 2024) for
 * matrices and kernels, and Adam for what else there is. Embeddings and the last layer are better left
 * to Adam: say so with `matrices`.
 *
 * @throws {ArgumentError} If a number is out of its range.
 *
 * @example Kernels by Muon, biases by Adam
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { entries, muon, setup, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const state = muon().init({ weight: zeros([3, 3, 8, 16]), bias: zeros([16]) });
 * assertEquals(entries(state).map(([path]) => path), [
 *   "partition.muon.mean.weight",
 *   "partition.muon.meanWeight",
 *   "partition.adam.mean.bias",
 *   "partition.adam.square.bias",
 *   "partition.adam.meanWeight",
 *   "partition.adam.squareWeight",
 * ]);
 * ```
 */
export function muon(options: MuonOptions = {}): GradientTransformation<ChainState> {
  const { matrices = weightsOnly, weightDecay = 0, mask = "**" } = options;
  const parts = [
    partition({ muon: [matrices, scaleByMuon(options)], adam: ["**", scaleByAdam()] }),
    addDecayedWeights(weightDecay, { mask }),
    scaleByLearningRate(),
  ];
  return Object.freeze({ ...chain(...parts), kind: "muon" });
}
