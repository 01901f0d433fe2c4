import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { adam, adamw, scaleByAdam } from "../../lib/optim/adam.ts";
import { chain } from "../../lib/optim/chain.ts";
import { clipByGlobalNorm } from "../../lib/optim/clip.ts";
import { addDecayedWeights } from "../../lib/optim/decay.ts";
import { freeze, masked, weightsOnly } from "../../lib/optim/mask.ts";
import { trace } from "../../lib/optim/momentum.ts";
import { scale, scaleByLearningRate } from "../../lib/optim/scale.ts";
import { cosineDecay } from "../../lib/optim/schedule.ts";
import { sgd } from "../../lib/optim/sgd.ts";
import {
  applyGradient,
  applyUpdates,
  type GradientTransformation,
} from "../../lib/optim/transform.ts";
import { clone, scalar } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import { entries, leaves, map, type Tree } from "../../lib/tree.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";
import { slope, small, start, valuesOf } from "./problem.ts";

/** Every transformation; the ones that are whole optimizers go downhill by themselves. */
const DIRECTIONS: Readonly<Record<string, GradientTransformation>> = {
  "chain()": chain(),
  "scale()": scale(0.5),
  "trace()": trace(0.8),
  "trace() with nesterov": trace(0.8, { nesterov: true }),
  "addDecayedWeights()": addDecayedWeights(0.1),
  "addDecayedWeights() with a mask": addDecayedWeights(0.1, { mask: weightsOnly }),
  "clipByGlobalNorm()": clipByGlobalNorm(0.5),
  "scaleByAdam()": scaleByAdam(),
  "masked()": masked(trace(0.8), "conv.*"),
  "masked() with a function": masked(scaleByAdam(), weightsOnly),
  "masked() with nothing": masked(clipByGlobalNorm(1), []),
};
const OPTIMIZERS: Readonly<Record<string, GradientTransformation>> = {
  "scaleByLearningRate()": scaleByLearningRate(),
  "sgd()": sgd(),
  "sgd() with all options": sgd({ momentum: 0.9, nesterov: true, weightDecay: 1e-4 }),
  "sgd() as Caffe": sgd({ momentum: 0.9, weightDecay: 1e-4, convention: "caffe" }),
  "adam()": adam(),
  "adamw()": adamw({ mask: weightsOnly }),
  "a chain of chains": chain(clipByGlobalNorm(5), sgd({ momentum: 0.5 }), trace(0.1)),
};
const FREEZE = { "freeze()": freeze("scale") };

const shapes = (tree: Tree) =>
  entries(tree).map(([path, { shape, dtype }]) => [path, shape, dtype]);

for (const [name, t] of Object.entries({ ...DIRECTIONS, ...OPTIMIZERS, ...FREEZE })) {
  testEach(`${name} keeps structure, shapes and types, and what it was given`, async () => {
    const [params, gradient, learningRate] = [small(start), small(slope(0)), scalar(0.1)];
    const given = { params, gradient, learningRate };
    const before = await valuesOf(given);
    const state = t.init(params);
    const [updates, next] = t.update(gradient, state, given);
    assertEquals(shapes(updates), shapes(params));
    assertEquals(shapes(next), shapes(state));
    assertEquals(await valuesOf(given), before);
    assert(leaves(state).every((leaf) => !leaf.isDisposed));
    for (const leaf of leaves(updates)) {
      for (const other of leaves(given)) assertNotStrictEquals(leaf, other);
    }
    release([given, state, updates, next]);
  });

  testEach(`${name} gives the same bits twice`, async () => {
    const twice = [0, 1].map(() => {
      const [params, gradient, learningRate] = [small(start), small(slope(0)), scalar(0.1)];
      const state = t.init(params);
      const [once, next] = t.update(gradient, state, { params, learningRate });
      const [updates, last] = t.update(gradient, next, { params, learningRate });
      release([params, gradient, learningRate, state, once, next], [updates, last]);
      return [updates, last] as const;
    });
    assertEquals(await valuesOf(twice[0]!), await valuesOf(twice[1]!));
    release(twice);
  });
}

const downhill = Object.entries(DIRECTIONS)
  .map(([name, t]) => [name, chain(t, scaleByLearningRate())] as const);

for (const [name, optimizer] of [...downhill, ...Object.entries(OPTIMIZERS)]) {
  testEach(`${name} finds the bottom of a parabola`, async () => {
    const schedule = cosineDecay(0.3, 100);
    let params = small(start);
    let state = optimizer.init(params);
    for (let t = 0; t < 100; t++) {
      const learningRate = scalar(schedule(t));
      // Of half the sum of squares, the gradient is the place itself.
      const [next, memory] = applyGradient(optimizer, params, state, { params, learningRate });
      release([learningRate, params, state], [next, memory]);
      [params, state] = [next, memory];
    }
    await assertClose(await valuesOf(params), new Array(13).fill(0), { absolute: 0.03 });
    release([params, state]);
  });
}

testEach("chain() is the loop by hand", async () => {
  const parts: readonly GradientTransformation[] = [
    addDecayedWeights(0.1),
    scaleByAdam(),
    trace(0.5),
    scaleByLearningRate(),
  ];
  const chained = chain(...parts);
  const [params, learningRate] = [small(start), scalar(0.1)];
  const context = { params, learningRate };
  let whole = chained.init(params);
  let states: readonly Tree[] = parts.map((part) => part.init(params));
  for (let t = 0; t < 3; t++) {
    const gradient = small(slope(t));
    const [y, next] = chained.update(gradient, whole, context);
    let byHand = map(clone, gradient);
    const nextStates: Tree[] = [];
    for (const [i, part] of parts.entries()) {
      const [updates, next] = part.update(byHand, states[i]!, context);
      release(byHand, nextStates);
      byHand = updates;
      nextStates.push(next);
    }
    assertEquals(await valuesOf(y), await valuesOf(byHand));
    assertEquals(await valuesOf(next), await valuesOf(nextStates));
    release([gradient, y, byHand, whole, states], [next, nextStates]);
    [whole, states] = [next, nextStates];
  }
  release([params, learningRate, whole, states]);
});

testEach("masked() with everything is the transformation itself", async () => {
  const [params, gradient, learningRate] = [small(start), small(slope(0)), scalar(0.1)];
  const [all, plain] = [masked(scaleByAdam(), "**"), scaleByAdam()];
  const states = [all.init(params), plain.init(params)] as const;
  const results = [
    all.update(gradient, states[0], { params, learningRate }),
    plain.update(gradient, states[1], { params, learningRate }),
  ];
  assertEquals(await valuesOf(results[0]!), await valuesOf(results[1]!));
  release([params, gradient, learningRate, states, results]);
});

testEach(
  "freeze() keeps the chosen parameters bit for bit, even from a gradient of NaN",
  async () => {
    const optimizer = chain(sgd({ momentum: 0.9, weightDecay: 0.1 }), freeze("conv.**"));
    const [params, learningRate] = [small(start), scalar(0.1)];
    const gradient = small((leaf) => leaf < 2 ? NaN : 1);
    const state = optimizer.init(params);
    const [next, memory] = applyGradient(optimizer, gradient, state, { params, learningRate });
    assertEquals(await valuesOf(next.conv), await valuesOf(params.conv));
    const [before, after] = [await valuesOf(params.scale), await valuesOf(next.scale)];
    assert(before.every((value, i) => value !== after[i]));
    release([params, learningRate, gradient, state, next, memory]);
  },
);

testEach(
  "applyUpdates() adds, and applyGradient() is update() and then applyUpdates()",
  async () => {
    const optimizer = sgd({ momentum: 0.9 });
    const [params, gradient, learningRate] = [small(start), small(slope(0)), scalar(0.1)];
    const context = { params, learningRate };
    const state = optimizer.init(params);
    const [updates, next] = optimizer.update(gradient, state, context);
    const byHand = applyUpdates(params, updates);
    const [after, memory] = applyGradient(optimizer, gradient, state, context);
    assertEquals(await valuesOf(byHand), await valuesOf(after));
    assertEquals(await valuesOf(next), await valuesOf(memory));
    release([params, gradient, learningRate, state, updates, next, byHand, after, memory]);
  },
);

testEach("clipByGlobalNorm() leaves a short gradient bit for bit, and one of zeros", async () => {
  const clip = clipByGlobalNorm(1e3);
  const [params, learningRate] = [small(start), scalar(0.1)];
  for (const formula of [slope(0), () => 0]) {
    const gradient = small(formula);
    const [updates] = clip.update(gradient, [], { params, learningRate });
    assertEquals(await valuesOf(updates), await valuesOf(gradient));
    release([gradient, updates]);
  }
  release([params, learningRate]);
});

testEach("scaleByAdam() weighs a first step exactly, however slow the averages", async () => {
  const adam = scaleByAdam({ beta1: 0.99, beta2: 0.9999, epsilon: 1e-12 });
  const [params, gradient, learningRate] = [small(start), small(() => 3), scalar(1)];
  const state = adam.init(params);
  const [updates, next] = adam.update(gradient, state, { params, learningRate });
  await assertClose(await valuesOf(updates), new Array(13).fill(1), { absolute: 3e-7 });
  release([params, gradient, learningRate, state, updates, next]);
});

Deno.test("chain() names the states of its parts by their kind, and counts repeated ones", () => {
  const state = chain(trace(0.9), scale(2), trace(0.5), chain(scale(1))).init([]);
  assertEquals(Object.keys(state), ["trace", "scale", "trace2", "chain"]);
});

Deno.test("transformations are frozen", () => {
  for (const t of Object.values({ ...DIRECTIONS, ...OPTIMIZERS, ...FREEZE })) {
    assert(Object.isFrozen(t));
  }
});

Deno.test("optimizers are called what their functions are called", () => {
  const kinds = [sgd(), adam(), adamw(), chain(), freeze("**"), masked(trace(0.5), "**")];
  assertEquals(kinds.map(({ kind }) => kind), ["sgd", "adam", "adamw", "chain", "freeze", "trace"]);
});
