import { assert, assertEquals, assertThrows } from "@std/assert";
import { ArgumentError, TreeError } from "../../lib/errors.ts";
import { accumulate } from "../../lib/optim/accumulate.ts";
import { adam, scaleByAdam } from "../../lib/optim/adam.ts";
import { chain, namedChain } from "../../lib/optim/chain.ts";
import { clipAdaptively, clipByRms, clipByValue } from "../../lib/optim/clip.ts";
import { averagedParams, ema } from "../../lib/optim/ema.ts";
import { applyIfFinite, zeroNans } from "../../lib/optim/finite.ts";
import { knob } from "../../lib/optim/hyperparameter.ts";
import { lookahead } from "../../lib/optim/lookahead.ts";
import { weightsOnly } from "../../lib/optim/mask.ts";
import { trace } from "../../lib/optim/momentum.ts";
import { addNoise } from "../../lib/optim/noise.ts";
import { partition } from "../../lib/optim/partition.ts";
import { scaleByDeviation } from "../../lib/optim/rmsprop.ts";
import { scaleByLearningRate } from "../../lib/optim/scale.ts";
import { scheduleFree } from "../../lib/optim/schedule_free.ts";
import { sgd } from "../../lib/optim/sgd.ts";
import { applyGradient, type GradientTransformation } from "../../lib/optim/transform.ts";
import { scalar, tidy, zeros } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import type { Scalar } from "../../lib/tensor.ts";
import type { Tree } from "../../lib/tree.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";
import { rate, slope, small, start, valuesOf } from "./problem.ts";

type Formula = (leaf: number, i: number) => number;

/** Takes steps with gradients by formulas, and gives the parameters and the memory. */
function walk<S extends Tree>(
  optimizer: GradientTransformation<S>,
  gradients: readonly Formula[],
  knobsOf: (step: number) => Readonly<Record<string, number>> = () => ({}),
): [params: ReturnType<typeof small>, memory: S] {
  return tidy(() => {
    let params = small(start);
    let memory = optimizer.init(params);
    for (const [t, gradient] of gradients.entries()) {
      const knobs: Record<string, Scalar> = {};
      for (const [name, value] of Object.entries(knobsOf(t))) {
        knobs[name] = scalar(value, name === "seed" ? "int32" : "float32");
      }
      const context = { params, learningRate: scalar(rate(t)), knobs };
      [params, memory] = applyGradient(optimizer, small(gradient), memory, context);
    }
    return [params, memory];
  });
}

const slopes = (count: number): Formula[] => Array.from({ length: count }, (_, t) => slope(t));

testEach("accumulate() of equal gradients is the optimizer itself, fewer times", async () => {
  const twice = [0, 0, 1, 1, 2, 2].map((t) => slope(t));
  const constant = scaleByAdam();
  const [params, memory] = walk(accumulate(2, constant), twice);
  const [expected, inner] = tidy(() => {
    let [params, memory] = [small(start), constant.init(small(start))] as const;
    for (const t of [0, 1, 2]) {
      const context = { params, learningRate: scalar(rate(2 * t + 1)) };
      [params, memory] = applyGradient(constant, small(slope(t)), memory, context);
    }
    return [params, memory];
  });
  assertEquals(await valuesOf(params), await valuesOf(expected));
  assertEquals(await valuesOf(memory.inner), await valuesOf(inner));
  release([params, memory, expected, inner]);
});

testEach("accumulate() leaves everything as it is until the step is due", async () => {
  const [params, memory] = walk(accumulate(3, adam()), slopes(2));
  const [untouched, fresh] = walk(adam(), []);
  assertEquals(await valuesOf(params), await valuesOf(untouched));
  assertEquals(await valuesOf(memory.inner), await valuesOf(fresh));
  assertEquals(await valuesOf(memory.count), [2]);
  release([params, memory, untouched, fresh]);
});

testEach("applyIfFinite() is the optimizer without the gradients that are not finite", async () => {
  const bad = (value: number): Formula => (leaf, i) => leaf === 1 && i === 2 ? value : 1;
  const gradients = [slope(0), bad(NaN), slope(1), bad(Infinity), bad(-Infinity), slope(2)];
  const optimizer = chain(scaleByAdam(), trace(0.5));
  const [params, memory] = walk(applyIfFinite(optimizer, 2), gradients);
  const [expected, inner] = walk(optimizer, [slope(0), slope(1), slope(2)]);
  assertEquals(await valuesOf(params), await valuesOf(expected));
  assertEquals(await valuesOf(memory.inner), await valuesOf(inner));
  assertEquals(await valuesOf([memory.failures, memory.total]), [0, 3]);
  release([params, memory, expected, inner]);
});

testEach("applyIfFinite() lets a gradient through when its patience is over", async () => {
  const [params, memory] = walk(applyIfFinite(sgd(), 2), [() => NaN, () => NaN, () => NaN]);
  assertEquals(await valuesOf(memory.failures), [3]);
  assertEquals(await valuesOf(params), new Array(13).fill(NaN));
  release([params, memory]);
});

testEach("applyIfFinite() does not take large values for infinite ones", async () => {
  const optimizer = chain(clipByValue(1), sgd());
  const [params, memory] = walk(applyIfFinite(optimizer, 2), [() => 3e38]);
  assertEquals(await valuesOf(memory.failures), [0]);
  release([params, memory]);
});

testEach("zeroNans() keeps all but what is not a number", async () => {
  const gradient: Formula = (leaf, i) => i === 0 ? NaN : i === 1 ? -Infinity : leaf + i;
  const [params, learningRate] = [small(start), scalar(1)];
  const updates = small(gradient);
  const [y] = zeroNans().update(updates, [], { params, learningRate });
  const expected = (await valuesOf(updates)).map((value) => Number.isNaN(value) ? 0 : value);
  assertEquals(await valuesOf(y), expected);
  release([params, learningRate, updates, y]);
});

testEach("lookahead() with a share of 1 is the optimizer itself", async () => {
  const [params, memory] = walk(lookahead(adam(), { period: 2, share: 1 }), slopes(5));
  const [expected, inner] = walk(adam(), slopes(5));
  await assertClose(await valuesOf(params), await valuesOf(expected), { absolute: 3e-7 });
  release([params, memory, expected, inner]);
});

testEach(
  "ema() averages the parameters that follow, and leaves the training as it is",
  async () => {
    const [params, memory] = walk(chain(adam(), ema(0.5)), slopes(3));
    const places = [0, 1, 2, 3].map((count) => walk(adam(), slopes(count)));
    assertEquals(await valuesOf(params), await valuesOf(places[3]![0]));
    const [w0, w1, w2, w3] = await Promise.all(places.map(([params]) => valuesOf(params)));
    const average = w0!.map((x, i) => x / 8 + w1![i]! / 8 + w2![i]! / 4 + w3![i]! / 2);
    await assertClose(await valuesOf(averagedParams(params, memory)), average);
    release([params, memory, places]);
  },
);

testEach("averagedParams() finds one average of the parameters, however deep", async () => {
  const both = namedChain({ inner: scheduleFree(sgd()), rest: chain(chain(ema(0.5))) });
  const [params, memory] = walk(both, slopes(1));
  assertEquals(
    assertThrows(() => averagedParams(params, memory), TreeError).message,
    "Cannot find averaged parameters in this memory: need one average, got 2",
  );
  assertEquals(
    assertThrows(() => averagedParams(params, sgd().init(params)), TreeError).message,
    "Cannot find averaged parameters in this memory: need one average, got 0",
  );
  const found = averagedParams(params, memory.rest);
  assertEquals(await valuesOf(found), await valuesOf(memory.rest));
  assertEquals(Object.keys(found), ["conv", "scale"]);
  release([params, memory]);
});

testEach("averagedParams() finds the average of a parameter that is the whole tree", async () => {
  const params = zeros([2]);
  const memory = ema(0.5).init(params);
  assertEquals(await valuesOf(averagedParams(params, memory)), [0, 0]);
  release([params, memory]);
});

testEach("partition() is each of its parts on the leaves of its own", async () => {
  const parts = { matrices: [weightsOnly, trace(0.5)], rest: ["**", scaleByAdam()] } as const;
  const [params, memory] = walk(chain(partition(parts), scaleByLearningRate()), slopes(3));
  const [byTrace, traced] = walk(chain(trace(0.5), scaleByLearningRate()), slopes(3));
  const [byAdam, other] = walk(chain(scaleByAdam(), scaleByLearningRate()), slopes(3));
  assertEquals(await valuesOf(params.conv.weight), await valuesOf(byTrace.conv.weight));
  assertEquals(await valuesOf(params.conv.bias), await valuesOf(byAdam.conv.bias));
  assertEquals(await valuesOf(params.scale), await valuesOf(byAdam.scale));
  release([params, memory, byTrace, traced, byAdam, other]);
});

testEach("partition() names every parameter that is in no part", () => {
  tidy(() => {
    const optimizer = partition({ kernels: ["**.weight", sgd()] });
    const error = assertThrows(() => optimizer.init(small(start)), TreeError);
    assertEquals(
      error.message,
      'Cannot partition parameters: no part includes "conv.bias", "scale"',
    );
  });
});

testEach("a knob turns from step to step, and a number is the knob that stays", async () => {
  const all = ["beta1", "beta2", "epsilon"] as const;
  const numbers = { beta1: 0.75, beta2: 0.5, epsilon: 0.25 };
  const knobs = Object.fromEntries(all.map((name) => [name, knob(name)]));
  const [params, memory] = walk(adam(numbers), slopes(3));
  const [same, alike] = walk(adam(knobs), slopes(3), () => numbers);
  assertEquals(await valuesOf(same), await valuesOf(params));
  const [turned, other] = walk(adam(knobs), slopes(3), (t) => ({ ...numbers, epsilon: t + 1 }));
  const [here, there] = [await valuesOf(params), await valuesOf(turned)];
  assert(here.every((value, i) => value !== there[i]));
  release([params, memory, same, alike, turned, other]);
});

testEach("a step without its knob is refused, and one that is out of its range", () => {
  tidy(() => {
    const optimizer = sgd({ momentum: knob("momentum") });
    const params = small(start);
    const state = optimizer.init(params);
    const take = (knobs?: Readonly<Record<string, Scalar>>) => () =>
      applyGradient(optimizer, params, state, {
        params,
        learningRate: scalar(1),
        ...knobs && { knobs },
      });
    assertEquals(
      assertThrows(take(), ArgumentError).message,
      'Cannot take a step without the knob "momentum": got none',
    );
    assertEquals(
      assertThrows(take({ seed: scalar(1), decay: scalar(0) }), ArgumentError).message,
      'Cannot take a step without the knob "momentum": got "seed", "decay"',
    );
    assertEquals(
      assertThrows(take({ momentum: scalar(1.5) }), ArgumentError).message,
      "Cannot take a step of trace with decay 1.5: need a number of at least 0 and less than 1",
    );
  });
});

testEach(
  "addNoise() draws normal noise of the variance it should, anew for each leaf",
  async () => {
    const noise = addNoise(0.25, { power: 1 });
    const [params, learningRate, seed] = [
      { a: zeros([5000]), b: zeros([5000]) },
      scalar(1),
      scalar(3, "int32"),
    ];
    const context = { params, learningRate, knobs: { seed } };
    const state = noise.init(params);
    const [first, once] = noise.update(params, state, context);
    const [second, twice] = noise.update(params, once, context);
    const [a, b] = [await first.a.data(), await first.b.data()];
    const mean = (values: ArrayLike<number>) =>
      Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;
    await assertClose([mean(a), mean(b)], [0, 0], { absolute: 0.03 });
    await assertClose([mean(a.map((x) => x * x))], [0.25], { absolute: 0.02 });
    await assertClose([mean(a.map((x, i) => x * b[i]!))], [0], { absolute: 0.02 });
    // The same seed, one step later: half of the variance.
    const later = await second.a.data();
    await assertClose(later, a.map((x) => x * Math.SQRT1_2));
    release([context, state, first, once, second, twice]);
  },
);

testEach("addNoise() needs a seed", () => {
  tidy(() => {
    const params = small(start);
    const noise = addNoise(0.1);
    const context = { params, learningRate: scalar(1) };
    assertEquals(
      assertThrows(() => noise.update(params, noise.init(params), context), ArgumentError).message,
      'Cannot take a step without the knob "seed": got none',
    );
  });
});

testEach("scaleByDeviation() stays a number for a gradient that never changes", async () => {
  const [params, memory] = walk(
    chain(scaleByDeviation(), clipByValue(1)),
    Array(60).fill(() => 0.1),
  );
  assertEquals((await valuesOf(params)).every(Number.isFinite), true);
  release([params, memory]);
});

testEach("clips leave what is within their bounds bit for bit, and zeros", async () => {
  const [params, learningRate] = [small(() => 100), scalar(1)];
  for (const clip of [clipByRms(9), clipAdaptively(1), clipByValue(9)]) {
    for (const formula of [slope(0), () => 0]) {
      const gradient = small(formula);
      const [updates] = clip.update(gradient, [], { params, learningRate });
      assertEquals(await valuesOf(updates), await valuesOf(gradient));
      release([gradient, updates]);
    }
  }
  release([params, learningRate]);
});

Deno.test("namedChain() keeps the names it is given", () => {
  const state = namedChain({ b: trace(0.9), a: chain(trace(0.1)) }).init([]);
  assertEquals(Object.keys(state), ["b", "a"]);
  assertEquals(Object.keys(state.a), ["trace"]);
});
