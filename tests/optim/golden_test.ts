import { adam, adamw, type AdamWOptions } from "../../lib/optim/adam.ts";
import { chain } from "../../lib/optim/chain.ts";
import { clipByGlobalNorm } from "../../lib/optim/clip.ts";
import { weightsOnly } from "../../lib/optim/mask.ts";
import { scaleByLearningRate } from "../../lib/optim/scale.ts";
import { sgd, type SgdOptions } from "../../lib/optim/sgd.ts";
import { applyGradient, type GradientTransformation } from "../../lib/optim/transform.ts";
import { scalar } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";
import golden from "../golden/optim.json" with { type: "json" };
import { rate, slope, small, start, valuesOf } from "./problem.ts";

type Options = SgdOptions & AdamWOptions;

const OPTIMIZERS: Readonly<Record<string, (options: Options) => GradientTransformation>> = {
  sgd,
  adam,
  adamw,
  clipped: () => chain(clipByGlobalNorm(2), scaleByLearningRate()),
};

/** Takes ten steps and checks the parameters after each. */
async function follow(
  optimizer: GradientTransformation,
  trajectory: readonly (readonly number[])[],
): Promise<void> {
  let params = small(start);
  let state = optimizer.init(params);
  for (const [t, expected] of trajectory.entries()) {
    const gradient = small(slope(t));
    const learningRate = scalar(rate(t));
    const context = { params, learningRate };
    const [nextParams, nextState] = applyGradient(optimizer, gradient, state, context);
    release([params, state, gradient, learningRate], [nextParams, nextState]);
    [params, state] = [nextParams, nextState];
    await assertClose(await valuesOf(params), expected, { absolute: 1e-6 });
  }
  release([params, state]);
}

for (const { optimizer, options, source, trajectory } of golden.cases) {
  const { mask, ...others } = options as { mask?: "weightsOnly" };
  const all: Options = mask === undefined ? others : { ...others, mask: weightsOnly };
  testEach(
    `${optimizer}(${JSON.stringify(options)}) takes the ten steps of ${source}`,
    () => follow(OPTIMIZERS[optimizer]!(all), trajectory),
  );
}

/** SGD with Caffe's momentum, in doubles: v = m·v + rate·(g + decay·w), w -= v. */
function caffe(momentum: number, decay: number, nesterov: boolean): number[][] {
  const each = (formula: (leaf: number, i: number) => number) =>
    [6, 3, 4].flatMap((size, leaf) => Array.from({ length: size }, (_, i) => formula(leaf, i)));
  let w = each(start);
  let v = w.map(() => 0);
  return Array.from({ length: 10 }, (_, t) => {
    const g = each(slope(t));
    const before = v;
    v = v.map((v, i) => momentum * v + rate(t) * (g[i]! + decay * w[i]!));
    // Caffe's look ahead, as its NesterovSolver writes it.
    w = w.map((w, i) => w - (nesterov ? (1 + momentum) * v[i]! - momentum * before[i]! : v[i]!));
    return w;
  });
}

for (const nesterov of [false, true]) {
  testEach(
    `sgd() with Caffe's momentum${nesterov ? " and look ahead" : ""} follows its formula`,
    () =>
      follow(
        sgd({ momentum: 0.9, weightDecay: 0.05, nesterov, convention: "caffe" }),
        caffe(0.9, 0.05, nesterov),
      ),
  );
}
