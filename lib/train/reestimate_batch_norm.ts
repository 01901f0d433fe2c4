/**
 * Exact statistics for batch normalisation. Running averages are of the last batches only, most of them
 * seen with parameters that have changed since; here the batches are gone through once more with the
 * parameters as they are, and mean and variance are those of all values together. The authors of the
 * residual networks did so for what they published
 * ({@link https://github.com/KaimingHe/deep-residual-networks notes}); PyTorch calls it `update_bn`.
 *
 * @module
 */

import { EmptyError } from "../errors.ts";
import { fold, key } from "../key.ts";
import type { Layer, Variables } from "../layer.ts";
import { nextTurn } from "../next_turn.ts";
import { add, addScaled, clone, mul, scalar, square, sub, tidy } from "../ops.ts";
import { release } from "../ownership.ts";
import type { Tensor } from "../tensor.ts";
import { flatten, map, type Tree } from "../tree.ts";
import type { Batch } from "./step.ts";

/** What {@linkcode reestimateBatchNorm} goes through. */
export interface ReestimateOptions {
  /** Batches as they are trained on, which the estimation takes over. */
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** Seed of what is drawn in train mode, as by dropout; 0 by default. */
  readonly seed?: number;
  /** Is told after each batch how many examples are done. */
  readonly progress?: (examples: number) => void;
}

/**
 * Gives the state of a model with the means and variances of all batches together in its batch
 * normalisations; other state is as it was. Each layer sees what it sees in train mode, where the layers
 * before it normalise each batch by itself. The variance is the biased one: on a single batch, the model
 * does in eval mode what it does in train mode.
 *
 * @throws {EmptyError} If there is no batch.
 *
 * @example The mean of two batches
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batchNorm, key, reestimateBatchNorm, setup, tensor, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const model = batchNorm();
 * const batches = [[1, 3], [5, 7]].map((x) => ({ x: tensor(x, [2, 1]), y: zeros([2]) }));
 * const { mean, variance } = await reestimateBatchNorm(model, model.init(key(0), [2, 1]), { batches });
 * assertEquals([...await mean.data(), ...await variance.data()], [4, 5]);
 * ```
 */
export async function reestimateBatchNorm<P extends Tree, S extends Tree>(
  model: Layer<P, S>,
  { params, state }: Variables<P, S>,
  { batches, seed = 0, progress }: ReestimateOptions,
): Promise<S> {
  let current = map(clone, state);
  let examples = 0;
  let step = 0;
  for await (const { x, y } of batches) {
    const before = current;
    const count = x.shape[0]!;
    const share = count / (examples + count);
    current = tidy(() => {
      const mode = { kind: "train", key: fold(key(seed), step), moments: true } as const;
      const [, batch] = model.apply({ params, state: before }, x, mode);
      return merged(before, batch, share);
    });
    examples += count;
    step++;
    release({ x, y, before }, current);
    progress?.(examples);
    await nextTurn(); // on the CPU nothing else would wait
  }
  if (step > 0) return current;
  release(current);
  throw new EmptyError("Cannot estimate the statistics of batch normalisation: there is no batch");
}

/** The state in which a batch has a share in all moments; what is no moment is as it was. */
function merged<S extends Tree>(state: S, batch: S, share: number): S {
  const now = flatten(batch);
  const before = flatten(state);
  const [rest, between] = [scalar(1 - share), scalar(share * (1 - share))];
  const move = (path: string) => sub(now.get(path)!, before.get(path)!);
  return map((leaf, path) => {
    const [, place, moment] = /^((?:.*\.)?)(mean|variance)$/s.exec(path) ?? [];
    const other = `${place}${moment === "mean" ? "variance" : "mean"}`;
    if (moment === undefined || !before.has(other)) return clone(leaf);
    if (share === 1) return clone(now.get(path)!);
    if (moment === "mean") return addScaled(leaf, move(path), scalar(share));
    // What the batches vary in themselves, and how far their means are from each other.
    const within: Tensor = add(mul(leaf, rest), mul(now.get(path)!, scalar(share)));
    return addScaled(within, square(move(other)), between);
  }, state);
}
