import { assertEquals } from "@std/assert";
import { grad } from "../../lib/grad.ts";
import { layer } from "../../lib/layer.ts";
import { add, mul, scalar, square, sum, tensor, zeros } from "../../lib/ops.ts";
import { sgd } from "../../lib/optim/sgd.ts";
import { release } from "../../lib/ownership.ts";
import { leaves, type Tree } from "../../lib/tree.ts";
import type { Scalar } from "../../lib/tensor.ts";
import { sharpnessAware } from "../../lib/train/sharpness.ts";
import { initTraining, knobs, type StepParts, trainStep } from "../../lib/train/step.ts";
import { key } from "../../lib/key.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";
import golden from "../golden/optim.json" with { type: "json" };
import { type Small, small, start, valuesOf } from "../optim/problem.ts";

/** The sum of c·w²/2 + w⁴/4 over all values, where c grows along each leaf. */
function hills(params: Tree): Scalar {
  return leaves(params).map((w) => {
    const c = tensor(Float32Array.from({ length: w.size }, (_, i) => 1 + 0.1 * i), w.shape);
    return sum(add(mul(mul(c, square(w)), 0.5), mul(square(square(w)), 0.25)));
  }).reduce((a, b) => add(a, b));
}

/** A model whose output is the height, and whose state counts how often it was applied. */
const model = layer<Small, { readonly count: Scalar }>({
  kind: "hills",
  init: () => ({ params: small(start), state: { count: zeros([]) }, shape: [] }),
  apply: ({ params, state }) => [hills(params), { count: add(state.count, 1) }],
});

const parts: StepParts<Small, { readonly count: Scalar }> = {
  model,
  optimizer: sgd({ momentum: 0.9 }),
  loss: (height) => mul(height, 1),
};

async function walk(
  steps: number,
  wrap?: ReturnType<typeof sharpnessAware>,
): Promise<[place: number[], state: number[], losses: number[]]> {
  const all: typeof parts = wrap === undefined ? parts : { ...parts, wrap };
  const step = trainStep(all);
  const batch = { x: zeros([1]), y: zeros([1]) };
  let state = initTraining(parts, key(0), [1]);
  const losses: number[] = [];
  for (let t = 0; t < steps; t++) {
    const turn = knobs(0.1, 0, t);
    const [next, loss] = step(state, batch, turn);
    losses.push(...await loss.data());
    release([state, turn, loss], next);
    state = next;
  }
  const found = [await valuesOf(state.params), await valuesOf(state.state), losses] as const;
  release([state, batch]);
  return [...found];
}

testEach("a sharpness-aware step is that of optax", async () => {
  const [place, [count]] = await walk(10, sharpnessAware(0.3));
  await assertClose(place, golden.sharpness, { absolute: 1e-6 });
  assertEquals(count, 10, "the state is that of the parameters, not of those nearby");
});

testEach("the loss of a sharpness-aware step is that of the parameters", async () => {
  const [, , [sharp]] = await walk(1, sharpnessAware(0.3));
  const [, , [plain]] = await walk(1);
  assertEquals(sharp, plain);
});

testEach("an adaptive sharpness-aware step follows its formula", async () => {
  const [place] = await walk(1, sharpnessAware(0.5, { adaptive: true }));
  const params = small(start);
  const gradient = grad(hills)(params);
  const [w, g] = [await valuesOf(params), await valuesOf(gradient)];
  const norm = Math.hypot(...g.map((g, i) => g * Math.abs(w[i]!)));
  const near = w.map((w, i) => w + 0.5 * w * w * g[i]! / norm);
  const curve = [6, 3, 4].flatMap((size) => Array.from({ length: size }, (_, i) => 1 + 0.1 * i));
  const expected = w.map((w, i) => w - 0.1 * (curve[i]! * near[i]! + near[i]! ** 3));
  await assertClose(place, expected, { absolute: 1e-6 });
  release([params, gradient]);
});

testEach("a sharpness-aware step at the bottom stays there", async () => {
  const objective = sharpnessAware(0.5)((params: Small, state: readonly []) => [
    [scalar(0), state],
    grad((params: Small) => hills(params))(params),
  ]);
  const [params, batch, seed] = [small(() => 0), { x: zeros([1]), y: zeros([1]) }, scalar(0)];
  const [[loss], gradient] = objective(params, [], batch, seed);
  assertEquals((await valuesOf(gradient)).map(Math.abs), new Array(13).fill(0));
  release([params, batch, seed, loss, gradient]);
});
