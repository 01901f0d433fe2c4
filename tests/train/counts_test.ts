import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ArgumentError, EmptyError, LabelError, ShapeError } from "../../lib/errors.ts";
import { key } from "../../lib/key.ts";
import * as ops from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import { normal } from "../../lib/random.ts";
import type { Tensor } from "../../lib/tensor.ts";
import { calibrationSums, readCalibration } from "../../lib/train/calibration.ts";
import { addSums, confusionMatrix, readConfusion } from "../../lib/train/confusion.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";
import golden from "../golden/metrics.json" with { type: "json" };

const { classes, examples } = golden;

/** The logits of tests/golden/make_metrics.py: some rows are sure, others are not. */
const logit = (_: unknown, i: number) =>
  (0.3 + Math.floor(i / classes) % 5) * Math.sin(1.7 * i * i + 0.3 * i);
const logits32 = Float32Array.from({ length: examples * classes }, logit);
const logitsOf = (): Tensor => ops.tensor(logits32, [examples, classes]);

/** Its labels: two of three guesses are right, but none of the last class, which is no label. */
const labelsOf = (): Tensor =>
  ops.tensor(Int32Array.from({ length: examples }, (_, i) => {
    const row = logits32.slice(i * classes, (i + 1) * classes);
    const guess = row.indexOf(Math.max(...row));
    return i % 3 > 0 && guess < classes - 1 ? guess : i % (classes - 1);
  }));

testEach("a confusion matrix and what follows from it are those of scikit-learn", async () => {
  const [logits, labels] = [logitsOf(), labelsOf()];
  const matrix = confusionMatrix(logits, labels);
  const { counts, accuracy, classes: scores, macro, weighted } = await readConfusion(matrix);
  assertEquals(counts, golden.confusion);
  await assertClose([accuracy], [golden.accuracy], { absolute: 1e-12 });
  for (const name of ["precision", "recall", "f1"] as const) {
    const mine = [...scores.map((score) => score[name]), macro[name], weighted[name]];
    await assertClose(mine, golden[name], { absolute: 1e-12 });
  }
  assertEquals(scores.map(({ examples }) => examples), golden.support);
  release([logits, labels, matrix]);
});

for (const { bins, expected, largest } of golden.calibration) {
  testEach(`the calibration error of ${bins} bins follows its formula`, async () => {
    const [logits, labels] = [logitsOf(), labelsOf()];
    const sums = calibrationSums(logits, labels, { bins });
    const { expectedError, largestError, bins: all } = await readCalibration(sums);
    await assertClose([expectedError, largestError], [expected, largest], { absolute: 2e-7 });
    assertEquals(all.length, bins);
    assertEquals(all.reduce((sum, { examples }) => sum + examples, 0), examples);
    release([logits, labels, sums]);
  });
}

testEach("sums over batches are those of all examples, whatever the batches", async () => {
  const [logits, labels] = [
    normal(key(3), [60, 5]),
    ops.tensor(new Int32Array(60).map((_, i) => i % 5)),
  ];
  const measure = (logits: Tensor, labels: Tensor) => ({
    confusion: confusionMatrix(logits, labels),
    calibration: calibrationSums(logits, labels),
  });
  const whole = measure(logits, labels);
  for (const size of [60, 25, 7, 1]) {
    let sums: typeof whole | undefined;
    for (let from = 0; from < 60; from += size) {
      const count = Math.min(size, 60 - from);
      const before = sums;
      sums = ops.tidy(() =>
        addSums(
          before,
          measure(ops.slice(logits, [from, 0], [count, 5]), ops.slice(labels, [from], [count])),
        )
      );
      release(before ?? []);
    }
    assertEquals(await sums!.confusion.data(), await whole.confusion.data());
    await assertClose(sums!.calibration, whole.calibration, { absolute: 1e-5 });
    release(sums!);
  }
  release([logits, labels, whole]);
});

testEach("counts take more axes in front of the classes", async () => {
  const logits = ops.tensor([9, 1, 5, 1, 9, 5], [1, 2, 3]);
  const labels = ops.tensor(Int32Array.of(0, 2), [1, 2]);
  const [matrix, sums] = [
    confusionMatrix(logits, labels),
    calibrationSums(logits, labels, { bins: 1 }),
  ];
  assertEquals([...await matrix.data()], [1, 0, 0, 0, 0, 0, 0, 1, 0]);
  assertEquals((await sums.data())[0], 2);
  release([logits, labels, matrix, sums]);
});

testEach("a confidence of 1 is in the last bin, and one on a boundary in the upper", async () => {
  const logits = ops.tensor([0, 0, 200, 0], [2, 2]);
  const labels = ops.tensor(Int32Array.of(0, 0));
  const sums = calibrationSums(logits, labels, { bins: 4 });
  assertEquals([...await sums.data()].slice(0, 4), [0, 0, 1, 1]);
  release([logits, labels, sums]);
});

testEach("counts refuse labels that are none, bins that are none, and nothing", async () => {
  ops.tidy(() => {
    const [logits, wrong] = [ops.zeros([2, 3]), ops.tensor(Int32Array.of(0, 3))];
    for (const count of [confusionMatrix, calibrationSums]) {
      assertEquals(
        assertThrows(() => count(logits, wrong), LabelError).message,
        "Cannot use label 3 at index 1: need an integer from 0 to 2",
      );
    }
    const labels = ops.tensor(Int32Array.of(0, 1));
    assertEquals(
      assertThrows(() => calibrationSums(logits, labels, { bins: 0 }), ArgumentError).message,
      "Cannot make calibrationSums with bins 0: need an integer of at least 1",
    );
  });
  using nothing = ops.zeros([3, 3]);
  assertEquals(
    (await assertRejects(() => readConfusion(nothing), EmptyError)).message,
    "Cannot read a confusion matrix: no batch was added",
  );
  assertEquals(
    (await assertRejects(() => readCalibration(nothing), EmptyError)).message,
    "Cannot read calibration sums: no batch was added",
  );
  using oblong = ops.zeros([2, 3]);
  assertEquals(
    (await assertRejects(() => readConfusion(oblong), ShapeError)).message,
    "Cannot read a confusion matrix of shape [2,3]: need [classes, classes]",
  );
});
