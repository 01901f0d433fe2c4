/**
 * The neighbours of residual learning: what came before, beside and after it, each with what it
 * contributes, in costs that are exact and in errors that are measured.
 *
 * @module
 */

import { describe, evalMode, type Layer } from "../layer.ts";
import { plain, resnet, vgg } from "../models/mod.ts";
import { keep, mean, sigmoid, tidy } from "../ops.ts";
import { release } from "../ownership.ts";
import type { Tensor } from "../tensor.ts";
import type { Bench } from "./bench.ts";
import type { BlockName } from "./blocks.ts";
import {
  against,
  type Compared,
  compareNets,
  comparisonFigure,
  comparisonTable,
  showDifference,
} from "./comparison.ts";
import {
  type Experiment,
  experiment,
  type Figure,
  type Finding,
  type Table,
} from "./experiment.ts";
import { firstBatch } from "./measure.ts";
import { makeNet, netOfDepth } from "./nets.ts";
import { plotSvg } from "./plot.ts";
import { pointwiseExample, pointwiseTables } from "./pointwise.ts";
import { type BaseRecipe, FULL, QUICK_DIFFERENCES, runsOf, SHORT } from "./recipes.ts";
import { sampleOf } from "./sample.ts";
import { summarize } from "./statistics.ts";
import { type Run, trainedVariables } from "./training.ts";

/** What {@linkcode neighbours} runs. */
export type NeighboursSpec = {
  /** Depth of all networks. */
  readonly depth: number;
  /** Filters of the first stage. */
  readonly width: number;
  /** Number of seeds. */
  readonly seeds: number;
  /** Images that the openness of gates is measured on. */
  readonly images: number;
  /** How all networks are trained. */
  readonly recipe: BaseRecipe;
};

/** The networks, and what is said of each. */
const NEIGHBOURS: readonly (readonly [label: string, block: BlockName, says: string])[] = [
  ["residual", "A", "the identity beside two layers (He et al., 2015)"],
  ["plain", "plain", "the same layers without shortcuts"],
  [
    "highway",
    "highway",
    "gates that are learned, at first nearly closed (Srivastava et al., 2015)",
  ],
  ["pre-activation", "pre-activation", "nothing on the way along the shortcuts (He et al., 2016)"],
  ["zero gamma", "zero gamma", "blocks begin as the identity (Goyal et al., 2017)"],
  [
    "stochastic depth",
    "stochastic depth",
    "later blocks are dropped more often (Huang et al., 2016)",
  ],
  ["no normalisation", "no normalisation", "what the next two repair"],
  ["SkipInit, ReZero", "SkipInit", "a learned factor from 0 in place of normalisation (2020)"],
  ["Fixup", "Fixup", "small first weights in place of normalisation (Zhang et al., 2019)"],
];

/** The experiment on neighbours. */
export const neighbours: Experiment<NeighboursSpec> = experiment<NeighboursSpec>({
  name: "neighbours",
  title: "Neighbours",
  claim:
    "Residual networks are cheaper than VGG (19.6 against 3.6 billion multiply-adds); a 1 × 1 " +
    "convolution is a dense layer at every pixel (Lin et al., 2013); gates of highways stay mostly " +
    "closed; and without normalisation, blocks that begin as the identity train where others fail.",
  setUp:
    "Exact costs; the 1 × 1 convolution step by step; networks of one depth with blocks of each " +
    "kind, trained alike; the mean of the gates of trained highways, layer by layer.",
  refutedBy:
    "Costs that are not the paper's; a 1 × 1 convolution that differs from the dense layer; " +
    "gates open by more than half in most layers; or SkipInit and Fixup that are no better than " +
    "leaving normalisation out.",
  differences: `${QUICK_DIFFERENCES} Four epochs here. The stem is normalised in all networks. ` +
    "Papers tune the learning rate for each network; here it is the same for all.",
  minutes: 6,
  specs: {
    quick: { depth: 20, width: 8, seeds: 3, images: 256, recipe: SHORT },
    full: { depth: 110, width: 16, seeds: 5, images: 2000, recipe: FULL },
  },
  async run(spec, bench) {
    const { depth, width, seeds, recipe } = spec;
    const example = await bench.arm(
      { task: "1 × 1 convolution", configuration: null, seed: 0, usesData: false },
      pointwiseExample,
    );
    const contenders = NEIGHBOURS.map(([label, block]) => ({
      label,
      net: netOfDepth(block, depth, width),
    }));
    const all = await compareNets(contenders, recipe, seeds, bench, [0, 0.98]);
    const open: number[][] = [];
    for (const run of runsOf(recipe, [netOfDepth("highway", depth, width)], seeds)) {
      open.push(await openness(run, spec, bench));
    }
    const costs = imagenetCosts();
    return {
      findings: findingsOf(all, open, example.difference, costs),
      tables: [
        contributions(),
        comparisonTable(`Networks of ${depth} layers`, all),
        costTable(costs),
        ...pointwiseTables(example),
      ],
      figures: [
        comparisonFigure("training-error", "Training error by neighbour", all),
        opennessFigure(open),
      ],
      data: { compared: all, openness: open, costs, example },
    };
  },
});

/** Gives the mean of the gates of each highway layer, in order, over test images. */
function openness(run: Run, { images }: NeighboursSpec, bench: Bench): Promise<number[]> {
  const configuration = { recipe: run.recipe, images };
  const options = { task: "openness", configuration, seed: run.seed, usesData: true };
  return bench.arm(options, async () => {
    const { test } = sampleOf(await bench.data(), run.recipe.sample);
    const variables = await trainedVariables(run, bench);
    const model = makeNet(run.recipe.net, test);
    using batch = firstBatch(test, images);
    const gates: Tensor[] = [];
    const visit = (path: string, logits: Tensor) => {
      if (path.endsWith(".gate")) gates.push(keep(tidy(() => mean(sigmoid(logits)))));
    };
    const [y] = model.apply(variables, batch.x, { ...evalMode, tap: { path: "", visit } });
    const means: number[] = [];
    for (const gate of gates) means.push((await gate.data())[0]!);
    release([y, variables, gates]);
    return means;
  });
}

function imagenetCosts() {
  const models: Readonly<Record<string, Layer>> = {
    "VGG-16": vgg(16),
    "VGG-19": vgg(19),
    "plain-34": plain(34),
    "ResNet-34, A": resnet(34, { shortcut: "A" }),
    "ResNet-152": resnet(152, { strideIn: "1x1" }),
  };
  return Object.entries(models).map(([name, model]) => {
    const { parameters, multiplyAdds } = describe(model, [1, 224, 224, 3]);
    return { name, parameters, multiplyAdds };
  });
}

type Costs = ReturnType<typeof imagenetCosts>;

function findingsOf(
  all: readonly Compared[],
  open: readonly (readonly number[])[],
  difference: number,
  costs: Costs,
): Finding[] {
  const named = (label: string) => all.find((one) => one.label === label)!;
  const cost = (name: string) => costs.find((row) => row.name === name)!.multiplyAdds;
  const share = cost("plain-34") / cost("VGG-19");
  const bare = named("no normalisation");
  const mostly = summarize(open.flat());
  const repaired = ["SkipInit, ReZero", "Fixup"].map((label): Finding => {
    const test = against(bare, named(label));
    return {
      claim: `${label} has a lower training error than leaving normalisation out`,
      shown: test.difference < -test.deviation,
      evidence: showDifference(test),
    };
  });
  return [
    {
      claim: "A network of 34 layers costs 18 % of VGG-19",
      shown: share < 0.19,
      evidence: `${(cost("plain-34") / 1e9).toFixed(2)} of ${
        (cost("VGG-19") / 1e9).toFixed(2)
      } billion multiply-adds: ${(100 * share).toFixed(2)} %`,
    },
    {
      claim: "A 1 × 1 convolution is a dense layer at every pixel",
      shown: difference < 1e-5,
      evidence: `largest difference ${difference.toExponential(1)}`,
    },
    {
      claim: "Gates of trained highways are mostly closed",
      shown: mostly.mean < 0.5,
      evidence: `open by ${mostly.mean.toFixed(2)}, mean of ${mostly.count} layers`,
    },
    ...repaired,
  ];
}

function contributions(): Table {
  return {
    caption: "What each contributes",
    columns: ["network", "idea"],
    rows: NEIGHBOURS.map(([label, , says]) => [label, says]),
  };
}

function costTable(costs: Costs): Table {
  return {
    caption: "Exact costs at 224 × 224 pixels",
    columns: ["network", "parameters", "multiply-adds"],
    rows: costs.map(({ name, parameters, multiplyAdds }) => [
      name,
      parameters.toLocaleString("en-US"),
      multiplyAdds.toLocaleString("en-US"),
    ]),
  };
}

function opennessFigure(open: readonly (readonly number[])[]): Figure {
  const points = open[0]!.map((_, layer) => {
    const { mean, deviation } = summarize(open.map((gates) => gates[layer]!));
    return [layer + 1, mean, deviation] as const;
  });
  return {
    name: "openness",
    caption:
      "Mean of the gates of each highway layer after training; they start at 0.12. The band " +
      "is the standard deviation of the seeds.",
    svg: plotSvg("How open gates are", [{
      title: "",
      x: { label: "highway layer" },
      y: { label: "mean gate", range: [0, 1] },
      series: [{ label: "highway", points }],
    }]),
  };
}
