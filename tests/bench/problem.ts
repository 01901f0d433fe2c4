/**
 * What all contenders solve: one training step of a residual network, on the same images, from the
 * same parameters. A problem is plain data, so that it can be sent to a process of its own.
 */

import { entries, key, normal, randomBits, release, setup } from "@fplusx/nn";
import { mnistResnet, resnetCifar } from "@fplusx/nn/models";
import { type Block, encode } from "./lines.ts";
import type { Course } from "./race.ts";

/** The networks that can be raced. */
export type Network = "mnist" | "resnet20" | "resnet56";

/** A network with its parameters by path, and a batch. */
export interface Problem {
  readonly network: Network;
  readonly params: Readonly<Record<string, Block>>;
  readonly images: Block;
  readonly labels: Int32Array;
}

/** Steps of the first convolution. */
export const STEM_STRIDE: Readonly<Record<Network, number>> = {
  mnist: 2,
  resnet20: 1,
  resnet56: 1,
};
/** The recipe of the ResNet paper. */
export const RECIPE = { learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4 } as const;
/** The ε of batch normalization. */
export const EPSILON = 1e-5;
/** Number of classes of both data sets. */
export const CLASSES = 10;

const INPUT = { mnist: [28, 28, 1], resnet20: [32, 32, 3], resnet56: [32, 32, 3] } as const;

/** The networks as the library makes them. */
export const models = {
  mnist: () => mnistResnet(),
  resnet20: () => resnetCifar(20, { shortcut: "B" }),
  resnet56: () => resnetCifar(56, { shortcut: "B" }),
} as const;

/** Makes a problem from nothing but its name and size. */
export async function makeProblem(network: Network, batch: number): Promise<Problem> {
  await setup({ backend: "cpu" });
  const shape = [batch, ...INPUT[network]];
  const variables = models[network]().init(key(0), shape);
  const images = normal(key(1), shape);
  const block = async (x: typeof images): Promise<Block> => ({
    shape: x.shape,
    values: Float32Array.from(await x.data()),
  });
  const params: Record<string, Block> = {};
  for (const [path, x] of entries(variables.params)) params[path] = await block(x);
  const labels = Int32Array.from(randomBits(key(2), batch), (word) => word % CLASSES);
  const problem = { network, params, images: await block(images), labels };
  release([variables, images]);
  return problem;
}

/** The first examples of a problem, for those who would take too long over all. */
export function firstExamples(problem: Problem, batch: number): Problem {
  const { shape, values } = problem.images;
  const each = values.length / shape[0]!;
  return {
    ...problem,
    images: { shape: shape.with(0, batch), values: values.slice(0, batch * each) },
    labels: problem.labels.slice(0, batch),
  };
}

/** Gives the race over a problem. */
export function courseOf(problem: Problem): Course {
  return {
    batch: problem.images.shape[0]!,
    line: (batch) => encode(firstExamples(problem, batch)),
  };
}
