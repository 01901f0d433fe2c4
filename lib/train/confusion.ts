/**
 * What is taken for what: counts of guesses by label, from which accuracy, precision, recall and their
 * harmonic mean follow. Counts stay on the device and are added up there, batch by batch; they are read
 * once, at the end.
 *
 * @module
 */

import { EmptyError, ShapeError, showShape } from "../errors.ts";
import { add, argMax, clone, matMul, oneHot, reshape, tidy } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { map, type Tree, zip } from "../tree.ts";
import { checkLabels } from "./loss.ts";

/**
 * Counts, for each label, what the model guessed: `[classes, classes]`, a row for each label and a column
 * for each guess. Exact up to 2²⁴ examples of one kind.
 *
 * @param logits `[batch, classes]`, or with more axes in front.
 * @param labels `int32` of the shape of `logits` without the last axis.
 * @throws {DTypeError} If the labels are not `int32`.
 * @throws {ShapeError} If the shapes do not fit.
 * @throws {LabelError} If a label is not a class, where labels were made from host values.
 *
 * @example Two zeros, of which one is taken for a one
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { confusionMatrix, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const logits = tensor([9, 0, 0, 9, 0, 9], [3, 2]);
 * const counts = confusionMatrix(logits, tensor(Int32Array.of(0, 0, 1)));
 * assertEquals([...await counts.data()], [1, 1, 0, 1]);
 * ```
 */
export function confusionMatrix(logits: Tensor, labels: Tensor): Tensor {
  checkLabels(logits, labels);
  const classes = logits.shape.at(-1)!;
  return tidy(() => {
    const rows = (of: Tensor) => oneHot(reshape(of, [of.size]), classes); // [batch, classes]
    return matMul(rows(labels), rows(argMax(logits)), { transposeA: true });
  });
}

/**
 * Gives sums with those of one more batch; starts from `undefined`.
 *
 * @throws {TreeError} If the trees differ in structure.
 *
 * @example Over two batches
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addSums, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const sums = addSums(addSums(undefined, tensor([1, 2])), tensor([10, 20]));
 * assertEquals([...await sums.data()], [11, 22]);
 * ```
 */
export function addSums<T extends Tree>(sums: T | undefined, more: T): T {
  return sums === undefined ? map(clone, more) : zip(([a, b]) => add(a!, b!), sums, more);
}

/** How well one class is found. */
export type ClassScores = {
  /** Share of the guesses of the class that are right. */
  readonly precision: number;
  /** Share of the examples of the class that are found. */
  readonly recall: number;
  /** Harmonic mean of precision and recall. */
  readonly f1: number;
};

/** What a confusion matrix says. A share of nothing is 0, as scikit-learn has it. */
export type Confusion = {
  /** Counts: a row for each label, a column for each guess. */
  readonly counts: readonly (readonly number[])[];
  /** Number of examples. */
  readonly examples: number;
  /** Share of the examples that are right. */
  readonly accuracy: number;
  /** How well each class is found, and the number of its examples. */
  readonly classes: readonly (ClassScores & { readonly examples: number })[];
  /** Means over the classes. */
  readonly macro: ClassScores;
  /** Means over the classes, each weighted by its examples. */
  readonly weighted: ClassScores;
};

/**
 * Reads a confusion matrix, with one read from the device.
 *
 * @throws {ShapeError} If it is not a square matrix.
 * @throws {EmptyError} If nothing was counted.
 *
 * @example Precision and recall
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readConfusion, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const { accuracy, classes } = await readConfusion(tensor([3, 1, 0, 4], [2, 2]));
 * assertEquals([accuracy, classes[0]!.recall, classes[1]!.precision], [0.875, 0.75, 0.8]);
 * ```
 */
export async function readConfusion(matrix: Tensor): Promise<Confusion> {
  const [classes, guesses] = matrix.shape;
  if (matrix.shape.length !== 2 || classes !== guesses) {
    throw new ShapeError(
      `Cannot read a confusion matrix of shape ${showShape(matrix.shape)}: need [classes, classes]`,
    );
  }
  const values = [...await matrix.data()];
  const counts = Array.from(
    { length: classes! },
    (_, label) => values.slice(label * classes!, (label + 1) * classes!),
  );
  const examples = sumOf(values);
  if (examples === 0) throw new EmptyError("Cannot read a confusion matrix: no batch was added");
  const scores = counts.map((row, label) => {
    const [right, all] = [row[label]!, sumOf(row)];
    const precision = share(right, sumOf(counts.map((row) => row[label]!)));
    const recall = share(right, all);
    return {
      precision,
      recall,
      f1: share(2 * precision * recall, precision + recall),
      examples: all,
    };
  });
  const mean = (weight: (examples: number) => number): ClassScores => {
    const of = (name: keyof ClassScores) =>
      sumOf(scores.map((score) => score[name] * weight(score.examples)));
    return { precision: of("precision"), recall: of("recall"), f1: of("f1") };
  };
  return {
    counts,
    examples,
    accuracy: sumOf(counts.map((row, label) => row[label]!)) / examples,
    classes: scores,
    macro: mean(() => 1 / classes!),
    weighted: mean((ofClass) => ofClass / examples),
  };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const share = (part: number, whole: number): number => whole === 0 ? 0 : part / whole;
