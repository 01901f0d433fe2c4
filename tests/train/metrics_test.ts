import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ArgumentError, EmptyError, LabelError } from "../../lib/errors.ts";
import { key } from "../../lib/key.ts";
import * as ops from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import { normal } from "../../lib/random.ts";
import type { Tensor } from "../../lib/tensor.ts";
import {
  addBatch,
  type Metrics,
  readMeans,
  topKAccuracy,
  type Totals,
} from "../../lib/train/metrics.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";

/** Accuracy on the host: of equal logits the smaller class goes first. */
function reference(logits: ArrayLike<number>, labels: ArrayLike<number>, k: number): number {
  const classes = logits.length / labels.length;
  const hits = Array.from(labels, (label, row) => {
    const scores = Array.from({ length: classes }, (_, c) => logits[row * classes + c]!);
    const order = scores.map((_, c) => c).sort((a, b) => scores[b]! - scores[a]! || a - b);
    return +order.slice(0, k).includes(label);
  });
  return hits.reduce((sum, hit) => sum + hit, 0) / labels.length;
}

const labelsOf = (count: number, classes: number) =>
  ops.tensor(Int32Array.from({ length: count }, (_, i) => (7 * i + 3) % classes));

for (const k of [1, 2, 5, 10]) {
  testEach(`topKAccuracy() of the top ${k} agrees with sorting on the host`, async () => {
    const [logits, labels] = [normal(key(k), [40, 10]), labelsOf(40, 10)];
    const accuracy = topKAccuracy(logits, labels, k);
    const expected = reference(await logits.data(), await labels.data(), k);
    await assertClose(accuracy, { shape: [], values: [expected] });
    release([logits, labels, accuracy]);
  });
}

for (const k of [1, 3]) {
  testEach(`topKAccuracy() of the top ${k} takes the smaller class of equal ones`, async () => {
    const [logits, labels] = [ops.zeros([10, 10]), labelsOf(10, 10)];
    const accuracy = topKAccuracy(logits, labels, k);
    await assertClose(accuracy, { shape: [], values: [k / 10] });
    release([logits, labels, accuracy]);
  });
}

testEach("topKAccuracy() takes more axes in front of the classes", async () => {
  const logits = ops.tensor([9, 1, 5, 1, 9, 5], [1, 2, 3]);
  const labels = ops.tensor(Int32Array.of(0, 2), [1, 2]);
  for (const [k, expected] of [[1, 0.5], [2, 1]] as const) {
    using accuracy = topKAccuracy(logits, labels, k);
    await assertClose(accuracy, { shape: [], values: [expected] });
  }
  release([logits, labels]);
});

testEach("topKAccuracy() refuses more guesses than classes, and labels that are none", () => {
  ops.tidy(() => {
    const [logits, labels] = [ops.zeros([2, 3]), labelsOf(2, 3)];
    for (const k of [0, 4, 1.5]) {
      assertEquals(
        assertThrows(() => topKAccuracy(logits, labels, k), ArgumentError).message,
        `Cannot take the accuracy of the top ${k}: need an integer from 1 to 3, the classes`,
      );
    }
    const wrong = ops.tensor(Int32Array.of(0, 3));
    assertEquals(
      assertThrows(() => topKAccuracy(logits, wrong), LabelError).message,
      "Cannot use label 3 at index 1: need an integer from 0 to 2",
    );
  });
});

testEach(
  "addBatch() and readMeans() give the mean over all examples, whatever the batches",
  async () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    for (const sizes of [[10], [4, 4, 2], [1, 9], [3, 3, 3, 1]]) {
      let totals: Totals<{ readonly a: Tensor; readonly b: Tensor }> | undefined;
      let from = 0;
      for (const size of sizes) {
        const part = ops.tensor(values.slice(from, from += size));
        const metrics = { a: ops.mean(part), b: ops.tidy(() => ops.neg(ops.mean(part))) };
        const next = addBatch(totals, metrics, size);
        release([part, metrics, totals ?? []]);
        totals = next;
      }
      const { a, b } = await readMeans(totals);
      await assertClose([a, b], [mean, -mean], { absolute: 2e-6 });
      assertEquals(totals?.count, 10);
      release(totals ?? []);
    }
  },
);

Deno.test("readMeans() refuses an evaluation without batches", async () => {
  const nothing: Totals<Metrics> | undefined = undefined;
  const error = await assertRejects(() => readMeans(nothing), EmptyError);
  assertEquals(error.message, "Cannot average metrics: no batch was added");
});

Deno.test("addBatch() refuses a batch of no examples", () => {
  for (const count of [0, -1, 1.5, NaN]) {
    const error = assertThrows(() => addBatch(undefined, {}, count), ArgumentError);
    assertEquals(
      error.message,
      `Cannot add a batch of ${count} examples: need an integer of at least 1`,
    );
  }
});
