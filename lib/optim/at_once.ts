/**
 * The whole step of an optimizer at once. A chain of transformations is the definition of an
 * optimizer; a backend may have a kernel that takes the step for all parameters in one go. It is given
 * what the chain would be given, and gives the same numbers, but for rounding.
 *
 * @module
 */

import { fused, type FusedKernel, hasKernel } from "../fused.ts";
import { gradientDepth } from "../grad.ts";
import { concat, reshape } from "../ops.ts";
import { sameShape, type Scalar, type Tensor } from "../tensor.ts";
import { entries, map, type Tree, zip } from "../tree.ts";
import { includes, type Mask } from "./mask.ts";

/** What a step changes: the parameters, and what an optimizer remembers, by the names that the kernel has. */
export interface Changing<P extends Tree, A, W> {
  /** The parameters. */
  readonly params: P;
  /** Trees that have a leaf for each parameter. */
  readonly averages: A;
  /** Scalars. */
  readonly weights: W;
}

/** What a kernel for a whole step is given. */
export interface WholeStep<P extends Tree, A, W> extends Changing<P, A, W> {
  /** The kernel. */
  readonly kernel: FusedKernel;
  /** The gradient, which fits the parameters. */
  readonly gradient: Tree;
  /** Gives the numbers that may change from step to step. */
  readonly settings: () => readonly Scalar[];
  /** Which parameters decay. */
  readonly decays: Mask;
  /** What kind of step it is. */
  readonly attributes?: Readonly<Record<string, number>>;
}

/**
 * Takes the step; or gives nothing where there is no kernel, or it does not fit: gradients have to
 * flow through, or a leaf is not of floats or has not the shape of its parameter.
 */
export function stepAtOnce<
  P extends Tree,
  A extends Readonly<Record<string, Tree>>,
  W extends Readonly<Record<string, Scalar>>,
>(step: WholeStep<P, A, W>): Changing<P, A, W> | undefined {
  const { kernel, params, gradient, averages, weights } = step;
  if (!hasKernel(kernel) || gradientDepth() > 0) return;
  const names = ["p", "g", ...Object.keys(averages)];
  const rows: Tensor[][] = [];
  zip((row) => (rows.push(row), row[0]!), params, gradient, ...Object.values(averages));
  const fits = rows.flat().every(({ dtype, size }) => dtype === "float32" && size > 0) &&
    rows.every((row) => row.every(({ shape }) => sameShape(shape, row[0]!.shape)));
  if (!fits || rows.length === 0) return;
  const inputs = {
    ...Object.fromEntries(
      rows.flatMap((row, i) => row.map((leaf, k) => [`${names[k]}${i}`, leaf] as const)),
    ),
    ...weights,
    settings: concat(step.settings().map((setting) => reshape(setting, [1])), 0),
  };
  const decays = entries(params).map(([path, leaf]) => +includes(step.decays, path, leaf));
  const made = fused(kernel, inputs, { ...step.attributes, decays }, (): Tensor[] => []).values();
  const next = <T extends Tree>(like: T): T => map(() => made.next().value!, like);
  // In the order of the kernel: parameters, averages, weights.
  return {
    params: next(params),
    averages: Object.fromEntries(
      Object.entries(averages).map(([name, average]) => [name, next(average)]),
    ) as A,
    weights: next(weights),
  };
}
