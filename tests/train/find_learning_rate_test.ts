import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import {
  ArgumentError,
  dense,
  type DenseParams,
  type Empty,
  findLearningRate,
  type FindLearningRateOptions,
  initTraining,
  key,
  liveTensors,
  meanSquaredError,
  setup,
  sgd,
  tensor,
} from "@fplusx/nn";

const parts = { model: dense(1, { bias: false }), optimizer: sgd(), loss: meanSquaredError };
type Options = Pick<
  FindLearningRateOptions<DenseParams, Empty>,
  "from" | "to" | "steps" | "progress"
>;

function* batches(scale: number) {
  while (true) yield { x: tensor([scale], [1, 1]), y: tensor([3 * scale], [1, 1]) };
}

/** Looks for the rate of a parabola of curvature 2 · scale², which diverges above 1 / scale². */
const find = (scale: number, options: Options = {}) =>
  findLearningRate({
    ...parts,
    ...options,
    state: initTraining(parts, key(0), [1, 1]),
    batches: batches(scale),
  });

Deno.test("rates are found around the curvature of the loss, and nothing is left behind", async () => {
  await setup({ backend: "cpu" });
  const before = liveTensors();
  for (const scale of [1, 10]) {
    const { points, steepest, suggestion } = await find(scale, { from: 1e-5 / scale ** 2 });
    const limit = 1 / scale ** 2;
    assert(steepest < limit && steepest > limit / 1000, `${steepest}`);
    assert(suggestion < limit && suggestion > limit / 100, `${suggestion}`);
    assert(points.at(-1)!.learningRate > limit);
    assert(points.length < 100, "the loss explodes before the end");
  }
  assertEquals(liveTensors(), before);
});

Deno.test("rates grow by one factor, from the first to the last", async () => {
  await setup({ backend: "cpu" });
  const seen: number[] = [];
  const { points } = await find(0.01, {
    ...{ from: 1e-4, to: 1, steps: 21 },
    progress: ({ learningRate }) => void seen.push(learningRate),
  });
  assertEquals(points.map(({ learningRate }) => learningRate), seen);
  assertEquals(seen.length, 21);
  seen.forEach((rate, i) => assertAlmostEquals(rate, 1e-4 * 10 ** (i / 5), 1e-12));
  // The first smoothed loss is the loss, and every one is between those before it.
  assertAlmostEquals(points[0]!.smoothed, points[0]!.loss, 1e-9);
});

Deno.test("a loss that is not finite ends the search", async () => {
  await setup({ backend: "cpu" });
  function* batches() {
    for (let i = 0;; i++) {
      yield { x: tensor([i < 15 ? 1 : Infinity], [1, 1]), y: tensor([1], [1, 1]) };
    }
  }
  const state = initTraining(parts, key(0), [1, 1]);
  const { points } = await findLearningRate({ ...parts, state, batches: batches() });
  assertEquals(points.length, 15);
});

Deno.test("findLearningRate() refuses ranges that make no sense, and a start that is too high", async () => {
  await setup({ backend: "cpu" });
  const refuse = async (options: Options, message: string) => {
    const before = liveTensors();
    await assertRejects(() => find(1, options), ArgumentError, message);
    return liveTensors() - before;
  };
  await refuse(
    { from: 1, to: 1 },
    "Cannot look for a learning rate from 1 to 1 in 100 steps: need a rate that grows, and 10 steps",
  );
  await refuse(
    { steps: 9 },
    "Cannot look for a learning rate from 0.00001 to 10 in 9 steps: need a rate that grows, " +
      "and 10 steps",
  );
  await refuse({ from: 0 }, "Cannot make findLearningRate with from 0: need a positive number");
  const left = await refuse(
    { from: 5 },
    "Cannot find a learning rate: the loss exploded at step 1; need a first rate below 5",
  );
  assertEquals(left, 0);
});
