/**
 * Gradient flow: do gradients reach the first layers, along which paths, and what happens when a block
 * is taken out of a trained network?
 *
 * He et al., [Deep residual learning](https://arxiv.org/abs/1512.03385), 2015, section 4.1; Veit, Wilber
 * and Belongie, [Residual networks behave like ensembles](https://arxiv.org/abs/1605.06431), 2016.
 *
 * @module
 */

import { type Experiment, experiment, type Finding } from "./experiment.ts";
import {
  gradientNorms,
  lesionErrors,
  type Lesions,
  type PathLength,
  pathNorms,
} from "./flow_arms.ts";
import { type Flow, lesionFigure, meanWithout, normsFigure, pathsFigure } from "./flow_figures.ts";
import { netOfDepth } from "./nets.ts";
import { type BaseRecipe, FULL, QUICK, QUICK_DIFFERENCES, runsOf } from "./recipes.ts";
import { showSummary, summarize } from "./statistics.ts";
import { stepsOf, trainAll } from "./training.ts";

/** What {@linkcode gradientFlow} runs. */
export type GradientFlowSpec = {
  /** Depth of both networks. */
  readonly depth: number;
  /** Filters of the first stage. */
  readonly width: number;
  /** Number of seeds. */
  readonly seeds: number;
  /** Images in the batch that gradients are taken of. */
  readonly images: number;
  /** Test images that changed networks are measured on. */
  readonly tests: number;
  /** Paths of each length. */
  readonly paths: number;
  /** Draws of blocks to leave out or swap. */
  readonly draws: number;
  /** How both networks are trained. */
  readonly recipe: BaseRecipe;
};

const TWINS = { plain: "plain", residual: "A" } as const;

/** The experiment on gradient flow. */
export const gradientFlow: Experiment<GradientFlowSpec> = experiment<GradientFlowSpec>({
  name: "gradient-flow",
  title: "Gradient flow, paths and lesions",
  claim:
    "Gradients do not vanish in plain networks either, since they are normalised (He et al., " +
    "2015, section 4.1). The gradient of a residual network comes mostly along short paths, and " +
    "leaving a block out after training hurts it little, and a plain one fatally (Veit et al., 2016).",
  setUp: "The norm of the gradient of each convolution, at the start, early and at the end of " +
    "training; the gradient by the images along paths through so many bodies, times the number of " +
    "such paths; and test errors with blocks left out or swapped after training.",
  refutedBy:
    "Gradients of the first layers that are a hundredth of those of the last; most of the " +
    "gradient along paths of more than half of the blocks; or a plain network that loses a block " +
    "with as little harm as a residual one.",
  differences: `${QUICK_DIFFERENCES} Gradients are those of one batch.`,
  minutes: 2,
  specs: {
    quick: {
      depth: 44,
      width: 8,
      seeds: 3,
      images: 128,
      tests: 512,
      paths: 4,
      draws: 3,
      recipe: QUICK,
    },
    full: {
      depth: 110,
      width: 16,
      seeds: 5,
      images: 256,
      tests: 10_000,
      paths: 20,
      draws: 10,
      recipe: FULL,
    },
  },
  async run(spec, bench) {
    const { recipe, images, tests, paths, draws, depth, width, seeds } = spec;
    const runsBy = (name: keyof typeof TWINS) =>
      runsOf(recipe, [netOfDepth(TWINS[name], depth, width)], seeds);
    await trainAll([...runsBy("plain"), ...runsBy("residual")], bench, [0, 0.7]);
    const flows: Record<string, Flow> = {};
    for (const [i, name] of (["plain", "residual"] as const).entries()) {
      const norms: Record<string, number[]> = {};
      const lesions: Lesions[] = [];
      for (const run of runsBy(name)) {
        bench.progress(0.7 + 0.1 * (i + run.seed / seeds), `lesions of ${name} networks`);
        for (const step of [...recipe.keep, stepsOf({ ...recipe, net: run.recipe.net })]) {
          const own = await gradientNorms(run, step, images, bench);
          norms[step] = own.map((norm, layer) => (norms[step]?.[layer] ?? 0) + norm / seeds);
        }
        lesions.push(await lesionErrors(run, { images: tests, draws }, bench));
      }
      flows[name] = { norms, lesions };
    }
    const lengths: PathLength[][] = [];
    for (const run of runsBy("residual")) {
      bench.progress(0.9 + 0.1 * run.seed / seeds, "path lengths");
      lengths.push(await pathNorms(run, paths, images, bench));
    }
    const { plain, residual } = flows as { plain: Flow; residual: Flow };
    const share = shareByLength(lengths);
    return {
      findings: [...normFindings(plain), pathFinding(share), ...lesionFindings(plain, residual)],
      tables: [{
        caption: "Test error in % after lesions, mean of the seeds ± standard deviation",
        columns: ["network", "whole", "one block left out", "worst block left out", "four swaps"],
        rows: Object.entries(flows).map(([name, { lesions }]) => [
          name,
          showSummary(summarize(lesions.map(({ whole }) => 100 * whole))),
          showSummary(summarize(lesions.map((lesion) => 100 * meanWithout(lesion)))),
          showSummary(
            summarize(
              lesions.map(({ without }) => 100 * Math.max(...without.map(({ error }) => error))),
            ),
          ),
          showSummary(
            summarize(
              lesions.map(({ swapped }) => 100 * swapped.find(({ swaps }) => swaps === 4)!.error),
            ),
          ),
        ]),
      }],
      figures: [
        normsFigure(plain, residual),
        pathsFigure(share),
        lesionFigure(plain, residual),
      ],
      data: { flows, lengths },
    };
  },
});

function normFindings({ norms }: Flow): Finding[] {
  return Object.entries(norms).map(([step, layers]) => {
    const [first, last] = [layers[0]!, layers.at(-1)!];
    return {
      claim: `Gradients of the plain network do not vanish towards the input after ${step} steps`,
      shown: first > last / 100,
      evidence: `norm ${first.toPrecision(2)} in the first convolution, ${
        last.toPrecision(2)
      } in the last, least ${Math.min(...layers).toPrecision(2)}, most ${
        Math.max(...layers).toPrecision(2)
      }`,
    };
  });
}

/** The share of the gradient that comes along paths of each length, mean of the seeds. */
function shareByLength(lengths: readonly (readonly PathLength[])[]): number[] {
  const shares = lengths.map((found) => {
    const parts = found.map(({ paths, norm }) => paths * norm);
    const total = parts.reduce((sum, part) => sum + part, 0);
    return parts.map((part) => part / total);
  });
  return shares[0]!.map((_, length) => summarize(shares.map((share) => share[length]!)).mean);
}

function pathFinding(share: readonly number[]): Finding {
  const blocks = share.length - 1;
  const mean = share.reduce((sum, part, length) => sum + part * length, 0);
  return {
    claim:
      "Most of the gradient of a residual network comes along paths through less than half of " +
      "its blocks",
    shown: share.reduce((sum, part, length) => length < blocks / 2 ? sum + part : sum, 0) > 0.5,
    evidence: `the mean length, weighted by the gradient, is ${
      mean.toFixed(1)
    } of ${blocks} blocks`,
  };
}

function lesionFindings(plain: Flow, residual: Flow): Finding[] {
  const harm = ({ lesions }: Flow) =>
    summarize(lesions.map((lesion) => 100 * (meanWithout(lesion) - lesion.whole)));
  const [fatal, little] = [harm(plain), harm(residual)];
  return [{
    claim: "Leaving one block out hurts a residual network little, and a plain one fatally",
    shown: little.mean < 15 && fatal.mean > 3 * little.mean && fatal.mean > 20,
    evidence: `the test error rises by ${
      showSummary(little)
    } points in the residual network and by ${
      showSummary(fatal)
    } in the plain one, mean of the blocks`,
  }];
}
