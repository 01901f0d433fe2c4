/**
 * What all contenders solve: one training step of a network, on the same examples, from the same
 * parameters. A problem is plain data, so that it can be sent to a process of its own; parameters come
 * from a formula, so that nobody has to be sent a hundred megabytes.
 */

import { uniform } from "../formula.ts";
import { type Block, encode } from "./lines.ts";
import type { Course } from "./race.ts";

/** The networks that can be raced. */
export type Network =
  | "mlp"
  | "mnist"
  | "resnet20"
  | "resnet50"
  | "resnet56"
  | "tiny"
  | "transformer";

/** A network with the shapes of its parameters by path, and a batch. */
export interface Problem {
  readonly network: Network;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Images `[batch, height, width, channels]`, vectors or sequences. */
  readonly examples: Block;
  readonly labels: Int32Array;
  /** Number of classes. */
  readonly classes: number;
  readonly learningRate: number;
}

/** The recipe of the ResNet paper. */
export const RECIPE = { momentum: 0.9, weightDecay: 1e-4 } as const;
/** The ε of normalizations. */
export const EPSILON = 1e-5;

/** Gives the values of an array by a formula on its name, between -1 and 1. */
export function drawn(name: string, shape: readonly number[]): Block {
  const [size, draw] = [shape.reduce((a, b) => a * b, 1), uniform(name)];
  return { shape, values: Float32Array.from({ length: size }, (_, i) => draw(i)) };
}

/** Gives the parameters by path: weights as He has them, scales of 1, and shifts of 0. */
export function parametersOf({ shapes }: Problem): Record<string, Block> {
  const block = (path: string, shape: readonly number[]): Block => {
    if (shape.length === 1) {
      const first = path.endsWith("weight") ? 1 : 0;
      return { shape, values: new Float32Array(shape[0]!).fill(first) };
    }
    const inputs = shape.slice(0, -1).reduce((a, b) => a * b);
    const { values } = drawn(path, shape);
    return { shape, values: values.map((value) => value * Math.sqrt(6 / inputs)) };
  };
  return Object.fromEntries(
    Object.entries(shapes).map(([path, shape]) => [path, block(path, shape)]),
  );
}

/** The first examples of a problem, for those who would take too long over all. */
export function firstExamples(problem: Problem, batch: number): Problem {
  const { shape, values } = problem.examples;
  const each = values.length / shape[0]!;
  return {
    ...problem,
    examples: { shape: shape.with(0, batch), values: values.slice(0, batch * each) },
    labels: problem.labels.slice(0, batch),
  };
}

/** Gives the race over a problem. */
export function courseOf(problem: Problem): Course {
  return {
    batch: problem.examples.shape[0]!,
    line: (batch) => encode(firstExamples(problem, batch)),
  };
}
