/**
 * Networks side by side: trained alike, with what each costs, how long it took, what it gets wrong, and
 * how far that is from a baseline of the same seeds.
 *
 * @module
 */

import { describe } from "../layer.ts";
import type { Bench } from "./bench.ts";
import { dotPlotSvg } from "./dot_plot.ts";
import type { Figure, Table } from "./experiment.ts";
import { makeNet, type Net } from "./nets.ts";
import { type BaseRecipe, runsOf } from "./recipes.ts";
import { type PairedTest, pairedTest, showSummary, summarize } from "./statistics.ts";
import { type Recipe, trainAll, type Trained } from "./training.ts";

/** A network that is compared. */
export type Contender = {
  /** What it is called. */
  readonly label: string;
  /** The network. */
  readonly net: Net;
};

/** What was found of it. */
export type Compared = Contender & {
  /** Parameters. */
  readonly parameters: number;
  /** Multiply-adds for one image. */
  readonly multiplyAdds: number;
  /** Seconds that a training took, on the machine that ran it, for each seed. */
  readonly seconds: readonly number[];
  /** Training error in %, for each seed. */
  readonly trainErrors: readonly number[];
  /** Test error in %, for each seed. */
  readonly testErrors: readonly number[];
  /** What came of each seed. */
  readonly runs: readonly Trained[];
};

/** Trains networks alike, the first of which is the baseline. */
export async function compareNets(
  contenders: readonly Contender[],
  recipe: BaseRecipe,
  seeds: number,
  bench: Bench,
  part?: readonly [from: number, to: number],
): Promise<Compared[]> {
  const { train } = await bench.data();
  const [, height, width, channels] = train.shape;
  const { shrink } = recipe.sample;
  const runs = runsOf(recipe, contenders.map(({ net }) => net), seeds);
  const trained = await trainAll(runs, bench, part);
  return contenders.map((contender, i) => {
    const shape = [1, height / shrink, width / shrink, channels];
    const { parameters, multiplyAdds } = describe(makeNet(contender.net, train), shape);
    const own = trained.slice(i * seeds, (i + 1) * seeds);
    return {
      ...contender,
      parameters,
      multiplyAdds,
      seconds: runs.slice(i * seeds, (i + 1) * seeds)
        .map(({ recipe, seed }) => secondsOf(bench, recipe, seed)),
      trainErrors: own.map(({ trainError }) => 100 * trainError),
      testErrors: own.map(({ testError }) => 100 * testError),
      runs: own,
    };
  });
}

/** How long a training took when it was run, as the ledger has it. */
function secondsOf({ ledger }: Bench, recipe: Recipe, seed: number): number {
  const wanted = JSON.stringify(recipe);
  return ledger.find((line) =>
    line.task === "train" && line.seed === seed && JSON.stringify(line.configuration) === wanted
  )?.seconds ?? NaN;
}

/** How the training errors of a network differ from those of the baseline, seed by seed. */
export function against(baseline: Compared, other: Compared): PairedTest {
  return pairedTest(baseline.trainErrors, other.trainErrors);
}

/** Writes a difference to the baseline for a finding. */
export function showDifference({ difference, deviation, t }: PairedTest): string {
  return `${difference.toFixed(2)} ± ${deviation.toFixed(2)} points (p = ${t.toPrecision(2)})`;
}

/** Gives the table of a comparison. */
export function comparisonTable(caption: string, all: readonly Compared[]): Table {
  const [baseline] = all;
  return {
    caption: `${caption}; errors in %, mean of the seeds ± standard deviation, differences from ` +
      `"${baseline!.label}" by a paired t test`,
    columns: [
      "network",
      "parameters",
      "multiply-adds",
      "seconds",
      "training error",
      "test error",
      "difference",
      "p",
      "diverged",
    ],
    rows: all.map((one) => {
      const { difference, t } = against(baseline!, one);
      return [
        one.label,
        one.parameters.toLocaleString("en-US"),
        one.multiplyAdds.toLocaleString("en-US"),
        summarize(one.seconds).mean.toFixed(1),
        showSummary(summarize(one.trainErrors)),
        showSummary(summarize(one.testErrors)),
        one === baseline ? "" : difference.toFixed(2),
        one === baseline ? "" : t.toPrecision(2),
        `${one.runs.filter(({ diverged }) => diverged).length}`,
      ];
    }),
  };
}

/** Gives the figure of a comparison: training errors on one axis. */
export function comparisonFigure(name: string, title: string, all: readonly Compared[]): Figure {
  const rows = all.map(({ label, trainErrors }) => ({ label, values: trainErrors }));
  return {
    name,
    caption: `Training error of each seed; the dashed line is the mean of "${all[0]!.label}".`,
    svg: dotPlotSvg(title, "training error, %", rows),
  };
}
