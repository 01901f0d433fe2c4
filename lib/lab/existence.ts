/**
 * The existence proof: a deeper network that is no worse than a shallower one exists, since added
 * layers can be the identity. Here it is made, bit for bit, and trained on.
 *
 * He et al., [Deep residual learning](https://arxiv.org/abs/1512.03385), 2015, section 1.
 *
 * @module
 */

import { fold, key } from "../key.ts";
import { release } from "../ownership.ts";
import type { Bench } from "./bench.ts";
import { type Experiment, experiment, type Result } from "./experiment.ts";
import { growVariables } from "./grow.ts";
import { scoresOf } from "./measure.ts";
import { depthOf, makeNet, type Net, netOfDepth } from "./nets.ts";
import { type BaseRecipe, FULL, QUICK, QUICK_DIFFERENCES, runsOf } from "./recipes.ts";
import { sampleOf } from "./sample.ts";
import { pairedTest, showSummary, summarize } from "./statistics.ts";
import {
  type Recipe,
  type Run,
  stepsOf,
  trainAll,
  type Trained,
  trainedVariables,
} from "./training.ts";

/** What {@linkcode existence} runs. */
export type ExistenceSpec = {
  /** Depth of the shallower network. */
  readonly shallow: number;
  /** Depths of the deeper ones. */
  readonly deep: readonly number[];
  /** Filters of the first stage. */
  readonly width: number;
  /** Number of seeds. */
  readonly seeds: number;
  /** Images that scores are compared for. */
  readonly images: number;
  /** How the shallower network is trained. */
  readonly recipe: BaseRecipe;
  /** How all are trained on. */
  readonly more: BaseRecipe;
};

/** How the scores of a deeper network compare with those of the shallower one. */
type Comparison = { readonly scores: number; readonly different: number; readonly largest: number };

/** The experiment on the existence proof. */
export const existence: Experiment<ExistenceSpec> = experiment<ExistenceSpec>({
  name: "existence",
  title: "The existence proof",
  claim:
    "A deeper network need not be worse: with layers added that are the identity it is the same " +
    "function (He et al., 2015, section 1).",
  setUp:
    "Trained networks are made deeper with blocks that are the identity: residual blocks whose " +
    "last normalisation gives zero, plain blocks whose convolutions pass channels through. Scores " +
    "for test images are compared bit by bit. Residual networks are then trained on, as is the " +
    "shallower one, for as long.",
  refutedBy:
    "A single score that differs; or a deeper network that, trained on, has a higher training " +
    "error than the shallower one.",
  differences: QUICK_DIFFERENCES,
  minutes: 2,
  specs: {
    quick: {
      shallow: 8,
      deep: [20, 44],
      width: 8,
      seeds: 3,
      images: 512,
      recipe: QUICK,
      more: { ...QUICK, epochs: 2, learningRate: 0.02, keep: [] },
    },
    full: {
      shallow: 20,
      deep: [56, 110],
      width: 16,
      seeds: 5,
      images: 10_000,
      recipe: FULL,
      more: { ...FULL, epochs: 20, learningRate: 0.02, keep: [] },
    },
  },
  async run(spec, bench) {
    const { shallow, deep, width, seeds, recipe, more } = spec;
    const blocks = ["A", "plain"] as const;
    const nets = blocks.map((block) => netOfDepth(block, shallow, width));
    await trainAll(runsOf(recipe, nets, seeds), bench, [0, 0.5]);
    const compared: Record<string, Comparison> = {};
    for (const net of nets) {
      for (const depth of deep) {
        const deeper = netOfDepth(net.block, depth, width);
        compared[`${net.block} ${depth}`] = await compare({ ...recipe, net }, deeper, spec, bench);
      }
    }
    const from: Recipe = { ...recipe, net: nets[0]! };
    const trained: Record<string, Trained[]> = {};
    for (const [i, depth] of [shallow, ...deep].entries()) {
      const runs = runsOf(more, [netOfDepth("A", depth, width)], seeds)
        .map(({ recipe, seed }): Run => ({ recipe: { ...recipe, from }, seed }));
      const count = deep.length + 1;
      const part = [0.5 + i / count / 2, 0.5 + (i + 1) / count / 2] as const;
      trained[depth] = await trainAll(runs, bench, part);
    }
    return resultOf(spec, compared, trained);
  },
});

/** Compares the scores of a trained network with those of a deeper one that is made of it. */
function compare(
  recipe: Recipe,
  deeper: Net,
  { images }: ExistenceSpec,
  bench: Bench,
): Promise<Comparison> {
  const configuration = { recipe, deeper, images };
  return bench.arm({ task: "grow", configuration, seed: 0, usesData: true }, async () => {
    const { test } = sampleOf(await bench.data(), recipe.sample);
    const shallow = await trainedVariables({ recipe, seed: 0 }, bench, stepsOf(recipe));
    const shape = [1, ...test.shape.slice(1)];
    const of = fold(key(0), "grow");
    const grown = growVariables(shallow, recipe.net, deeper, of, shape);
    const before = await scoresOf(makeNet(recipe.net, test), shallow, test, images);
    const after = await scoresOf(makeNet(deeper, test), grown, test, images);
    release([shallow, grown]);
    return {
      scores: before.length,
      different: before.filter((score, i) => !Object.is(score, after[i])).length,
      largest: before.reduce((most, score, i) => Math.max(most, Math.abs(score - after[i]!)), 0),
    };
  });
}

function resultOf(
  { shallow, deep, width }: ExistenceSpec,
  compared: Readonly<Record<string, Comparison>>,
  trained: Readonly<Record<string, readonly Trained[]>>,
): Result {
  const errors = (depth: number) => trained[depth]!.map(({ trainError }) => 100 * trainError);
  const all = Object.values(compared);
  const [scores, different] = [
    all.reduce((sum, { scores }) => sum + scores, 0),
    all.reduce((sum, { different }) => sum + different, 0),
  ];
  return {
    findings: [
      {
        claim: "Deeper networks made of shallower ones give the same scores, bit for bit",
        shown: different === 0,
        evidence: `${different} of ${scores.toLocaleString("en-US")} scores differ`,
      },
      ...deep.map((depth) => {
        const { difference, deviation, t } = pairedTest(errors(shallow), errors(depth));
        return {
          claim: `Trained on, ${depth} layers have no higher training error than ${shallow} layers`,
          shown: difference <= deviation,
          evidence:
            `difference ${difference.toFixed(2)} ± ${deviation.toFixed(2)} points, paired ` +
            `t test p = ${t.toPrecision(2)}`,
        };
      }),
    ],
    tables: [{
      caption: "A deeper network made of a trained shallower one",
      columns: ["blocks", "layers", "from", "scores", "that differ", "largest difference"],
      rows: Object.entries(compared).map(([name, { scores, different, largest }]) => [
        name.split(" ")[0] === "A" ? "residual" : "plain",
        name.split(" ")[1]!,
        `${shallow}`,
        `${scores}`,
        `${different}`,
        `${largest}`,
      ]),
    }, {
      caption: "Errors in % after training on, mean of the seeds ± standard deviation",
      columns: ["layers", "training error", "test error"],
      rows: [shallow, ...deep].map((depth) => [
        `${depthOf(netOfDepth("A", depth, width))}`,
        showSummary(summarize(errors(depth))),
        showSummary(summarize(trained[depth]!.map(({ testError }) => 100 * testError))),
      ]),
    }],
    figures: [],
    data: { compared, trained },
  };
}
