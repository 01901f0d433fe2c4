import { assert, assertEquals, assertThrows } from "@std/assert";
import { ArgumentError, ShapeError } from "../../lib/errors.ts";
import { valueAndGrad } from "../../lib/grad.ts";
import * as ops from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import type { Tensor } from "../../lib/tensor.ts";
import { binaryCrossEntropy, binaryFocalLoss } from "../../lib/train/binary.ts";
import { klDivergence } from "../../lib/train/divergence.ts";
import { focalLoss } from "../../lib/train/focal.ts";
import { huberLoss } from "../../lib/train/huber.ts";
import { crossEntropy, type LossOptions } from "../../lib/train/loss.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";
import golden from "../golden/loss.json" with { type: "json" };

const [BATCH, CLASSES] = [5, 7];

type Loss = (predictions: Tensor, targets: Tensor, options?: LossOptions) => Tensor;

const LOSSES: Readonly<Record<string, Loss>> = {
  binaryCrossEntropy,
  binaryFocalLoss,
  focalLoss,
  huberLoss,
  klDivergence,
};

const values = (formula: (i: number) => number): Tensor =>
  ops.tensor(Float32Array.from({ length: BATCH * CLASSES }, (_, i) => formula(i)), [
    BATCH,
    CLASSES,
  ]);

/** The targets of tests/golden/make_loss.py. */
const TARGETS: Readonly<Record<string, () => Tensor>> = {
  hard: () => values((i) => i % 2),
  soft: () => values((i) => 0.5 + 0.5 * Math.cos(0.7 * i)),
  shares: () => {
    const raw = (i: number) => i % 3 === 0 ? 0 : 1.5 + Math.cos(0.9 * i);
    const sumOfRow = (i: number) => {
      const first = i - i % CLASSES;
      return Array.from({ length: CLASSES }, (_, c) => raw(first + c)).reduce((a, b) => a + b);
    };
    return values((i) => raw(i) / sumOfRow(i));
  },
  numbers: () => values((i) => 2 * Math.cos(0.7 * i)),
  labels: () => ops.tensor(Int32Array.from({ length: BATCH }, (_, row) => (3 * row + 2) % CLASSES)),
};

const logitsOf = (scale: number): Tensor => values((i) => scale * Math.sin(1.3 * i + 0.5));

for (const { name, options, targets, scale, source, losses, gradient } of golden.others) {
  const about = JSON.stringify({ ...options, targets, scale });
  testEach(`${name}() with ${about} and its gradient are those of ${source}`, async () => {
    const all: LossOptions = { ...options, reduction: "none" };
    const [logits, target] = [logitsOf(scale), TARGETS[targets]!()];
    const each = LOSSES[name]!(logits, target, all);
    // Each loss has a weight, as it has in the fixture, so that a mistake in one shows in its gradient.
    const weights = ops.tensor(
      Float32Array.from({ length: each.size }, (_, i) => i + 1),
      each.shape,
    );
    const weighted = ([x]: readonly [Tensor]) =>
      ops.sum(ops.mul(LOSSES[name]!(x, target, all), weights));
    const [total, [slope]] = valueAndGrad(weighted)([logits]);
    await assertClose(await each.data(), losses, { absolute: 1e-6, relative: 1e-6 });
    // A slope is times a weight of up to 35, and so is its rounding.
    await assertClose(await slope.data(), gradient, { absolute: 1e-5, relative: 1e-6 });
    for (const reduction of ["mean", "sum"] as const) {
      using reduced = LOSSES[name]!(logits, target, { ...options, reduction });
      const sum = losses.reduce((sum, loss) => sum + loss, 0);
      const expected = reduction === "sum" ? sum : sum / losses.length;
      await assertClose(reduced, { shape: [], values: [expected] }, {
        absolute: 1e-5,
        relative: 1e-6,
      });
    }
    release([logits, target, each, weights, total, slope]);
  });
}

/** Targets for logits `[2, 3]`, in the order of the losses. */
const SMALL: Readonly<Record<string, () => Tensor>> = {
  binaryCrossEntropy: () => ops.tensor([0, 1, 0, 1, 0, 1], [2, 3]),
  binaryFocalLoss: () => ops.tensor([0, 1, 0, 1, 0, 1], [2, 3]),
  focalLoss: () => ops.tensor(Int32Array.of(0, 1)),
  huberLoss: () => ops.tensor([0, 1, 0, 1, 0, 1], [2, 3]),
  klDivergence: () => ops.tensor([1, 0, 0, 0, 0.5, 0.5], [2, 3]),
};

for (const [name, loss] of Object.entries(LOSSES)) {
  testEach(
    `${name}() and its gradient are finite for predictions of ±1e4 and of zero`,
    async () => {
      const targets = SMALL[name]!();
      for (const row of [[1e4, -1e4, 0, -1e4, 1e4, 0], [0, 0, 0, 0, 0, 0]]) {
        for (const options of [{}, { focus: 0 }, { focus: 0.5 }] as const) {
          const logits = ops.tensor(row, [2, 3]);
          const [value, [slope]] = valueAndGrad(([x]: readonly [Tensor]) =>
            loss(x, targets, options as LossOptions)
          )([logits]);
          const all = [...await value.data(), ...await slope.data()];
          assert(all.every(Number.isFinite), `${all}`);
          release([logits, value, slope]);
        }
      }
      targets.dispose();
    },
  );

  testEach(`${name}() keeps what is not a number`, async () => {
    const [logits, targets] = [ops.tensor([NaN, 0, 0, 0, 0, 0], [2, 3]), SMALL[name]!()];
    const [value, [slope]] = valueAndGrad(([x]: readonly [Tensor]) => loss(x, targets))([logits]);
    assert(Number.isNaN((await value.data())[0]));
    assert(Number.isNaN((await slope.data())[0]));
    release([logits, targets, value, slope]);
  });

  testEach(`${name}() never broadcasts`, () => {
    ops.tidy(() => {
      const targets = name === "focalLoss" ? ops.zeros([1], "int32") : ops.zeros([3]);
      const error = assertThrows(() => loss(ops.zeros([4, 3]), targets), ShapeError);
      assertEquals(
        error.message,
        name === "focalLoss"
          ? "Cannot compare logits of shape [4,3] with labels of shape [1]: " +
            "need labels of shape [4]"
          : "Cannot compare predictions of shape [4,3] with targets of shape [3]: " +
            "need the same shape",
      );
    });
  });
}

testEach("losses are as small as they should be where a model is sure and right", async () => {
  // In 32 bits, 1 - p is zero here.
  const [logits, yes] = [ops.tensor([20], [1]), ops.tensor([1], [1])];
  using entropy = binaryCrossEntropy(logits, yes);
  await assertClose(entropy, { shape: [], values: [Math.log1p(Math.exp(-20))] }, {
    absolute: 0,
    relative: 1e-5,
  });
  const classes = ops.tensor([20, 0], [1, 2]);
  const labels = ops.tensor(Int32Array.of(0));
  const [loss, [slope]] = valueAndGrad(([x]: readonly [Tensor]) =>
    focalLoss(x, labels, { focus: 1 })
  )([classes]);
  const wrong = 1 / (1 + Math.exp(20));
  // The slope is 2·p·wrong² to first order.
  assert((await loss.data())[0]! <= wrong * 1e-6);
  await assertClose(await slope.data(), [0, 0], { absolute: 3 * wrong ** 2 + 1e-15 });
  release([logits, yes, classes, labels, loss, slope]);
});

testEach("focalLoss() and binaryFocalLoss() with a focus of 0 are cross entropies", async () => {
  const [logits, labels, hard] = [logitsOf(2), TARGETS.labels!(), TARGETS.hard!()];
  const pairs = [
    [focalLoss(logits, labels, { focus: 0 }), crossEntropy(logits, labels)],
    [binaryFocalLoss(logits, hard, { focus: 0 }), binaryCrossEntropy(logits, hard)],
  ] as const;
  for (const [focal, plain] of pairs) await assertClose(focal, plain);
  release([logits, labels, hard, pairs]);
});

testEach("klDivergence() is zero from a model that gives the targets", async () => {
  const targets = TARGETS.soft!();
  const shares = ops.softmax(targets);
  const divergence = klDivergence(targets, shares, { reduction: "none" });
  await assertClose(divergence, { shape: [BATCH], values: new Float32Array(BATCH) });
  release([targets, shares, divergence]);
});

testEach("losses refuse options that are out of range", () => {
  ops.tidy(() => {
    const logits = ops.zeros([3]);
    const [targets, labels] = [ops.tensor([0, 1, 0]), ops.tensor(Int32Array.of(0))];
    const refused: readonly (readonly [string, () => unknown])[] = [
      [
        "binaryCrossEntropy with positiveWeight 0: need a positive number",
        () => binaryCrossEntropy(logits, targets, { positiveWeight: 0 }),
      ],
      [
        "binaryFocalLoss with focus -1: need a finite number of at least 0",
        () => binaryFocalLoss(logits, targets, { focus: -1 }),
      ],
      [
        "binaryFocalLoss with balance 1.5: need a number from 0 to 1",
        () => binaryFocalLoss(logits, targets, { balance: 1.5 }),
      ],
      [
        "focalLoss with focus NaN: need a finite number of at least 0",
        () => focalLoss(ops.zeros([1, 3]), labels, { focus: NaN }),
      ],
      [
        "huberLoss with delta 0: need a positive number",
        () => huberLoss(logits, targets, { delta: 0 }),
      ],
    ];
    for (const [message, make] of refused) {
      assertEquals(assertThrows(make, ArgumentError).message, `Cannot make ${message}`);
    }
  });
});
