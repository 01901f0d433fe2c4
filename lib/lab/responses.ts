/**
 * Layer responses: how much do layers change what they are given? The standard deviation of each
 * normalised output, before the nonlinearity or the addition. With the statistics of the batch it has a
 * closed form in the weight γ and bias β of the normalisation: √(mean γ² + Var β).
 *
 * He et al., [Deep residual learning](https://arxiv.org/abs/1512.03385), 2015, figure 7.
 *
 * @module
 */

import { key } from "../key.ts";
import { type Layer, trainMode, type Variables } from "../layer.ts";
import * as ops from "../ops.ts";
import { release } from "../ownership.ts";
import type { Tensor } from "../tensor.ts";
import { select } from "../tree.ts";
import type { Bench } from "./bench.ts";
import { type Experiment, experiment, type Result } from "./experiment.ts";
import { firstBatch } from "./measure.ts";
import { makeNet, netOfDepth } from "./nets.ts";
import { type Panel, plotSvg } from "./plot.ts";
import { type BaseRecipe, FULL, QUICK, QUICK_DIFFERENCES, runsOf } from "./recipes.ts";
import { sampleOf } from "./sample.ts";
import { pairedTest, showSummary, summarize } from "./statistics.ts";
import { type Run, trainAll, trainedVariables } from "./training.ts";

/** What {@linkcode responses} runs. */
export type ResponsesSpec = {
  /** Depths, 6n + 2, growing. */
  readonly depths: readonly number[];
  /** Filters of the first stage. */
  readonly width: number;
  /** Number of seeds. */
  readonly seeds: number;
  /** Images whose responses are measured, as one batch. */
  readonly images: number;
  /** How all networks are trained. */
  readonly recipe: BaseRecipe;
};

/** The responses of the layers of a network, in order. */
export type Responses = {
  /** Standard deviation of all outputs of each normalisation. */
  readonly measured: readonly number[];
  /** The closed form. */
  readonly calculated: readonly number[];
};

/** The experiment on layer responses. */
export const responses: Experiment<ResponsesSpec> = experiment<ResponsesSpec>({
  name: "responses",
  title: "Layer responses",
  claim:
    "Layers of residual networks respond less than those of plain networks, and less in deeper " +
    "networks: each changes its input a little (He et al., 2015, figure 7).",
  setUp: "The standard deviation of the output of each normalisation of trained networks, before " +
    "ReLU or addition, over a batch, its channels and its pixels; beside it √(mean γ² + Var β), " +
    "which it must be.",
  refutedBy:
    "A mean response of the deepest residual network that is not below that of the plain " +
    "network as deep, or not below that of a shallower residual network.",
  differences: `${QUICK_DIFFERENCES} The paper does not say over what the deviation is taken.`,
  minutes: 1,
  specs: {
    quick: { depths: [20, 44], width: 8, seeds: 3, images: 512, recipe: QUICK },
    full: { depths: [20, 56, 110], width: 16, seeds: 5, images: 2000, recipe: FULL },
  },
  async run(spec, bench) {
    const nets = (["plain", "A"] as const).flatMap((block) =>
      spec.depths.map((depth) => netOfDepth(block, depth, spec.width))
    );
    await trainAll(runsOf(spec.recipe, nets, spec.seeds), bench, [0, 0.9]);
    const found = new Map<string, Responses[]>();
    for (const net of nets) {
      const name = `${net.block === "A" ? "residual" : "plain"}-${6 * net.blocks[0] + 2}`;
      const runs = runsOf(spec.recipe, [net], spec.seeds);
      const own: Responses[] = [];
      for (const run of runs) own.push(await measureRun(run, spec, bench));
      found.set(name, own);
    }
    return resultOf(spec, found);
  },
});

function measureRun(run: Run, { images }: ResponsesSpec, bench: Bench): Promise<Responses> {
  const { recipe, seed } = run;
  const configuration = { recipe, images };
  return bench.arm({ task: "responses", configuration, seed, usesData: true }, async () => {
    const { train } = sampleOf(await bench.data(), recipe.sample);
    const variables = await trainedVariables(run, bench);
    using batch = firstBatch(train, images);
    const found = await responsesOf(makeNet(recipe.net, train), variables, batch.x);
    release(variables);
    return found;
  });
}

/**
 * Measures the response of every `bn1` and `bn2` of a network to a batch, with the statistics of the
 * batch, in the order of the layers.
 *
 * @example At the start every response is 1
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { key, normal, setup } from "@fplusx/nn";
 * import { makeNet, netOfDepth, responsesOf } from "@fplusx/nn/lab";
 *
 * await setup({ backend: "cpu" });
 * const model = makeNet(netOfDepth("A", 8, 4));
 * const variables = model.init(key(0), [8, 8, 8, 1]);
 * const { measured } = await responsesOf(model, variables, normal(key(1), [8, 8, 8, 1]));
 * for (const response of measured) assertAlmostEquals(response, 1, 1e-3);
 * ```
 */
export async function responsesOf(
  model: Layer,
  variables: Variables,
  x: Tensor,
): Promise<Responses> {
  const isNorm = (path: string) => /(^|\.)bn[12]$/.test(path);
  const deviations: Tensor[] = [];
  const visit = (path: string, y: Tensor) => {
    if (isNorm(path)) deviations.push(ops.keep(deviationOf(y)));
  };
  const [y, next] = model.apply(variables, x, { ...trainMode(key(0)), tap: { path: "", visit } });
  release([y, next], variables);
  const measured = await numbers(deviations);
  const weights = [...select(variables.params, (path) => isNorm(path.replace(/\.weight$/, "")))];
  const calculated = weights.map(([path, weight]) => {
    const [bias] = select(variables.params, path.replace(/weight$/, "bias")).values();
    return ops.tidy(() => {
      const spread = ops.square(deviationOf(bias!));
      return ops.sqrt(ops.add(ops.mean(ops.square(weight)), spread));
    });
  });
  return { measured, calculated: await numbers(calculated) };
}

function deviationOf(y: Tensor): Tensor {
  return ops.tidy(() => ops.sqrt(ops.mean(ops.square(ops.sub(y, ops.mean(y))))));
}

/** Reads scalars, and lets go of them. */
async function numbers(scalars: readonly Tensor[]): Promise<number[]> {
  const values: number[] = [];
  for (const scalar of scalars) {
    values.push((await scalar.data())[0]!);
    scalar.dispose();
  }
  return values;
}

function resultOf({ depths }: ResponsesSpec, found: ReadonlyMap<string, Responses[]>): Result {
  const [shallow, deep] = [depths[0]!, depths.at(-1)!];
  const means = (name: string) => found.get(name)!.map(({ measured }) => summarize(measured).mean);
  const below = (less: string, more: string) => {
    const { difference, deviation, t } = pairedTest(means(more), means(less));
    return {
      claim: `The mean response of ${less} is below that of ${more}`,
      shown: difference < -deviation,
      evidence: `${showSummary(summarize(means(less)), 3)} against ${
        showSummary(summarize(means(more)), 3)
      }, paired t test p = ${t.toPrecision(2)}`,
    };
  };
  const apart = [...found.values()].flat().flatMap(({ measured, calculated }) =>
    measured.map((value, i) => Math.abs(value / calculated[i]! - 1))
  );
  const farthest = Math.max(...apart);
  return {
    findings: [
      below(`residual-${deep}`, `plain-${deep}`),
      below(`residual-${deep}`, `residual-${shallow}`),
      {
        claim: "Every response is √(mean γ² + Var β)",
        shown: farthest < 0.01,
        evidence: `the farthest of ${apart.length} is ${(100 * farthest).toPrecision(2)} % away`,
      },
    ],
    tables: [{
      caption: "Mean of the responses of all layers, mean of the seeds ± standard deviation",
      columns: ["network", "mean response"],
      rows: [...found.keys()].map((name) => [name, showSummary(summarize(means(name)), 3)]),
    }],
    figures: [{
      name: "responses",
      caption: "Standard deviation of the output of each layer after normalisation, mean of the " +
        "seeds; as in figure 7 of the paper.",
      svg: plotSvg("Layer responses", [
        panel("in the order of the layers", found, (values) => values),
        panel("sorted", found, (values) => values.toSorted((a, b) => b - a)),
      ], { columns: 1, height: 200 }),
    }],
    data: Object.fromEntries(found),
  };
}

function panel(
  title: string,
  found: ReadonlyMap<string, readonly Responses[]>,
  arrange: (values: readonly number[]) => readonly number[],
): Panel {
  return {
    title,
    x: { label: title === "sorted" ? "layers, from the largest response" : "layer" },
    y: { label: "deviation", scale: "from0" },
    series: [...found].map(([label, runs]) => {
      const ordered = runs.map(({ measured }) => arrange(measured));
      return {
        label,
        points: ordered[0]!.map((_, i) =>
          [i + 1, summarize(ordered.map((values) => values[i]!)).mean] as const
        ),
      };
    }),
  };
}
