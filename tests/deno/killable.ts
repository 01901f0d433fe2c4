/**
 * A small training on wasm in which everything that a checkpoint has to keep is at work: momentum,
 * running statistics, random masks, and data in random order. As a program it trains in a folder, from
 * its newest checkpoint on, until it is killed, and says what is on the disk:
 * `deno run tests/deno/killable.ts FOLDER`.
 *
 * @module
 */

import {
  batchNorm,
  type Checkpoint,
  conv,
  crossEntropy,
  dense,
  dropout,
  flatten,
  fold,
  initTraining,
  key,
  randomBits,
  release,
  relu,
  sequential,
  setup,
  sgd,
  train,
  type Training,
  type TrainState,
} from "@fplusx/nn";
import { batches, dataset, type LabelledBatch } from "@fplusx/nn/data";
import { checkpointFolder } from "@fplusx/nn/deno";

/** Steps between two checkpoints. */
export const EVERY = 2;
/** Checkpoints that are kept. */
export const KEEP = 3;

const COUNT = 50;
const data = dataset({
  images: Uint8Array.from(randomBits(key(1), COUNT * 64)),
  shape: [COUNT, 8, 8, 1],
  labels: Uint8Array.from({ length: COUNT }, (_, i) => i % 10),
  classes: 10,
});

const parts = {
  model: sequential(
    conv(8, 3),
    batchNorm(),
    relu,
    flatten, // [batch, 512]
    dropout(0.2),
    dense(48),
    relu,
    dense(10),
  ),
  optimizer: sgd({ momentum: 0.9 }),
  loss: crossEntropy,
};

/** The state before the first step. */
export function fresh(): TrainState {
  return initTraining(parts, key(2), [8, 8, 8, 1]) as TrainState;
}

/** Where a training begins when nothing was saved. */
export function beginning(): Omit<Checkpoint, "config"> {
  return { state: fresh(), step: 0, cursor: { epoch: 0, index: 0 } };
}

/** The training from a place on, whose state it takes over; it does not end. */
export function training(
  { state, step, cursor }: Omit<Checkpoint, "config">,
): Training<TrainState["params"], TrainState["state"], LabelledBatch> {
  return train({
    ...parts,
    state,
    firstStep: step,
    batches: batches(data, { size: 8, key: fold(key(3), "data"), epochs: Infinity, cursor }),
    schedule: (step) => 0.01 / (1 + step / 100),
    seed: 4,
  });
}

/** Goes on with a training, and gives what is to be saved of each step that is a checkpoint. */
export async function* checkpoints(from: Omit<Checkpoint, "config">): AsyncGenerator<Checkpoint> {
  using running = training(from);
  for await (const event of running) {
    if (event.kind !== "loss" || (event.step + 1) % EVERY !== 0) continue;
    const { state, step, batch } = event;
    yield { state, step: step + 1, cursor: batch.cursor, config: { of: "killable" } };
  }
}

if (import.meta.main) {
  await setup({ backend: "wasm" });
  await using folder = await checkpointFolder(Deno.args[0]!, { keep: KEEP });
  const like = fresh();
  const found = await folder.latest(like);
  release(like);
  let written: number | undefined;
  for await (const checkpoint of checkpoints(found ?? beginning())) {
    // Waits for the one before.
    await folder.save(checkpoint);
    if (written !== undefined) console.log(written);
    written = checkpoint.step;
  }
}
