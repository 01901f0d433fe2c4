import { assert, assertEquals } from "@std/assert";
import {
  ADAM_TENSORS,
  adamCode,
  adamCoefficients,
} from "../../../lib/backend/webgpu/kernels/adam.ts";
import { type Descent, sgdCode, sgdTensors } from "../../../lib/backend/webgpu/kernels/sgd.ts";
import { type PerLeaf, perLeaf } from "../../../lib/backend/webgpu/leaves.ts";
import type { Program } from "../../../lib/backend/webgpu/program.ts";
import { grad } from "../../../lib/grad.ts";
import { mul, scalar, square, sum, tensor, zerosLike } from "../../../lib/ops.ts";
import { adam, adamw } from "../../../lib/optim/adam.ts";
import { chain } from "../../../lib/optim/chain.ts";
import { clipByGlobalNorm } from "../../../lib/optim/clip.ts";
import { knob } from "../../../lib/optim/hyperparameter.ts";
import { weightsOnly } from "../../../lib/optim/mask.ts";
import { nadam } from "../../../lib/optim/nadam.ts";
import { partition } from "../../../lib/optim/partition.ts";
import { sgd } from "../../../lib/optim/sgd.ts";
import { applyGradient, type GradientTransformation } from "../../../lib/optim/transform.ts";
import { release } from "../../../lib/ownership.ts";
import { type Shape, sizeOf, type Tensor } from "../../../lib/tensor.ts";
import { entries, leaves, map, type Tree } from "../../../lib/tree.ts";
import { assertClose } from "../../compare.ts";
import {
  assertMutantsDie,
  assertSameInPlace,
  assertSnapshot,
  gpu,
  run,
  testWebgpu,
} from "./program.ts";

/** More than are bound at once, with sizes that fit vectors or do not, and a scalar. */
const SHAPES: readonly Shape[] = [[3, 3, 4, 8], [8], [7], [], [1], [2, 3], [4], [129], [5, 4], [3]];

const valuesFor = (size: number, seed: number, factor = 1) =>
  Float32Array.from(
    { length: size },
    (_, i) => factor * Math.sin((i + 1) * (seed % 7 + 1.3) + seed),
  );

/** A tree of all shapes. */
const treeOf = (seed: number, factor = 1): { readonly [name: string]: Tensor } =>
  Object.fromEntries(SHAPES.map((shape, i) => [
    `leaf${i}`,
    tensor(valuesFor(sizeOf(shape), 10 * seed + i, factor), shape),
  ]));

/** Takes some steps and gives the values and paths of all that comes out. */
async function walk(optimizer: GradientTransformation, steps: number) {
  const names: string[] = [];
  gpu().observer = ({ name }) => names.push(name);
  let params: Tree = treeOf(1);
  let state = optimizer.init(params);
  for (let t = 0; t < steps; t++) {
    const gradient = treeOf(t + 2, 0.5);
    const scalars = { learningRate: scalar(0.1 / (t + 1)), momentum: scalar(0.5 + t / 10) };
    const context = { params, ...scalars, knobs: scalars };
    const next: [Tree, Tree] = applyGradient(optimizer, gradient, state, context);
    release([params, state, gradient, scalars], next);
    [params, state] = next;
  }
  gpu().observer = undefined;
  const all = { params, state };
  const values = await Promise.all(leaves(all).map((leaf) => leaf.data()));
  const paths = entries(all).map(([path, { shape, dtype }]) => `${path} ${dtype} [${shape}]`);
  release(all);
  return { values, paths, names };
}

/** The chain alone, which is the definition of the optimizer: a copy has no shortcut. */
const plain = (optimizer: GradientTransformation): GradientTransformation => ({ ...optimizer });

const OPTIMIZERS: Readonly<Record<string, GradientTransformation>> = {
  "sgd()": sgd(),
  "sgd() with momentum": sgd({ momentum: 0.9 }),
  "sgd() with decay of weights": sgd({ weightDecay: 0.1, mask: weightsOnly }),
  "sgd() with all options": sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
  "sgd() as Caffe": sgd({ momentum: 0.9, weightDecay: 0.1, convention: "caffe" }),
  "sgd() as Caffe, looking ahead": sgd({ momentum: 0.9, nesterov: true, convention: "caffe" }),
  "sgd() with a knob": sgd({ momentum: knob("momentum"), weightDecay: knob("learningRate") }),
  "adam()": adam(),
  "adam() with options": adam({ beta1: 0.5, beta2: knob("momentum"), epsilon: 1e-3 }),
  "adamw()": adamw({ weightDecay: 0.1, mask: weightsOnly }),
  "nadam()": nadam(),
  "a chain": chain(clipByGlobalNorm(1), sgd({ momentum: 0.9 })),
  "a partition": partition({
    matrices: [weightsOnly, adamw()],
    others: ["**", chain(sgd({ momentum: 0.5 }))],
  }),
};

for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
  testWebgpu(`${name} takes a whole step at once, as the chain would`, async () => {
    const [there, chained] = [await walk(optimizer, 4), await walk(plain(optimizer), 4)];
    assertEquals(there.paths, chained.paths);
    for (const [i, values] of there.values.entries()) {
      await assertClose(values, chained.values[i]!, { absolute: 1e-7, relative: 1e-6 });
    }
    assert(there.names.some((name) => name === "sgd" || name === "adam"));
    assert(!chained.names.some((name) => name === "sgd" || name === "adam"));
  });
}

testWebgpu("a step of many parameters takes as few dispatches as bindings allow", async () => {
  const { names } = await walk(sgd({ momentum: 0.9 }), 1);
  const most = Math.floor((gpu().device.limits.maxStorageBuffersPerShaderStage - 1) / 5);
  assertEquals(names.filter((name) => name === "sgd").length, Math.ceil(SHAPES.length / most));
});

testWebgpu("an optimizer that was changed goes by what it says", async () => {
  const still: GradientTransformation = {
    ...sgd(),
    update: (updates, state) => [map(zerosLike, updates), state],
  };
  const [params, learningRate] = [{ w: tensor([1, 2]) }, scalar(1)];
  const state = still.init(params);
  const [next] = applyGradient(still, params, state, { params, learningRate });
  await assertClose(next.w, [1, 2]);
  release([params, learningRate, state, next]);
});

testWebgpu("gradients flow through a step that is taken inside another", async () => {
  const optimizer = sgd({ momentum: 0.9 });
  const [w, learningRate] = [tensor([1, 2, 3]), scalar(0.25)];
  const state = optimizer.init({ w });
  const after = ([w]: [Tensor]) => {
    const [next] = applyGradient(optimizer, { w: mul(w, 2) }, state, {
      params: { w },
      learningRate,
    });
    return sum(square(next.w));
  };
  const [slope] = grad(after)([w]);
  // w - 2w/4 is w/2, of which the sum of squares has the gradient w/2.
  await assertClose(slope, [0.5, 1, 1.5]);
  release([w, learningRate, state, slope]);
});

testWebgpu("a step at once has NaN and infinities where the chain has them", async () => {
  const gradient = { w: tensor([NaN, Infinity, -Infinity, 0, 3e38]) };
  const params = { w: tensor([1, 1, Infinity, NaN, -3e38]) };
  const learningRate = scalar(10);
  for (const optimizer of [sgd({ momentum: 0.9, weightDecay: 0.1 }), adamw()]) {
    const state = optimizer.init(params);
    const results = [optimizer, plain(optimizer)].map((one) =>
      applyGradient(one, gradient, state, { params, learningRate })
    );
    const [there, chained] = results.map((result) => leaves(result));
    for (const [i, leaf] of there!.entries()) {
      await assertClose(leaf, chained![i]!, { relative: 1e-6, equalNaN: true });
    }
    release([state, results]);
  }
  release([gradient, params, learningRate]);
});

/** Gives what a program makes of tensors, in place or not, and the values that went in. */
async function make(
  program: Program,
  what: PerLeaf,
  sizes: readonly number[],
  shared: Float32Array,
) {
  const values = sizes.map((size, i) =>
    what.inputs.map((_, k) => valuesFor(size, i + 100 * k).map((x) => k < 2 ? x : Math.abs(x)) // squares are positive
    )
  );
  const inputs = [shared, ...values.flat()].map((values) => tensor(values));
  const outputs = sizes.flatMap((size) =>
    Object.keys(what.outputs).map(() => [[size], "float32"] as const)
  );
  const made = await run(program, outputs, inputs);
  release(inputs);
  return { made, values };
}

const SIZES = [8, 3, 132, 1];
const SETTINGS = Float32Array.of(0.25, 0.75, 0.125);

/** Checks a program against its formulas in doubles. */
const rightDescent = (descent: Descent, decays: readonly boolean[]) => async (program: Program) => {
  const { made, values } = await make(program, sgdTensors(descent), SIZES, SETTINGS);
  const expected = values.flatMap(([p, g, v], i) => {
    const trace: number[] = [];
    const next = Array.from(p!, (p, k) => {
      const slope = g![k]! + (decays[i] ? 0.125 * p : 0);
      if (!descent.momentum) return p - 0.25 * slope;
      const add = descent.caffe ? -0.25 * slope : slope;
      const after = trace[k] = add + 0.75 * v![k]!;
      const direction = descent.nesterov ? add + 0.75 * after : after;
      return descent.caffe ? p + direction : p - 0.25 * direction;
    });
    return descent.momentum ? [next, trace] : [next];
  });
  for (const [i, values] of made.entries()) await assertClose(values, expected[i]!);
};

const descentProgram = (descent: Descent, decays: readonly boolean[]) =>
  perLeaf(
    sgdTensors(descent),
    SIZES.map((size, i) => ({ size, body: sgdCode(decays[i]!, descent) })),
  );

const DECAYS = [true, false, false, true];
const NESTEROV: Descent = { momentum: 1, nesterov: 1, caffe: 0 };

testWebgpu("a step of descent is what its formulas give, and no mutant of it is", async () => {
  for (const momentum of [0, 1]) {
    for (const nesterov of [0, momentum]) {
      for (const caffe of [0, 1]) {
        const descent = { momentum, nesterov, caffe };
        await rightDescent(descent, DECAYS)(descentProgram(descent, DECAYS));
      }
    }
  }
  await assertMutantsDie(descentProgram(NESTEROV, DECAYS), [
    ["u += settings[2] * p;", ""],
    ["u += settings[2] * p;", "u -= settings[2] * p;"],
    ["u += settings[1] * v;", "u = v;"],
    ["u + settings[1] * trace0[at]", "u - settings[1] * trace0[at]"],
    ["u *= -settings[0]", "u *= settings[0]"],
    ["traceNext2[at] = v;", "if (at > 0) { traceNext2[at] = v; }"],
    ["at -= i32(arrayLength(&pNext1));", "at -= i32(arrayLength(&pNext0));"],
    ["at < i32(arrayLength(&pNext2))", "at < i32(arrayLength(&pNext2)) - 1"],
    ["+ i32(arrayLength(&pNext3))) {", ") {"],
    ["p2[at]", "p2[0]"],
    ["var u = g3[at];", "var u = g3[at] + g1[at];"],
  ], rightDescent(NESTEROV, DECAYS));
});

/** Settings of Adam, and the weights that its averages have seen. */
const RATES = [0.25, 0.4, 0.2, 1e-2, 0.125, 0.6] as const;
const WEIGHTS = [0.64, 0.36] as const;

/** What is the same for every element, in doubles. */
function coefficients(nesterov: boolean): { c: number[]; weights: number[] } {
  const [rate, toMean, toSquare, epsilon, decay, beta1] = RATES;
  const m = WEIGHTS[0] * (1 - toMean) + toMean;
  const s = WEIGHTS[1] * (1 - toSquare) + toSquare;
  const factor = nesterov ? beta1 / (m * (1 - toMean) + toMean) : 1 / m;
  return {
    c: [
      rate,
      toMean,
      toSquare,
      1 / (s * factor ** 2),
      epsilon / factor,
      decay,
      toMean / m / factor,
    ],
    weights: [m, s],
  };
}

const rightCoefficients = (nesterov: boolean) => async (program: Program) => {
  const inputs = [[...RATES], [WEIGHTS[0]], [WEIGHTS[1]]].map((values) => tensor(values));
  const made = await run(program, [[[7], "float32"], [[], "float32"], [[], "float32"]], inputs);
  release(inputs);
  const { c, weights } = coefficients(nesterov);
  await assertClose([...made[1]!, ...made[2]!], weights);
  // Without a look ahead the last is not used.
  await assertClose(made[0]!.slice(0, nesterov ? 7 : 6), nesterov ? c : c.slice(0, 6));
};

const rightAdam = (nesterov: boolean) => async (program: Program) => {
  const { c } = coefficients(nesterov);
  const { made, values } = await make(program, ADAM_TENSORS, SIZES, Float32Array.from(c));
  const expected = values.flatMap(([p, g, mean, square], i) => {
    const m = Array.from(mean!, (m, k) => m + (g![k]! - m) * c[1]!);
    const s = Array.from(square!, (s, k) => s + (g![k]! ** 2 - s) * c[2]!);
    const next = Array.from(p!, (p, k) => {
      const direction = m[k]! + (nesterov ? g![k]! * c[6]! : 0);
      const step = direction / (Math.sqrt(s[k]! * c[3]!) + c[4]!);
      return p - c[0]! * (step + (DECAYS[i] ? c[5]! * p : 0));
    });
    return [next, m, s];
  });
  for (const [i, values] of made.entries()) {
    await assertClose(values, expected[i]!, { absolute: 2e-6 });
  }
};

const adamProgram = (nesterov: boolean) =>
  perLeaf(
    ADAM_TENSORS,
    SIZES.map((size, i) => ({ size, body: adamCode(DECAYS[i]!, nesterov) })),
  );

testWebgpu("a step of Adam is what its formulas give, and no mutant of it is", async () => {
  await rightAdam(false)(adamProgram(false));
  await assertMutantsDie(adamProgram(true), [
    ["m += (g - m) * c[1];", "m += (g - m) * c[2];"],
    ["s += (g * g - s) * c[2];", "s += (g - s) * c[2];"],
    ["(m + g * c[6])", "m"],
    ["sqrt(s * c[3])", "sqrt(s) * c[3]"],
    [" + c[4]", ""],
    ["u += c[5] * p;", ""],
    ["p - u * c[0]", "p + u * c[0]"],
    ["meanNext1[at] = m;", "if (at > 0) { meanNext1[at] = m; }"],
    ["squareNext0[at] = s;", "squareNext0[at] = m;"],
    ["at -= i32(arrayLength(&pNext2));", ""],
  ], rightAdam(true));
});

testWebgpu("the coefficients of Adam are what they should be, and no mutant's are", async () => {
  await rightCoefficients(false)(adamCoefficients(false));
  await assertMutantsDie(adamCoefficients(true), [
    ["(1.0 - meanWeight[0])", "meanWeight[0]"],
    ["(1.0 - squareWeight[0]) * settings[2]", "(1.0 - squareWeight[0]) * toMean"],
    ["(m + (1.0 - m) * toMean)", "m"],
    ["1.0 / (s * (factor * factor))", "1.0 / (s * factor)"],
    ["settings[3] / factor", "settings[3]"],
    ["c[5] = settings[4]", "c[5] = settings[3]"],
    ["c[6] = toMean / m / factor", "c[6] = toMean / m"],
    ["squareWeightNext[0] = s", "squareWeightNext[0] = m"],
  ], rightCoefficients(true));
});

testWebgpu("a step in place gives the same bits", async () => {
  for (
    const [program, what] of [
      [descentProgram(NESTEROV, DECAYS), sgdTensors(NESTEROV)],
      [adamProgram(false), ADAM_TENSORS],
    ] as const
  ) {
    const shared = Float32Array.from(coefficients(false).c);
    const { made, values } = await make(program, what, SIZES, shared);
    await assertSameInPlace(program, [shared, ...values.flat()], made);
  }
});

testWebgpu("programs for a step of an optimizer are what they were", async () => {
  await assertSnapshot("sgd", descentProgram(NESTEROV, DECAYS));
  await assertSnapshot("sgd_in_place", descentProgram(NESTEROV, DECAYS).inPlace!.program);
  await assertSnapshot("adam", adamProgram(true));
  await assertSnapshot("adam_coefficients", adamCoefficients(true));
});
