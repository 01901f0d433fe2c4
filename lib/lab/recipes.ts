/**
 * The two recipes that experiments share, so that a network which several of them look at is trained
 * once: one for minutes on a CPU, and that of the paper's section 4.2.
 *
 * @module
 */

import type { Net } from "./nets.ts";
import type { Recipe, Run } from "./training.ts";

/** A recipe without its network. */
export type BaseRecipe = Omit<Recipe, "net" | "from">;

/** For minutes on a CPU: few images of half the size, and few epochs. */
export const QUICK: BaseRecipe = {
  sample: { images: 4096, tests: 2000, shrink: 2 },
  epochs: 8,
  batch: 64,
  learningRate: 0.1,
  weightDecay: 1e-4,
  augment: false,
  keep: [0, 64],
};

/** As {@linkcode QUICK} for half as long, where many networks are compared. */
export const SHORT: BaseRecipe = { ...QUICK, epochs: 4, keep: [] };

/** As the paper's, but for the schedule: half a cosine in place of two steps. */
export const FULL: BaseRecipe = {
  sample: { images: 50_000, tests: 10_000, shrink: 1 },
  epochs: 164,
  batch: 128,
  learningRate: 0.1,
  weightDecay: 1e-4,
  augment: true,
  keep: [0, 391],
};

/** How the quick recipe differs from the paper's, for reports. */
export const QUICK_DIFFERENCES =
  "4,096 images of half the height and width in place of 50,000, half as many filters, 8 epochs " +
  "of batches of 64 along half a cosine, no augmentation; training error is measured after " +
  "training, in eval mode.";

/** Gives the runs of networks for seeds from 0, all of one network together. */
export function runsOf(base: BaseRecipe, nets: readonly Net[], seeds: number): Run[] {
  return nets.flatMap((net) =>
    Array.from({ length: seeds }, (_, seed) => ({ recipe: { ...base, net }, seed }))
  );
}
