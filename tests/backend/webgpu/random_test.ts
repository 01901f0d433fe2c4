import { assertEquals, assertStrictEquals } from "@std/assert";
import { bindings, entry, groupsFor, type Program } from "../../../lib/backend/webgpu/program.ts";
import {
  type Distribution,
  randomProgram,
  WORDS,
} from "../../../lib/backend/webgpu/kernels/random.ts";
import { sequential } from "../../../lib/combinators/sequential.ts";
import { stochasticDepth } from "../../../lib/combinators/stochastic_depth.ts";
import { fold, type Key, key, randomBits } from "../../../lib/key.ts";
import { type Layer, trainMode } from "../../../lib/layer.ts";
import { dense } from "../../../lib/layers/dense.ts";
import { dropout } from "../../../lib/layers/dropout.ts";
import { identity } from "../../../lib/layers/shape.ts";
import { clone, fill, scalar, tensor, zeros } from "../../../lib/ops.ts";
import { chain } from "../../../lib/optim/chain.ts";
import { addNoise } from "../../../lib/optim/noise.ts";
import { sgd } from "../../../lib/optim/sgd.ts";
import { release } from "../../../lib/ownership.ts";
import { bernoulli, gates, normal, normalValues, uniform } from "../../../lib/random.ts";
import type { Tensor } from "../../../lib/tensor.ts";
import { compile } from "../../../lib/train/compile.ts";
import { meanSquaredError } from "../../../lib/train/loss.ts";
import { initTraining, knobs, trainStep } from "../../../lib/train/step.ts";
import { type Empty, leaves } from "../../../lib/tree.ts";
import { assertClose } from "../../compare.ts";
import { assertMutantsDie, assertSnapshot, run, testWebgpu } from "./program.ts";

/** Rounding in 32 bits on the way from words to a normal number. */
const ROUNDING = { relative: 1e-6, absolute: 1e-15 };

/** Keys of extreme and of other words. */
const KEYS: readonly Key[] = [
  { seed: 0, path: [0, 0] },
  { seed: 0xffffffff, path: [0xffffffff, 0xffffffff] },
  fold(key(7), "weight"),
  fold(fold(key(0x80000000), 3), "dropout"),
];

/** The same key with its seed on the device. */
const onDevice = ({ seed, path }: Key): Key => ({
  seed: scalar(seed as number | 0, "int32"),
  path,
});

/** Draws with the key on the device, which must not look at the seed. */
async function drawn(of: Key, draw: (of: Key) => Tensor) {
  const there = onDevice(of);
  const y = draw(there);
  release([there.seed as Tensor]);
  try {
    return await y.data();
  } finally {
    y.dispose();
  }
}

/** Words of a key, as a program of their own. */
const wordsProgram = (blocks: number): Program => ({
  name: "words",
  wgsl: bindings({ y: "vec4u" }, { seed: "u32", path: "u32" }) + WORDS +
    entry(blocks, "  y[t] = words(seed[0], vec2u(path[0], path[1]), u32(t));"),
  groups: groupsFor(blocks),
});

async function words(program: Program, { seed, path }: Key, count: number): Promise<Uint32Array> {
  const inputs = [scalar(seed as number | 0, "int32"), tensor(Int32Array.from(path))];
  const [bits] = await run(program, [[[count], "int32"]], inputs);
  release(inputs);
  return new Uint32Array(Int32Array.from(bits!).buffer);
}

testWebgpu("words of a key are those of randomBits()", async () => {
  for (const of of KEYS) {
    assertEquals(await words(wordsProgram(300), of, 1200), randomBits(of, 1200));
  }
});

testWebgpu("uniform numbers and gates are those of the host, bit for bit", async () => {
  for (const of of KEYS) {
    for (const shape of [[1], [2, 3], [7, 11, 13], [400]]) {
      const draws: ((of: Key) => Tensor)[] = [
        (of) => uniform(of, shape),
        (of) => uniform(of, shape, { low: -1 }), // exact too, as 2u - 1 is
        (of) => gates(of, 0.3, shape, 1 / 0.3),
        ...[0, 2 ** -24, 0.5, 1].map((p) => (of: Key) => bernoulli(of, p, shape)),
      ];
      for (const draw of draws) {
        using y = draw(of);
        assertEquals(await drawn(of, draw), await y.data());
      }
    }
  }
});

testWebgpu(
  "uniform numbers between any limits are those of the host but for rounding",
  async () => {
    const draw = (of: Key) => uniform(of, [1000], { low: 3, high: 3.7 });
    using y = draw(KEYS[2]!);
    await assertClose(await drawn(KEYS[2]!, draw), y, { absolute: 2 ** -22 });
  },
);

testWebgpu("normal numbers are those of the host within a millionth of each", async () => {
  for (const of of KEYS) {
    for (const count of [1, 5, 100_000]) {
      const there = await drawn(of, (of) => normal(of, [count]));
      await assertClose(there, normalValues(of, count), ROUNDING);
    }
  }
  const draw = (of: Key) => normal(of, [1000], { mean: 2, deviation: 0.25 });
  using y = draw(KEYS[2]!);
  await assertClose(await drawn(KEYS[2]!, draw), y, { absolute: 2 ** -21 });
});

/** The words at which the formulas for radius and direction change, and what is beside them. */
const EDGES = [0, 2 ** 29, 2 ** 30, 2 ** 31, 2 ** 31 + 2 ** 30, 2 ** 32 - 2 ** 29, 0xb504f333]
  .flatMap((word) => [-2, -1, 0, 1, 2].map((step) => (word + step) >>> 0));

/** The numbers that a program for 4·(number of edges) normal ones makes of the edges. */
async function ofEdges(program: Program): Promise<ArrayLike<number>> {
  const one = Float32Array.of(0, 1);
  const told = Int32Array.of(0, 0, ...new Int32Array(one.buffer), ...EDGES);
  const word = (i: string) => `told[4 + (${i}) % ${EDGES.length}]`;
  const wgsl = program.wgsl.replace(
    /let w = words.*/,
    `let w = vec4u(seed[0]) + vec4u(${word("t")}, ${word("t")}, ${word("t + 7")}, ${
      word("t * 5 + 3")
    });`,
  );
  const inputs = [scalar(0, "int32"), tensor(told)];
  const [z] = await run({ ...program, wgsl }, [[[4 * EDGES.length], "float32"]], inputs);
  release(inputs);
  return z!;
}

/** The same in doubles. */
const edgesInDoubles = EDGES.flatMap((word, t) => {
  const n = EDGES.length;
  return [[word, word], [EDGES[(t + 7) % n]!, EDGES[(t * 5 + 3) % n]!]].flatMap(([w, v]) => {
    const radius = Math.sqrt(-2 * Math.log((w! + 1) / 2 ** 32));
    const angle = 2 * Math.PI * v! / 2 ** 32;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
});

const normals = randomProgram("normal", 4 * EDGES.length);
const rightAtEdges = async (program: Program) =>
  await assertClose(await ofEdges(program), edgesInDoubles, ROUNDING);

testWebgpu("normal numbers are right where the formulas change", async () => {
  await assertMutantsDie(normals, [
    ["0xb504f333u", "0xffffffffu"],
    ["0x7fffffffu", "0x80000000u"],
    ["~last", "0u - last"],
    ["-vec2f(shift)", "vec2f(shift)"],
    ["vec2f(1.0), vec2f(0.0), above", "vec2f(0.0), vec2f(1.0), above"],
    ["(vec2u(1u) << shift) - 1u", "(vec2u(1u) << shift) - 2u"],
    ["0.14285714285714285", "0.0"],
    ["0x20000000u", "0x0u"],
    ["- q * 0.0000248015873015873", "+ q * 0.0000248015873015873"],
    ["0.0001984126984126984", "0.0"],
    ["vec2f(-s, c)", "vec2f(s, c)"],
    ["quarter >= 2u", "quarter > 2u"],
    ["w.xz", "w.xx"],
  ], rightAtEdges);
});

testWebgpu("a fault in the words, or in the last block, is found", async () => {
  const of = KEYS[2]!;
  const right = async (program: Program) =>
    assertEquals(await words(program, of, 1200), randomBits(of, 1200));
  await assertMutantsDie(wordsProgram(300), [
    ["<< 10u", "<< 11u"],
    ["x.z += x.w", "x.z += x.y"],
    ["k[4] + 1u", "k[4]"],
    ["x += vec4u(k[0], k[1], k[2], k[3] + 5u);", ""],
    ["path.y, 1u, ", "path.y, 0u, "],
    ["block + k[0]", "k[0]"],
    ["t >= 300", "t >= 299"],
  ], right);
  const numbers = (kind: Distribution, size: number) => async (program: Program) => {
    const told = [...of.path, ...new Int32Array(Float32Array.of(0, 1).buffer)];
    if (kind === "gates") told[2] = 2 ** 23;
    const inputs = [scalar(of.seed as number, "int32"), tensor(Int32Array.from(told))];
    const [y] = await run(program, [[[size], "float32"]], inputs);
    release(inputs);
    using expected = kind === "gates" ? gates(of, 0.5, [size]) : uniform(of, [size]);
    assertEquals(y, await expected.data());
  };
  await assertMutantsDie(randomProgram("uniform", 7), [
    ["t >= 2", "t >= 1"],
    ["min(4, 7 - 4 * t)", "3"],
    ["y[4 * t + i]", "y[3 * t + i]"],
    ["vec4u(8u)", "vec4u(9u)"],
  ], numbers("uniform", 7));
  await assertMutantsDie(randomProgram("gates", 1000), [
    ["< vec4u(a)", "> vec4u(a)"],
    ["vec4u(8u)", "vec4u(7u)"],
  ], numbers("gates", 1000));
});

testWebgpu("programs for random numbers are what they were", async () => {
  await assertSnapshot("random_uniform", randomProgram("uniform", 1024));
  await assertSnapshot("random_normal", randomProgram("normal", 7));
  await assertSnapshot("random_gates", randomProgram("gates", 8));
});

testWebgpu("draws of one size share one program, wherever they are made", () => {
  assertStrictEquals(randomProgram("gates", 64), randomProgram("gates", 64));
});

/** Gives what a step draws with a seed that the host knows nothing of, and with the same as a number. */
async function bothWays(step: (seed: number | Tensor) => Tensor) {
  using known = scalar(-7, "int32");
  using unknown = clone(known); // another handle is not known to come from host values
  using there = step(unknown);
  using here = step(-7 >>> 0);
  return { there: await there.data(), here: await here.data() };
}

testWebgpu("layers that draw at random do not look at the seed, and drop the same", async () => {
  using x = fill([8, 5], 3);
  const layers: Layer<Empty, Empty>[] = [
    dropout(0.3),
    stochasticDepth(identity, 0.5),
    stochasticDepth(identity, 0.7, { per: "sample" }),
  ];
  for (const layer of layers) {
    const variables = layer.init(key(0), x.shape);
    const { there, here } = await bothWays((seed) =>
      layer.apply(variables, x, trainMode(fold(key(seed), "layer")))[0]
    );
    assertEquals(there, here);
  }
});

testWebgpu("noise on gradients is drawn from a seed that the host does not know", async () => {
  const { init, update } = addNoise(0.01);
  const [params, learningRate] = [{ w: zeros([1000]) }, scalar(1)];
  const state = init(params);
  const { there, here } = await bothWays((given) => {
    const seed = typeof given === "number" ? scalar(given | 0, "int32") : given;
    const [{ w }, next] = update(params, state, { params, learningRate, knobs: { seed } });
    release([next, ...seed === given ? [] : [seed]]);
    return w;
  });
  assertEquals(there, here);
  const host = normalValues(fold(fold(key(-7 >>> 0), "addNoise"), "w"), 1000);
  await assertClose(there, host.map((z) => z * 0.1), { relative: 2e-6 });
  release([params, learningRate, state]);
});

testWebgpu("a compiled step draws anew each time, and what the plain one draws", async () => {
  const model = sequential(
    dense(8),
    stochasticDepth(dense(8), 0.5, { per: "sample" }),
    dropout(0.5),
  );
  const optimizer = chain(addNoise(0.1), sgd());
  const parts = { model, optimizer, loss: meanSquaredError };
  const plain = trainStep(parts);
  using compiled = compile(plain, { check: Infinity });
  const batch = { x: fill([4, 5], 1), y: fill([4, 8], 0) };
  const state = initTraining(parts, key(0), [4, 5]);
  const losses = [];
  for (const seed of [0, 1]) {
    for (let step = 0; step < 3; step++) {
      const turn = knobs(0.1, seed, step);
      const results = [plain, compiled].map((take) => take(state, batch, turn));
      const [here, there] = await Promise.all(
        results.map((result) => Promise.all(leaves(result).map((leaf) => leaf.data()))),
      );
      assertEquals(there, here);
      losses.push(there!.at(-1)![0]);
      release(results, state);
      release(turn);
    }
  }
  assertEquals(new Set(losses).size, losses.length);
  release([batch, state]);
});
