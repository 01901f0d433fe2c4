/** A training that is taken up again is the one that never stopped, to the bit, wherever it stopped. */

import { assertEquals } from "@std/assert";
import { formatCheckpoint, parseCheckpoint, release } from "@fplusx/nn";
import { testEach } from "../backends.ts";
import { beginning, fresh, training } from "./killable.ts";

/** What there is to know of a step: its loss and rate, the labels it learned from, what came of it. */
type Seen = {
  readonly loss: number;
  readonly learningRate: number;
  readonly labels: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
};

/** Follows a training up to a step, and saves after each; does not wait for that if told so. */
async function follow(
  from: ReturnType<typeof beginning>,
  steps: number,
  wait = true,
): Promise<Seen[]> {
  using running = training(from);
  const seen: Promise<Seen>[] = [];
  for await (const event of running) {
    if (event.kind !== "loss") continue;
    const { loss, learningRate, state, batch: { y, cursor } } = event;
    const step = event.step + 1;
    const labels = [...await y.data()];
    const saved = formatCheckpoint({ state, step, cursor, config: {} });
    if (wait) await saved;
    seen.push(saved.then((bytes) => ({ loss, learningRate, labels, bytes })));
    if (step === steps) break;
  }
  return await Promise.all(seen);
}

// Fifty images in batches of eight: an epoch ends after seven steps, with a batch of two.
testEach(
  "A training that stops goes on as if it had not, be it at the end of an epoch",
  async () => {
    const whole = await follow(beginning(), 9);
    assertEquals(new Set(whole.map(({ loss }) => loss)).size, 9);
    assertEquals(
      new Set(whole.slice(0, 7).flatMap(({ labels }) => labels.length)),
      new Set([8, 2]),
    );
    const like = fresh();
    for (const stopped of [2, 7]) {
      const found = await parseCheckpoint(whole[stopped - 1]!.bytes, like);
      assertEquals(await follow(found, 9), whole.slice(stopped));
    }
    release(like);
  },
);

testEach("What is saved while the training goes on is what there was", async () => {
  assertEquals(await follow(beginning(), 4, false), await follow(beginning(), 4));
});
