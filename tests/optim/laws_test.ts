import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { scaleByAdam } from "../../lib/optim/adam.ts";
import { chain } from "../../lib/optim/chain.ts";
import { clipByGlobalNorm } from "../../lib/optim/clip.ts";
import { addDecayedWeights } from "../../lib/optim/decay.ts";
import { freeze, masked } from "../../lib/optim/mask.ts";
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
import { release, retain } from "../../lib/ownership.ts";
import { tf } from "../../lib/tfjs.ts";
import { entries, leaves, map, type Tree } from "../../lib/tree.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";
import { slope, small, start, valuesOf } from "./problem.ts";
import { DIRECTIONS, OPTIMIZERS, RATES, STILL } from "./table.ts";

const ALL = { ...DIRECTIONS, ...OPTIMIZERS, ...STILL };

const shapes = (tree: Tree) =>
  entries(tree).map(([path, { shape, dtype }]) => [path, shape, dtype]);

/** What a step is given. */
const given = (t: number) => ({
  params: small(start),
  gradient: small(slope(t)),
  learningRate: scalar(0.1),
  knobs: { seed: scalar(t, "int32"), momentum: scalar(0.5) },
});

/** Every fourth runs on the slow backend too, and those that are made of operations of their own. */
const backendsOf = (i: number, name: string) =>
  i % 4 === 0 || /muon|adafactor|accumulate|lookahead|Finite|partition/.test(name)
    ? ["cpu", "wasm", "webgpu"] as const
    : ["cpu", "wasm"] as const;

for (const [i, [name, t]] of Object.entries(ALL).entries()) {
  const backends = backendsOf(i, name);
  testEach(`${name} keeps structure, shapes and types, and what it was given`, async () => {
    const all = given(0);
    const before = await valuesOf(all);
    const state = t.init(all.params);
    const [updates, next] = t.update(all.gradient, state, all);
    assertEquals(shapes(updates), shapes(all.params));
    assertEquals(shapes(next), shapes(state));
    assertEquals(await valuesOf(all), before);
    assert(leaves(state).every((leaf) => !leaf.isDisposed));
    for (const leaf of leaves(updates)) {
      for (const other of leaves(all)) assertNotStrictEquals(leaf, other);
    }
    release([all, state, updates, next]);
  }, backends);

  testEach(`${name} gives the same bits twice, and looks at no value on the host`, async () => {
    const results = [];
    for (const hidden of [false, true]) {
      const { knobs, ...known } = given(0);
      // Another handle on a tensor is not known to come from host values; only seeds have to be.
      const all = { ...hidden ? retain(known) : known, knobs };
      const state = t.init(all.params);
      const [once, next] = t.update(all.gradient, state, all);
      const [updates, last] = t.update(all.gradient, next, all);
      release([known, all, state, once, next], [updates, last]);
      results.push([updates, last]);
    }
    assertEquals(await valuesOf(results[0]!), await valuesOf(results[1]!));
    release(results);
  }, backends);

  testEach(
    `${name} does the same operations in every step, so that one can be replayed`,
    async () => {
      const done: string[] = [];
      const first = small(start);
      let state = t.init(first);
      release(first);
      for (let step = 0; step < 7; step++) {
        const all = given(step);
        const before = state;
        const { kernels } = await tf.profile(() => {
          const [updates, next] = t.update(all.gradient, state, all);
          release(updates, next);
          state = next;
          return [];
        });
        done.push(kernels.map(({ name, outputShapes }) => `${name} ${outputShapes}`).join(", "));
        release([all, before], state);
      }
      assert(done[0] !== "");
      for (const operations of done) assertEquals(operations, done[0]);
      release(state);
    },
    ["cpu"],
  );
}

const downhill = Object.entries(DIRECTIONS)
  .map(([name, t]) => [name, chain(t, scaleByLearningRate())] as const);

for (const [i, [name, optimizer]] of [...downhill, ...Object.entries(OPTIMIZERS)].entries()) {
  testEach(`${name} finds the bottom of a parabola`, async () => {
    const schedule = cosineDecay(RATES[name] ?? 0.3, 100);
    let params = small(start);
    let state = optimizer.init(params);
    for (let t = 0; t < 100; t++) {
      const learningRate = scalar(schedule(t));
      const knobs = { seed: scalar(t, "int32"), momentum: scalar(0.5) };
      // Of half the sum of squares, the gradient is the place itself.
      const context = { params, learningRate, knobs };
      const [next, memory] = applyGradient(optimizer, params, state, context);
      release([learningRate, knobs, params, state], [next, memory]);
      [params, state] = [next, memory];
    }
    await assertClose(await valuesOf(params), new Array(13).fill(0), { absolute: 0.03 });
    release([params, state]);
  }, i % 4 === 0 ? ["cpu", "wasm"] : ["cpu"]);
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
  for (const t of Object.values(ALL)) assert(Object.isFrozen(t));
});

Deno.test("optimizers and transformations are called what their functions are called", () => {
  for (const [name, { kind }] of Object.entries(ALL)) {
    const [called] = name.split("(");
    // A mask is no part of the name, so that a checkpoint stays good when it is added.
    if (called !== "masked") assertEquals(kind, called);
  }
  assertEquals(masked(trace(0.5), "**").kind, "trace");
});
