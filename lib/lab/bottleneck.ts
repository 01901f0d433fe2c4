/**
 * The bottleneck: three layers at the cost of two, and what projections would cost there.
 *
 * He et al., [Deep residual learning](https://arxiv.org/abs/1512.03385), 2015, section 4.1.
 *
 * @module
 */

import { basicBlock, bottleneck } from "../combinators/blocks.ts";
import { describe, type Layer } from "../layer.ts";
import { resnet } from "../models/mod.ts";
import type { Shape } from "../tensor.ts";
import {
  against,
  compareNets,
  comparisonFigure,
  comparisonTable,
  showDifference,
} from "./comparison.ts";
import { type Experiment, experiment } from "./experiment.ts";
import type { Net } from "./nets.ts";
import { type BaseRecipe, FULL, QUICK_DIFFERENCES, SHORT } from "./recipes.ts";

/** What {@linkcode bottlenecks} runs. */
export type BottleneckSpec = {
  /** Blocks in each stage. */
  readonly blocks: Net["blocks"];
  /** Filters of the first stage; a bottleneck gives four times as many. */
  readonly width: number;
  /** Number of seeds. */
  readonly seeds: number;
  /** How all networks are trained. */
  readonly recipe: BaseRecipe;
};

/** What a block or network costs, exactly. */
export type BlockCost = {
  /** What it is. */
  readonly name: string;
  /** Shape that goes in. */
  readonly input: Shape;
  /** Parameters. */
  readonly parameters: number;
  /** Multiply-adds for one image. */
  readonly multiplyAdds: number;
};

/** The experiment on bottlenecks. */
export const bottlenecks: Experiment<BottleneckSpec> = experiment<BottleneckSpec>({
  name: "bottleneck",
  title: "Bottlenecks",
  claim: "A bottleneck of three layers costs what a block of two costs, with four times the " +
    "channels; a projection in place of its identity would double that (He et al., 2015, section " +
    "4.1).",
  setUp:
    "Exact counts of blocks and networks, without running them; then networks of as many blocks " +
    "of both kinds, trained alike.",
  refutedBy:
    "Costs of the two blocks that differ by more than a tenth, or of a projection that is " +
    "less than four fifths of its block; or bottlenecks with a higher training error.",
  differences: `${QUICK_DIFFERENCES} Four epochs here. The counts are the paper's own networks.`,
  minutes: 2,
  specs: {
    quick: { blocks: [3, 3, 3], width: 8, seeds: 3, recipe: SHORT },
    full: { blocks: [9, 9, 9], width: 16, seeds: 5, recipe: FULL },
  },
  async run({ blocks, width, seeds, recipe }, bench) {
    const contenders = [
      { label: "two layers a block", net: { block: "B", blocks, width } as const },
      { label: "bottlenecks", net: { block: "bottleneck", blocks, width } as const },
    ];
    const all = await compareNets(contenders, recipe, seeds, bench);
    const test = against(all[0]!, all[1]!);
    const costs = bottleneckCosts();
    const [two, three, projected] = costs.map(({ multiplyAdds }) => multiplyAdds) as [
      number,
      number,
      number,
    ];
    const [identity, projection] = costs.slice(3).map(({ parameters }) => parameters) as [
      number,
      number,
    ];
    return {
      findings: [
        {
          claim: "A bottleneck on 256 channels costs what a block of two layers on 64 costs",
          shown: Math.abs(three / two - 1) < 0.1,
          evidence: `${three.toLocaleString("en-US")} multiply-adds against ${
            two.toLocaleString("en-US")
          }: ${(three / two).toFixed(3)} times`,
        },
        {
          claim: "A projection nearly doubles the cost of a bottleneck",
          shown: projected / three > 1.8,
          evidence:
            `${(projected / three).toFixed(3)} times the multiply-adds; all of ResNet-50's ` +
            `shortcuts as projections: ${(projection / identity).toFixed(2)} times its parameters`,
        },
        {
          claim: "Bottlenecks have no higher training error than as many blocks of two layers",
          shown: test.difference <= test.deviation,
          evidence: showDifference(test),
        },
      ],
      tables: [
        {
          caption: "Exact costs",
          columns: ["block or network", "input", "parameters", "multiply-adds"],
          rows: costs.map(({ name, input, parameters, multiplyAdds }) => [
            name,
            input.slice(1).join(" × "),
            parameters.toLocaleString("en-US"),
            multiplyAdds.toLocaleString("en-US"),
          ]),
        },
        comparisonTable("Networks of as many blocks", all),
      ],
      figures: [comparisonFigure("training-error", "Training error by block", all)],
      data: { costs, compared: all },
    };
  },
});

/**
 * Counts what blocks and networks with bottlenecks cost: two layers on 64 channels, a bottleneck on 256,
 * the same with a projection, and ResNet-50 with options B and C.
 *
 * @example A projection nearly doubles a bottleneck
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bottleneckCosts } from "@fplusx/nn/lab";
 *
 * const [basic, bottleneck, projected] = bottleneckCosts();
 * assertEquals(basic!.parameters, 73_984);
 * assertEquals(bottleneck!.parameters, 70_400);
 * assertEquals(projected!.parameters, 70_400 + 256 * 256 + 2 * 256);
 * ```
 */
export function bottleneckCosts(): BlockCost[] {
  const rows: [name: string, model: Layer, input: Shape][] = [
    ["two of 3 × 3, 64 channels", basicBlock(64), [1, 56, 56, 64]],
    ["bottleneck, 256 channels", bottleneck(256), [1, 56, 56, 256]],
    ["bottleneck with a projection", bottleneck(256, { shortcut: "C" }), [1, 56, 56, 256]],
    ["ResNet-50, B", resnet(50), [1, 224, 224, 3]],
    ["ResNet-50, C", resnet(50, { shortcut: "C" }), [1, 224, 224, 3]],
  ];
  return rows.map(([name, model, input]) => {
    const { parameters, multiplyAdds } = describe(model, input);
    return { name, input, parameters, multiplyAdds };
  });
}
