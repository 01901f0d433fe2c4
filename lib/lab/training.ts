/**
 * Training as an arm: a recipe is plain data, and what comes out depends on nothing but the recipe, the
 * seed and the images. Networks of one seed see the same batches in the same order, so that they differ
 * in what the experiment is about and in nothing else. Weights are kept, and later experiments look at
 * the networks that earlier ones have trained.
 *
 * @module
 */

import { batches, type Dataset, inTurn, randomCrop, randomFlip } from "../data/mod.ts";
import { FileError, NonFiniteError } from "../errors.ts";
import { describe, type Layer, type Variables } from "../layer.ts";
import { abstractKey, fold, key } from "../key.ts";
import { cosineDecay, type Schedule, warmup } from "../optim/schedule.ts";
import { sgd } from "../optim/sgd.ts";
import { release } from "../ownership.ts";
import { evaluate } from "../train/evaluate.ts";
import { train } from "../train/loop.ts";
import { crossEntropy } from "../train/loss.ts";
import { initTraining, type TrainState } from "../train/step.ts";
import { loadTree, openSafetensors, saveTree } from "../weights/mod.ts";
import type { Bench } from "./bench.ts";
import { growVariables } from "./grow.ts";
import { sha256 } from "./ledger.ts";
import { makeNet, type Net } from "./nets.ts";
import { type Sample, sampleOf } from "./sample.ts";

/** How a network is trained. */
export type Recipe = {
  /** The network. */
  readonly net: Net;
  /** The images. */
  readonly sample: Sample;
  /** Times to go through them. */
  readonly epochs: number;
  /** Images in a batch. */
  readonly batch: number;
  /** Highest learning rate: up in a line over a tenth of the steps, then down along half a cosine. */
  readonly learningRate: number;
  /** Decay of all parameters. */
  readonly weightDecay: number;
  /** Whether images are shifted and flipped. */
  readonly augment: boolean;
  /** Steps after which weights are kept, besides the last; 0 is the start. */
  readonly keep: readonly number[];
  /** The shallower network to begin with, whose missing blocks begin as the identity. */
  readonly from?: Recipe;
};

/** What a training gave. */
export type Trained = {
  /** Mean loss of each epoch. */
  readonly losses: readonly number[];
  /** Share of the images learned from that the network gets wrong in the end, in eval mode. */
  readonly trainError: number;
  /** Share of the test images that it gets wrong. */
  readonly testError: number;
  /** Whether the loss ceased to be finite; errors are then of the last good state. */
  readonly diverged: boolean;
  /** Where weights are kept, by step. */
  readonly weights: { readonly [step: string]: string };
};

/** Number of steps of a recipe. */
export function stepsOf({ sample, batch, epochs }: Recipe): number {
  return epochs * Math.ceil(sample.images / batch);
}

/** A recipe and its seed. */
export type Run = { readonly recipe: Recipe; readonly seed: number };

/**
 * Trains networks, or gives those that were trained before, in this order; shows the progress from
 * `from` to `to`.
 *
 * @throws {DOMException} If the signal of the bench is aborted; networks that are finished are kept.
 *
 * @example A network of eight layers on four images
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { setup } from "@fplusx/nn";
 * import { dataset } from "@fplusx/nn/data";
 * import { bench, netOfDepth, trainAll } from "@fplusx/nn/lab";
 *
 * await setup({ backend: "cpu" });
 * const images = Uint8Array.from({ length: 4 * 64 }, (_, i) => i);
 * const four = dataset({ images, shape: [4, 8, 8, 1], labels: [0, 1, 0, 1], classes: 2 });
 * const data = () => Promise.resolve({ name: "four", train: four, test: four });
 * const recipe = {
 *   net: netOfDepth("A", 8, 2),
 *   sample: { images: 4, tests: 4, shrink: 1 },
 *   epochs: 2,
 *   batch: 4,
 *   learningRate: 0.1,
 *   weightDecay: 0,
 *   augment: false,
 *   keep: [],
 * };
 * const run = bench({ version: "1", backend: "cpu", data });
 * const [trained] = await trainAll([{ recipe, seed: 0 }], run);
 * assertEquals(trained!.losses.length, 2);
 * ```
 */
export async function trainAll(
  runs: readonly Run[],
  bench: Bench,
  [from, to]: readonly [from: number, to: number] = [0, 1],
): Promise<Trained[]> {
  const data = await bench.data();
  const costs = runs.map(({ recipe }) => {
    const shape = inputOf(recipe, data.train);
    return stepsOf(recipe) * describe(makeNet(recipe.net), shape).multiplyAdds;
  });
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  let done = 0;
  const found: Trained[] = [];
  for (const [i, { recipe, seed }] of runs.entries()) {
    const cost = costs[i]!;
    const tell = (share: number) =>
      bench.progress(
        from + (to - from) * (done + share * cost) / total,
        `${recipe.net.block} of ${recipe.net.blocks.join(" + ")} blocks, seed ${seed}`,
      );
    found.push(await trainOne(recipe, seed, bench, tell));
    done += cost;
  }
  return found;
}

function inputOf({ sample: { shrink } }: Recipe, { shape }: Dataset): number[] {
  const [, height, width, channels] = shape;
  return [1, height / shrink, width / shrink, channels];
}

async function trainOne(
  recipe: Recipe,
  seed: number,
  bench: Bench,
  tell: (share: number) => void,
): Promise<Trained> {
  if (recipe.from) await trainOne(recipe.from, seed, bench, () => {});
  return await bench.arm(
    { task: "train", configuration: recipe, seed, usesData: true },
    () => runTraining(recipe, seed, bench, tell),
  );
}

async function runTraining(
  recipe: Recipe,
  seed: number,
  bench: Bench,
  tell: (share: number) => void,
): Promise<Trained> {
  const { batch, epochs, keep, weightDecay } = recipe;
  const data = sampleOf(await bench.data(), recipe.sample);
  const model = makeNet(recipe.net, { classes: data.train.classes });
  const parts = {
    model,
    optimizer: sgd({ momentum: 0.9, weightDecay }),
    loss: crossEntropy,
  };
  const steps = stepsOf(recipe);
  const weights: Record<string, string> = {};
  const keepState = async (step: number, { params, state }: TrainState) => {
    const bytes = await saveTree({ params, state });
    const name = `weights/${await sha256(bytes)}.safetensors`;
    weights[step] = name;
    await bench.store.write(name, bytes);
  };
  const start = await startOf(recipe, seed, bench, parts);
  if (keep.includes(0)) await keepState(0, start);
  using training = train({
    ...parts,
    state: start,
    batches: batches(data.train, {
      size: batch,
      key: fold(key(seed), "data"),
      epochs,
      ...recipe.augment
        ? { augmentNormalized: inTurn(randomCrop({ padding: 4 }), randomFlip()) }
        : {},
    }),
    schedule: oneCycle(recipe.learningRate, steps),
    seed,
    signal: bench.signal,
  });
  const losses: number[] = [];
  let diverged = false;
  try {
    for await (const event of training) {
      if (event.kind !== "loss") continue;
      losses.push(event.loss);
      const done = event.step + 1;
      if (done < steps && keep.includes(done)) await keepState(done, event.state);
      tell(done / steps);
    }
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    diverged = true;
  }
  bench.signal.throwIfAborted();
  await keepState(steps, training.state);
  const learned = await errorOn(data.train, model, training.state);
  const tested = await errorOn(data.test, model, training.state);
  const perEpoch = steps / epochs;
  return {
    losses: Array.from({ length: Math.ceil(losses.length / perEpoch) }, (_, i) => {
      const epoch = losses.slice(i * perEpoch, (i + 1) * perEpoch);
      return epoch.reduce((sum, loss) => sum + loss, 0) / epoch.length;
    }),
    trainError: learned,
    testError: tested,
    diverged,
    weights,
  };
}

/** Gives fresh variables, or those of a trained network with identity blocks put in. */
async function startOf(
  recipe: Recipe,
  seed: number,
  bench: Bench,
  parts: Pick<Parameters<typeof initTraining>[0], "model" | "optimizer">,
): Promise<TrainState> {
  const { train } = await bench.data();
  const shape = inputOf(recipe, train);
  const of = fold(key(seed), "init");
  if (!recipe.from) return initTraining(parts, of, shape);
  const shallow = await trainedVariables({ recipe: recipe.from, seed }, bench);
  const { params, state } = growVariables(shallow, recipe.from.net, recipe.net, of, shape);
  release(shallow);
  return { params, state, optimizer: parts.optimizer.init(params) };
}

async function errorOn(data: Dataset, model: Layer, variables: Variables): Promise<number> {
  const options = { batches: batches(data, { size: 256 }), topK: [1] };
  const { top1 } = await evaluate(model, variables, options);
  // In whole images, since shares of them are sums of floats.
  const count = data.shape[0];
  return Math.round((1 - top1) * count) / count;
}

/**
 * Gives the variables of a network after a step of its training, which is done if it was not; owned by
 * the caller.
 *
 * @param step After how many steps; all of them by default.
 * @throws {FileError} If the store has lost them, or they were not kept.
 */
export async function trainedVariables(
  { recipe, seed }: Run,
  bench: Bench,
  step: number = stepsOf(recipe),
): Promise<Variables> {
  const { weights } = await trainOne(recipe, seed, bench, () => {});
  const name = weights[step];
  const bytes = name && await bench.store.read(name);
  if (!bytes) {
    throw new FileError(`Cannot find the weights after step ${step}: they were not kept`);
  }
  const data = await bench.data();
  const like = makeNet(recipe.net, { classes: data.train.classes })
    .init(abstractKey, inputOf(recipe, data.train));
  const { params, state } = like;
  return await loadTree(
    { params, state },
    await openSafetensors({
      size: bytes.length,
      read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
    }),
  );
}

function oneCycle(highest: number, steps: number): Schedule {
  const rise = Math.max(1, Math.floor(steps / 10));
  return warmup(rise, cosineDecay(highest, Math.max(1, steps - rise)), { start: highest / 10 });
}
