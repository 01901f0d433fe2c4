/**
 * Looking closely: what a classifier takes for what, and the examples on which it is most sure of what
 * is wrong. These tell more about a model, and about the labels, than a share of right answers.
 *
 * @module
 */

import { ArgumentError, EmptyError } from "../errors.ts";
import { evalMode, type Layer, type Variables } from "../layer.ts";
import { nextTurn } from "../next_turn.ts";
import { softmax, tidy } from "../ops.ts";
import { release } from "../ownership.ts";
import type { Tensor } from "../tensor.ts";
import type { Tree } from "../tree.ts";
import { addSums, type Confusion, confusionMatrix, readConfusion } from "./confusion.ts";
import type { Batch } from "./step.ts";

/** What {@linkcode examine} looks at, and how much it brings back. */
export interface ExamineOptions {
  /** Batches with `int32` labels, which the examination takes over. */
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** How many mistakes to bring back; 24 by default. */
  readonly mistakes?: number;
  /** How many guesses to tell of each mistake; 3 by default. */
  readonly guesses?: number;
  /** Is told after each batch how many examples are done. */
  readonly progress?: (examples: number) => void;
}

/** A class and how likely the model finds it. */
export type Guess = {
  /** The class. */
  readonly label: number;
  /** Its probability, from 0 to 1. */
  readonly probability: number;
};

/** An example that is taken for another class. */
export type Mistake = {
  /** Number of the example, in the order of the batches, from 0. */
  readonly index: number;
  /** Its class. */
  readonly label: number;
  /** How likely the model finds it, from 0 to 1. */
  readonly probability: number;
  /** What the model finds more likely, and what comes next; the likeliest first. */
  readonly guesses: readonly Guess[];
};

/** What {@linkcode examine} found. */
export type Examination = {
  /** What is taken for what. */
  readonly confusion: Confusion;
  /** The mistakes that the model is most sure of, the surest first. */
  readonly mistakes: readonly Mistake[];
};

/**
 * Examines a classifier in eval mode.
 *
 * @throws {EmptyError} If there is no batch.
 * @throws {ArgumentError} If `mistakes` or `guesses` is not an integer from 0, or from 1.
 * @throws {DTypeError} If the labels are not `int32`.
 * @throws {ShapeError} If labels and outputs do not fit.
 *
 * @example One of two is wrong
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { examine, identity, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const batches = [{ x: tensor([9, 0, 9, 0], [2, 2]), y: tensor(Int32Array.of(0, 1)) }];
 * const { confusion, mistakes } = await examine(identity, { params: [], state: [] }, { batches });
 * assertEquals(confusion.counts, [[1, 0], [1, 0]]);
 * assertEquals([mistakes[0]!.index, mistakes[0]!.guesses[0]!.label], [1, 0]);
 * ```
 */
export async function examine<P extends Tree, S extends Tree>(
  model: Layer<P, S>,
  variables: Variables<P, S>,
  options: ExamineOptions,
): Promise<Examination> {
  const { mistakes: most = 24, guesses = 3, progress } = options;
  if (!Number.isInteger(most) || most < 0) {
    throw new ArgumentError(`Cannot bring back ${most} mistakes: need an integer from 0`);
  }
  if (!Number.isInteger(guesses) || guesses < 1) {
    throw new ArgumentError(`Cannot tell ${guesses} guesses: need an integer from 1`);
  }
  let counts: Tensor | undefined;
  let mistakes: Mistake[] = [];
  let done = 0;
  for await (const { x, y } of options.batches) {
    const before = counts;
    const [sums, probabilities] = tidy(() => {
      const [logits] = model.apply(variables, x, evalMode); // [batch, classes]
      return [addSums(before, confusionMatrix(logits, y)), softmax(logits)];
    });
    counts = sums;
    const found = mistakesIn(await probabilities.data(), await y.data(), done, guesses);
    mistakes = surest([...mistakes, ...found], most);
    done += x.shape[0]!;
    release({ x, y, probabilities, before: before ?? [] });
    progress?.(done);
    await nextTurn(); // on the CPU nothing else would wait
  }
  if (counts === undefined) throw new EmptyError("Cannot examine a model: there is no batch");
  using all = counts;
  return { confusion: await readConfusion(all), mistakes };
}

/** The examples of a batch that are wrong; `first` is the number of the first example. */
function mistakesIn(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  first: number,
  most: number,
): Mistake[] {
  const classes = probabilities.length / labels.length;
  return Array.from(labels).flatMap((label, i): Mistake[] => {
    const of = (label: number): Guess => ({
      label,
      probability: probabilities[i * classes + label]!,
    });
    const guesses = Array.from({ length: classes }, (_, label) => of(label))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, most);
    return guesses[0]!.label === label ? [] : [{ index: first + i, ...of(label), guesses }];
  });
}

function surest(mistakes: readonly Mistake[], most: number): Mistake[] {
  const sure = ({ guesses }: Mistake) => guesses[0]!.probability;
  return mistakes.toSorted((a, b) => sure(b) - sure(a)).slice(0, most);
}
