import { assert, assertEquals, assertThrows } from "@std/assert";
import { ArgumentError, DTypeError, LabelError, ShapeError } from "../../lib/errors.ts";
import { grad, valueAndGrad } from "../../lib/grad.ts";
import * as ops from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import type { Scalar, Tensor } from "../../lib/tensor.ts";
import { crossEntropy, type CrossEntropyOptions, meanSquaredError } from "../../lib/train/loss.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";
import golden from "../golden/loss.json" with { type: "json" };

const [BATCH, CLASSES] = [5, 7];

/** The logits of tests/golden/make_loss.py. */
function logitsOf(scale: number): Tensor {
  const formula = (_: unknown, i: number) => scale * Math.sin(1.3 * i + 0.5);
  return ops.tensor(Float32Array.from({ length: BATCH * CLASSES }, formula), [BATCH, CLASSES]);
}

/** The labels of tests/golden/make_loss.py. */
function labelsOf(): Tensor {
  return ops.tensor(Int32Array.from({ length: BATCH }, (_, row) => (3 * row + 2) % CLASSES));
}

for (const { loss, gradient, scale, ...others } of golden.cases) {
  const options = others as CrossEntropyOptions;
  testEach(
    `crossEntropy() with ${JSON.stringify({ ...others, scale })} and its gradient are torch's`,
    async () => {
      const [logits, labels] = [logitsOf(scale), labelsOf()];
      const weights = ops.tensor([1, 2, 3, 4, 5]);
      const weighted = ([logits]: readonly [Tensor]): Scalar => {
        const losses = crossEntropy(logits, labels, options);
        return options.reduction === "none" ? ops.sum(ops.mul(losses, weights)) : losses;
      };
      const value = crossEntropy(logits, labels, options);
      const [total, [slope]] = valueAndGrad(weighted)([logits]);
      await assertClose(await value.data(), loss, { absolute: 1e-6, relative: 3e-7 });
      await assertClose(
        slope,
        { shape: [BATCH, CLASSES], values: gradient },
        { absolute: 1e-6, relative: 1e-6 },
      );
      release([logits, labels, weights, value, total, slope]);
    },
  );
}

testEach("crossEntropy() and its gradient are finite and exact for logits of ±1e4", async () => {
  const logits = ops.tensor([1e4, -1e4, -1e4, 1e4], [2, 2]);
  const labels = ops.tensor(Int32Array.of(0, 0));
  const loss = ([logits]: readonly [Tensor]) => crossEntropy(logits, labels);
  const [value, [slope]] = valueAndGrad(loss)([logits]);
  assertEquals([...await value.data()], [1e4]);
  assertEquals([...await slope.data()].map((x) => x + 0), [0, 0, -0.5, 0.5]);
  release([logits, labels, value, slope]);
});

testEach("crossEntropy() takes more axes in front of the classes", async () => {
  const [logits, labels] = [logitsOf(2), labelsOf()];
  const [deep, deepLabels] = [
    ops.reshape(logits, [1, BATCH, CLASSES]),
    ops.reshape(labels, [1, BATCH]),
  ];
  const [flat, same] = [crossEntropy(logits, labels), crossEntropy(deep, deepLabels)];
  await assertClose(same, flat);
  release([logits, labels, deep, deepLabels, flat, same]);
});

testEach(
  "crossEntropy() by a smoothing of a share is that share of the loss of each class",
  async () => {
    const smoothing = 0.3;
    const [logits, labels] = [logitsOf(2), labelsOf()];
    const smooth = crossEntropy(logits, labels, { labelSmoothing: smoothing });
    const plain = crossEntropy(logits, labels);
    const each = Array.from({ length: CLASSES }, (_, label) => {
      using all = ops.tensor(new Int32Array(BATCH).fill(label));
      return crossEntropy(logits, all);
    });
    const mean = ops.tidy(() => ops.mean(ops.concat(each.map((x) => ops.reshape(x, [1])), 0)));
    const expected = ops.tidy(() =>
      ops.add(ops.mul(plain, 1 - smoothing), ops.mul(mean, smoothing))
    );
    await assertClose(smooth, expected, { absolute: 2e-6 });
    release([logits, labels, smooth, plain, each, mean, expected]);
  },
);

testEach("the gradient of crossEntropy() sums to zero over the classes", async () => {
  const [logits, labels] = [logitsOf(3), labelsOf()];
  const [slope] = grad(([x]: readonly [Tensor]) => crossEntropy(x, labels))([logits]);
  const sums = ops.sum(slope, -1);
  await assertClose(sums, { shape: [BATCH], values: new Float32Array(BATCH) });
  release([logits, labels, slope, sums]);
});

/** The message of the error of a loss of made-up logits `[4, 10]`. */
function refuses(
  labels: () => Tensor,
  // deno-lint-ignore no-explicit-any -- as assertThrows has it
  type: new (...args: any[]) => Error,
  options?: CrossEntropyOptions,
): string {
  return ops.tidy(() => {
    const logits = ops.zeros([4, 10]);
    return assertThrows(() => crossEntropy(logits, labels(), options), type).message;
  });
}

for (const label of [10, -1, 2 ** 31 - 1]) {
  testEach(`crossEntropy() refuses the label ${label} of ten classes by index`, () => {
    assertEquals(
      refuses(() => ops.tensor(Int32Array.of(0, 9, 3, label)), LabelError),
      `Cannot use label ${label} at index 3: need an integer from 0 to 9`,
    );
  });
}

testEach("crossEntropy() refuses labels that are not int32, among them 1.5 and NaN", () => {
  assertEquals(
    refuses(() => ops.tensor([0, 1.5, NaN, 3]), DTypeError),
    "Cannot compare logits with float32 labels: need int32",
  );
});

testEach("crossEntropy() refuses labels of another shape", () => {
  assertEquals(
    refuses(() => ops.tensor(Int32Array.of(0, 1, 2)), ShapeError),
    "Cannot compare logits of shape [4,10] with labels of shape [3]: need labels of shape [4]",
  );
  assertEquals(
    refuses(() => ops.zeros([4, 10], "int32"), ShapeError),
    "Cannot compare logits of shape [4,10] with labels of shape [4,10]: need labels of shape [4]",
  );
});

for (const labelSmoothing of [1, -0.1, NaN]) {
  testEach(`crossEntropy() refuses a smoothing of ${labelSmoothing}`, () => {
    assertEquals(
      refuses(() => ops.zeros([4], "int32"), ArgumentError, { labelSmoothing }),
      `Cannot smooth labels by ${labelSmoothing}: need a number of at least 0 and less than 1`,
    );
  });
}

testEach("meanSquaredError() and its gradient follow their formula", async () => {
  const [a, b] = [logitsOf(2), logitsOf(-1)];
  const [value, [slope]] = valueAndGrad(([a]: readonly [Tensor]) => meanSquaredError(a, b))([a]);
  const [x, y] = [await a.data(), await b.data()];
  const differences = Array.from(x, (value, i) => value - y[i]!);
  const mean = differences.reduce((sum, d) => sum + d * d, 0) / differences.length;
  await assertClose(value, { shape: [], values: [mean] }, { relative: 1e-6 });
  const slopes = differences.map((d) => 2 * d / differences.length);
  await assertClose(slope, { shape: [BATCH, CLASSES], values: slopes });
  assert(!a.isDisposed && !b.isDisposed);
  release([a, b, value, slope]);
});

testEach("meanSquaredError() never broadcasts", () => {
  ops.tidy(() => {
    const error = assertThrows(
      () => meanSquaredError(ops.zeros([4, 1]), ops.zeros([4])),
      ShapeError,
    );
    assertEquals(
      error.message,
      "Cannot compare predictions of shape [4,1] with targets of shape [4]: need the same shape",
    );
  });
});
