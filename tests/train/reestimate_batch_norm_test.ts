import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import {
  type Batch,
  batchNorm,
  dropout,
  EmptyError,
  evalMode,
  key,
  layer,
  normal,
  ops,
  reestimateBatchNorm,
  release,
  scoped,
  sequential,
  setup,
  type Tensor,
  trainMode,
  zeros,
} from "@fplusx/nn";
import { resnetCifar } from "@fplusx/nn/models";
import { testEach } from "../backends.ts";

const CHANNELS = 3;

/** Values around a large mean, in batches of the sizes. */
function* cut(x: Tensor, sizes: readonly number[]): Generator<Batch> {
  let start = 0;
  for (const size of sizes) {
    const begin = x.shape.map((_, axis) => axis === 0 ? start : 0);
    yield { x: ops.slice(x, begin, [size, ...x.shape.slice(1)]), y: zeros([size]) };
    start += size;
  }
}

/** Mean and biased variance of each channel, in doubles. */
function momentsOf(values: ArrayLike<number>): [mean: number[], variance: number[]] {
  const of = (f: (value: number, channel: number) => number) =>
    Array.from({ length: CHANNELS }, (_, channel) => {
      let sum = 0;
      for (let i = channel; i < values.length; i += CHANNELS) sum += f(values[i]!, channel);
      return sum / (values.length / CHANNELS);
    });
  const mean = of((value) => value);
  return [mean, of((value, channel) => (value - mean[channel]!) ** 2)];
}

testEach("moments are those of all values, however they are cut into batches", async () => {
  const model = batchNorm();
  using variables = scoped(model.init(key(0), [1, 2, 2, CHANNELS]));
  using x = normal(key(1), [12, 2, 2, CHANNELS], { mean: 5, deviation: 2 });
  const [mean, variance] = momentsOf(await x.data());
  for (const sizes of [[12], [6, 6], [1, 11], [1, 2, 3, 6], new Array(12).fill(1)]) {
    using state = scoped(await reestimateBatchNorm(model, variables, { batches: cut(x, sizes) }));
    (await state.mean.data()).forEach((value, c) => assertAlmostEquals(value, mean[c]!, 1e-5));
    (await state.variance.data()).forEach((v, c) => assertAlmostEquals(v, variance[c]!, 2e-5));
  }
});

testEach("on one batch a network does in eval mode what it does in train mode", async () => {
  const model = resnetCifar(8, { width: 4 });
  using variables = scoped(model.init(key(0), [6, 16, 16, 3]));
  using x = normal(key(1), [6, 16, 16, 3]);
  const { params } = variables;
  using state = scoped(
    await reestimateBatchNorm(model, variables, { batches: cut(x, [6]) }),
  );
  const [trained, next] = model.apply(variables, x, trainMode(key(2)));
  const [evaluated] = model.apply({ params, state }, x, evalMode);
  const [a, b] = [await trained.data(), await evaluated.data()];
  a.forEach((value, i) => assertAlmostEquals(value, b[i]!, 2e-4));
  release([trained, evaluated, next], [variables, x, state]);
});

Deno.test("state that is no moment, and the variables, are as they were", async () => {
  await setup({ backend: "cpu" });
  const counter = layer({
    kind: "counter",
    init: (_key, shape) => ({ params: [], state: { count: zeros([]), mean: zeros([]) }, shape }),
    apply: ({ state: { count, mean } }, x) => [
      ops.clone(x),
      { count: ops.add(count, 1), mean: ops.add(mean, 1) },
    ],
  });
  const model = sequential(counter, batchNorm(), dropout(0.5), batchNorm());
  using variables = scoped(model.init(key(0), [4, CHANNELS]));
  using x = normal(key(1), [8, CHANNELS]);
  const again = (seed: number) =>
    reestimateBatchNorm(model, variables, { batches: cut(x, [4, 4]), seed });
  const [first, same, other] = [await again(1), await again(1), await again(2)];
  for (const state of [first, variables.state]) {
    assertEquals([...await state[0].count.data(), ...await state[0].mean.data()], [0, 0]);
  }
  assertEquals([...await variables.state[1].variance.data()], [1, 1, 1]);
  const means = async (state: typeof first) => [...await state[3].mean.data()];
  assertEquals(await means(first), await means(same));
  assert((await means(first)).some((mean, c) => mean !== 0 && c >= 0));
  assert(`${await means(first)}` !== `${await means(other)}`, "dropout draws by the seed");
  release([first, same, other]);
});

Deno.test("reestimateBatchNorm() tells how far it is, and needs a batch", async () => {
  await setup({ backend: "cpu" });
  const model = batchNorm();
  using variables = scoped(model.init(key(0), [1, CHANNELS]));
  using x = normal(key(1), [7, CHANNELS]);
  const told: number[] = [];
  const progress = (examples: number) => void told.push(examples);
  release(await reestimateBatchNorm(model, variables, { batches: cut(x, [4, 3]), progress }));
  assertEquals(told, [4, 7]);
  await assertRejects(
    () => reestimateBatchNorm(model, variables, { batches: [] }),
    EmptyError,
    "Cannot estimate the statistics of batch normalisation: there is no batch",
  );
});
