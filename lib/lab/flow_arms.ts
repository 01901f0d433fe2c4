/**
 * What is measured for the experiment on gradient flow: the norm of the gradient of each layer, the
 * gradient along paths of each length, and the error of networks with blocks left out or swapped.
 *
 * @module
 */

import { grad } from "../grad.ts";
import { fold, type Key, key, permutation } from "../key.ts";
import { type Layer, trainMode, type Variables } from "../layer.ts";
import * as ops from "../ops.ts";
import { release } from "../ownership.ts";
import type { Tensor } from "../tensor.ts";
import { crossEntropy } from "../train/loss.ts";
import { entries, type Tree } from "../tree.ts";
import type { Bench } from "./bench.ts";
import { removableBlocks, swapBlocks, withoutBlocks } from "./lesions.ts";
import { errorOf, firstBatch } from "./measure.ts";
import { makeNet } from "./nets.ts";
import { pathNet, pathsOfLength } from "./paths.ts";
import { sampleOf } from "./sample.ts";
import { summarize } from "./statistics.ts";
import { type Run, trainedVariables } from "./training.ts";

/** Gives the norm of the gradient of each convolution of a network, in order, after a step of its training. */
export function gradientNorms(
  run: Run,
  step: number,
  images: number,
  bench: Bench,
): Promise<number[]> {
  const configuration = { recipe: run.recipe, step, images };
  const options = { task: "gradient norms", configuration, seed: run.seed, usesData: true };
  return bench.arm(options, async () => {
    const { train } = sampleOf(await bench.data(), run.recipe.sample);
    const { params, state } = await trainedVariables(run, bench, step);
    const model = makeNet(run.recipe.net, train);
    using batch = firstBatch(train, images);
    const gradient = grad((params: Tree) => lossOf(model, { params, state }, batch.x, batch.y))(
      params,
    );
    const norms: number[] = [];
    for (const [path, leaf] of entries(gradient)) {
      if (/conv[12]\.weight$/.test(path)) norms.push(await normOf(leaf));
    }
    release([params, state, gradient]);
    return norms;
  });
}

/** What was found of the paths of one length. */
export type PathLength = {
  /** Bodies on the way. */
  readonly length: number;
  /** Number of paths. */
  readonly paths: number;
  /** Mean norm of the gradient by the images along some of them. */
  readonly norm: number;
};

/** Measures the gradient by the images along `samples` paths of each length. */
export function pathNorms(
  run: Run,
  samples: number,
  images: number,
  bench: Bench,
): Promise<PathLength[]> {
  const configuration = { recipe: run.recipe, samples, images };
  const options = { task: "path lengths", configuration, seed: run.seed, usesData: true };
  return bench.arm(options, async () => {
    const { net, sample } = run.recipe;
    const { train } = sampleOf(await bench.data(), sample);
    const variables = await trainedVariables(run, bench);
    const blocks = net.blocks.reduce((sum, count) => sum + count, 0);
    using batch = firstBatch(train, images);
    const found: PathLength[] = [];
    for (let length = 0; length <= blocks; length++) {
      bench.signal.throwIfAborted();
      const norms: number[] = [];
      const paths = pathsOfLength(blocks, length);
      for (let i = 0; i < Math.min(samples, paths); i++) {
        const of = fold(fold(key(run.seed), `path ${length}`), i);
        const model = pathNet(net, chosen(of, blocks, length), train);
        using gradient = grad((x: Tensor) => lossOf(model, variables, x, batch.y))(batch.x);
        norms.push(await normOf(gradient));
      }
      found.push({ length, paths, norm: summarize(norms).mean });
    }
    release(variables);
    return found;
  });
}

function chosen(of: Key, blocks: number, length: number): Set<number> {
  return new Set(Array.from(permutation(of, blocks).subarray(0, length), (block) => block + 1));
}

/** Errors of a network that was changed after training. */
export type Lesions = {
  /** Error of the network as it is. */
  readonly whole: number;
  /** Error without one block, in the order of the blocks. */
  readonly without: readonly {
    readonly stage: number;
    readonly place: number;
    readonly error: number;
  }[];
  /** Mean error without so many blocks that were drawn. */
  readonly withoutMany: readonly { readonly count: number; readonly error: number }[];
  /** Mean error after so many swaps of neighbouring blocks that were drawn. */
  readonly swapped: readonly { readonly swaps: number; readonly error: number }[];
};

/** Measures what a network gets wrong when blocks are left out or swapped. */
export function lesionErrors(
  run: Run,
  { images, draws }: { readonly images: number; readonly draws: number },
  bench: Bench,
): Promise<Lesions> {
  const configuration = { recipe: run.recipe, images, draws };
  const options = { task: "lesions", configuration, seed: run.seed, usesData: true };
  return bench.arm(options, async () => {
    const { net, sample } = run.recipe;
    const { test } = sampleOf(await bench.data(), sample);
    const variables = await trainedVariables(run, bench);
    const error = ({ net, variables }: ReturnType<typeof withoutBlocks>) => {
      bench.signal.throwIfAborted();
      return errorOf(makeNet(net, test), variables, test, images);
    };
    const removable = removableBlocks(net);
    const whole = await error({ net, variables });
    const without = [];
    for (const at of removable) {
      const [stage, place] = at;
      without.push({ stage, place, error: await error(withoutBlocks(net, variables, [at])) });
    }
    const withoutMany = [];
    for (const count of [2, 4, 6, 8].filter((count) => count < removable.length)) {
      const errors = [];
      for (let draw = 0; draw < draws; draw++) {
        const of = fold(fold(key(run.seed), `lesion ${count}`), draw);
        const order = permutation(of, removable.length).subarray(0, count);
        const removed = Array.from(order, (i) => removable[i]!);
        errors.push(await error(withoutBlocks(net, variables, removed)));
      }
      withoutMany.push({ count, error: summarize(errors).mean });
    }
    const swapped = [];
    for (const swaps of [1, 2, 4, 8]) {
      const errors = [];
      for (let draw = 0; draw < draws; draw++) {
        const of = fold(fold(key(run.seed), `swap ${swaps}`), draw);
        errors.push(await error(swapMany(of, { net, variables }, swaps)));
      }
      swapped.push({ swaps, error: summarize(errors).mean });
    }
    release(variables);
    return { whole, without, withoutMany, swapped };
  });
}

/** Swaps neighbouring blocks that keep the shape, so many times. */
function swapMany(
  of: Key,
  whole: ReturnType<typeof withoutBlocks>,
  swaps: number,
): ReturnType<typeof withoutBlocks> {
  const pairs = removableBlocks(whole.net).filter(([stage, place]) =>
    place + 1 < whole.net.blocks[stage]!
  );
  let changed = whole;
  for (let i = 0; i < swaps; i++) {
    const [stage, place] = pairs[permutation(fold(of, i), pairs.length)[0]!]!;
    changed = swapBlocks(changed.net, changed.variables, stage, [place, place + 1]);
  }
  return changed;
}

/** The loss of a batch with its own statistics. */
function lossOf(model: Layer, variables: Variables, x: Tensor, y: Tensor): Tensor {
  const [output] = model.apply(variables, x, trainMode(key(0)));
  return crossEntropy(output, y);
}

async function normOf(x: Tensor): Promise<number> {
  using norm = ops.tidy(() => ops.sqrt(ops.sum(ops.square(x))));
  return (await norm.data())[0]!;
}
