/** The instruments: responses and their closed form, directions, the 1 × 1 convolution, samples, costs. */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  ArgumentError,
  conv,
  entries,
  evalMode,
  key,
  map,
  normal,
  ops,
  release,
  setup,
} from "@fplusx/nn";
import { dataset } from "@fplusx/nn/data";
import {
  bottleneckCosts,
  filterDirection,
  makeNet,
  netOfDepth,
  pointwiseExample,
  responsesOf,
  sampleOf,
  shrink,
} from "@fplusx/nn/lab";
import { testEach } from "../backends.ts";

for (const block of ["plain", "A"] as const) {
  testEach(`Responses of blocks "${block}" are √(mean γ² + Var β)`, async () => {
    const shape = [16, 8, 8, 3];
    const model = makeNet(netOfDepth(block, 14, 4));
    const { params, state } = model.init(key(0), shape);
    using x = normal(key(1), shape);
    const fresh = await responsesOf(model, { params, state }, x);
    assertEquals(fresh.measured.length, 13);
    for (const response of fresh.measured) assertAlmostEquals(response, 1, 1e-3);
    const trained = map((leaf, path) => {
      if (!/bn\d?\.(weight|bias)$/.test(path)) return ops.clone(leaf);
      return ops.tidy(() =>
        ops.add(leaf, normal(key(path.length), leaf.shape, { deviation: 0.5 }))
      );
    }, params);
    const { measured, calculated } = await responsesOf(model, { params: trained, state }, x);
    measured.forEach((value, i) => assertAlmostEquals(value / calculated[i]!, 1, 2e-3));
    assert(Math.max(...measured) > 1.2 * Math.min(...measured));
    release([params, state, trained]);
  });
}

testEach(
  "A direction has filters as long as those of the network, and leaves the rest",
  async () => {
    const { params, state } = makeNet(netOfDepth("A", 8, 4)).init(key(0), [1, 8, 8, 3]);
    const direction = filterDirection(key(1), params);
    const theirs = new Map(entries(direction));
    for (const [path, leaf] of entries(params)) {
      const [own, other] = [await leaf.data(), await theirs.get(path)!.data()];
      if (leaf.shape.length === 1) {
        assert(other.every((value) => value === 0), path);
        continue;
      }
      const filters = leaf.shape.at(-1)!;
      for (let f = 0; f < filters; f++) {
        const length = (values: ArrayLike<number>) =>
          Math.sqrt(
            Array.from(values).filter((_, i) => i % filters === f).reduce((s, v) => s + v * v, 0),
          );
        assertAlmostEquals(length(other), length(own), 1e-4 * length(own));
      }
    }
    release([params, state, direction]);
  },
);

testEach("A 1 × 1 convolution is a matrix product over the channels of each pixel", async () => {
  const x = normal(key(0), [2, 5, 4, 32]);
  const weight = normal(key(1), [1, 1, 32, 7]);
  const [y] = conv(7, 1, { bias: false }).apply({ params: { weight }, state: [] }, x, evalMode);
  const product = ops.tidy(() =>
    ops.reshape(
      ops.matMul(ops.reshape(x, [-1, 32]), ops.reshape(weight, [32, 7])),
      [2, 5, 4, 7],
    )
  );
  const [ours, theirs] = [await y.data(), await product.data()];
  ours.forEach((value, i) => assertAlmostEquals(value, theirs[i]!, 1e-4));
  release([x, weight, y, product]);
});

Deno.test("The worked example multiplies on one channel, and adds up 32 numbers on many", async () => {
  await setup({ backend: "cpu" });
  const { one, many, difference } = await pointwiseExample();
  assertEquals(one.input.length, 36);
  assertEquals(one.output, one.input.map((value) => value * one.weight));
  assertEquals([many.numbers.length, many.weights.length], [32, 32]);
  assertAlmostEquals(
    many.numbers.reduce((sum, value, c) => sum + value * many.weights[c]!, 0),
    many.sum,
    1e-9,
  );
  assertEquals(many.rectified, Math.max(0, many.sum));
  assert(difference < 1e-5);
});

Deno.test("Bottlenecks cost what blocks of two layers do, exactly", () => {
  assertEquals(
    bottleneckCosts().map(({ parameters, multiplyAdds }) => [parameters, multiplyAdds]),
    [
      [2 * 36_864 + 2 * 2 * 64, 2 * 115_605_504],
      [2 * 256 * 64 + 36_864 + 2 * (64 + 64 + 256), 2 * 51_380_224 + 115_605_504],
      [70_400 + 65_536 + 512, 218_365_952 + 256 * 256 * 56 * 56],
      [25_557_032, 4_089_184_256],
      [40_128_552, 6_555_435_008],
    ],
  );
});

Deno.test("shrink() takes means of squares, for each channel", () => {
  const whole = dataset({
    images: Uint8Array.of(...[0, 100, 4, 100, 8, 0, 0, 0], ...[0, 100, 4, 100, 8, 0, 0, 2]),
    shape: [1, 2, 4, 2],
    labels: [1],
    classes: ["a", "b"],
  });
  const small = shrink(whole, 2);
  assertEquals(small.shape, [1, 1, 2, 2]);
  assertEquals(small.images, Uint8Array.of(2, 100, 4, 1));
  assertEquals([small.classNames, [...small.labels]], [["a", "b"], [1]]);
  assertEquals(shrink(whole, 1).images, whole.images);
  assertEquals(
    shrink({ ...whole, images: Float32Array.from(whole.images, (v) => v / 8) }, 2).images,
    Float32Array.of(0.25, 12.5, 0.5, 0.0625),
  );
  assertEquals(
    assertThrows(() => shrink(whole, 4), ArgumentError).message,
    "Cannot shrink images of 2 × 4 by 4: need a divisor of both",
  );
});

Deno.test("Test images are normalised with the statistics of those learned from", () => {
  const set = (value: number) =>
    dataset({ images: Uint8Array.of(0, value), shape: [2, 1, 1, 1], labels: [0, 0], classes: 1 });
  const { train, test } = sampleOf({ name: "", train: set(200), test: set(50) }, {
    images: 2,
    tests: 1,
    shrink: 1,
  });
  assertEquals(test.statistics, train.statistics);
  assertEquals([train.shape[0], test.shape[0]], [2, 1]);
});
