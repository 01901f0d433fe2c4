/**
 * Shortcuts: the paper's three options beside each other, and what its second version put on the
 * shortcut in place of nothing.
 *
 * He et al., [Deep residual learning](https://arxiv.org/abs/1512.03385), 2015, table 3; [Identity
 * mappings](https://arxiv.org/abs/1603.05027), 2016, section 3.
 *
 * @module
 */

import { describe, type Layer } from "../layer.ts";
import { plain, resnet } from "../models/mod.ts";
import type { BlockName } from "./blocks.ts";
import {
  against,
  type Compared,
  compareNets,
  comparisonFigure,
  comparisonTable,
  showDifference,
} from "./comparison.ts";
import { type Experiment, experiment, type Finding, type Table } from "./experiment.ts";
import { netOfDepth } from "./nets.ts";
import { type BaseRecipe, FULL, QUICK_DIFFERENCES, SHORT } from "./recipes.ts";

/** What {@linkcode shortcuts} runs. */
export type ShortcutsSpec = {
  /** Depth of all networks. */
  readonly depth: number;
  /** Filters of the first stage. */
  readonly width: number;
  /** Number of seeds. */
  readonly seeds: number;
  /** How all networks are trained. */
  readonly recipe: BaseRecipe;
};

const PAPER: Readonly<Record<string, BlockName>> = {
  "A: zeros": "A",
  "B: projections where needed": "B",
  "C: projections everywhere": "C",
  "none: plain": "plain",
};

const SECOND: Readonly<Record<string, BlockName>> = {
  "× 0.5": "constant 0.5",
  "gate on both": "gated",
  "gate on the shortcut": "gated shortcut",
  "dropout 0.5": "dropout",
  "1 × 1 convolution": "1 × 1",
};

/** The experiment on shortcuts. */
export const shortcuts: Experiment<ShortcutsSpec> = experiment<ShortcutsSpec>({
  name: "shortcuts",
  title: "Shortcuts",
  claim: "All three shortcuts are far better than none, and differ little from each other: " +
    "projections are not essential (He et al., 2015, table 3). Nothing on the shortcut is better " +
    "than the identity (He et al., 2016, section 3).",
  setUp:
    "Networks of one depth that differ in the shortcut alone. Where a block changes the shape, " +
    "all but B, C and 1 × 1 have option A there.",
  refutedBy: "A plain network whose training error is as low as that of one of the three; a " +
    "difference between A and C of half the gain over plain; or something on the shortcut that is " +
    "better than the identity by more than the spread of the seeds.",
  differences:
    `${QUICK_DIFFERENCES} Four epochs here. The paper compares A, B and C on ImageNet at ` +
    "34 layers, and the second version compares the others at 110 layers, where they matter more.",
  minutes: 7,
  specs: {
    quick: { depth: 20, width: 8, seeds: 3, recipe: SHORT },
    full: { depth: 110, width: 16, seeds: 5, recipe: FULL },
  },
  async run({ depth, width, seeds, recipe }, bench) {
    const contenders = Object.entries({ ...PAPER, ...SECOND })
      .map(([label, block]) => ({ label, net: netOfDepth(block, depth, width) }));
    const all = await compareNets(contenders, recipe, seeds, bench);
    return {
      findings: findingsOf(all),
      tables: [comparisonTable(`Shortcuts of networks of ${depth} layers`, all), costTable()],
      figures: [comparisonFigure("training-error", "Training error by shortcut", all)],
      data: { compared: all, imagenet: imagenetCosts() },
    };
  },
});

function findingsOf(all: readonly Compared[]): Finding[] {
  const [a, b, c, none] = all as [Compared, Compared, Compared, Compared];
  const gains = [a, b, c].map((option) => against(none, option));
  const apart = against(a, c);
  return [
    {
      claim: "A, B and C all have a lower training error than no shortcut",
      shown: gains.every(({ difference, deviation }) => difference < -deviation),
      evidence: gains.map((gain, i) => `${"ABC"[i]}: ${showDifference(gain)}`).join("; "),
    },
    {
      claim: "A and C differ by less than half of what A gains over plain",
      shown: Math.abs(apart.difference) < -gains[0]!.difference / 2,
      evidence: `C against A: ${showDifference(apart)}`,
    },
    ...all.slice(4).map((other): Finding => {
      const test = against(a, other);
      return {
        claim: `"${other.label}" is not better than the identity`,
        shown: test.difference >= -test.deviation,
        evidence: showDifference(test),
      };
    }),
  ];
}

/** What the options cost at ImageNet's scale, exactly. */
function imagenetCosts() {
  const models: Readonly<Record<string, Layer>> = {
    "plain-34": plain(34),
    "ResNet-34, A": resnet(34, { shortcut: "A" }),
    "ResNet-34, B": resnet(34, { shortcut: "B" }),
    "ResNet-34, C": resnet(34, { shortcut: "C" }),
  };
  return Object.entries(models).map(([name, model]) => {
    const { parameters, multiplyAdds } = describe(model, [1, 224, 224, 3]);
    return { name, parameters, multiplyAdds };
  });
}

function costTable(): Table {
  return {
    caption:
      "What the options cost in the paper's networks of 34 layers, exactly (224 × 224 pixels)",
    columns: ["network", "parameters", "multiply-adds"],
    rows: imagenetCosts().map(({ name, parameters, multiplyAdds }) => [
      name,
      parameters.toLocaleString("en-US"),
      multiplyAdds.toLocaleString("en-US"),
    ]),
  };
}
