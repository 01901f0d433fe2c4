/**
 * Degradation: the observation that the paper begins with. A deeper plain network has a higher training
 * error than a shallower one, which no lack of data explains; a residual network has not.
 *
 * He et al., [Deep residual learning](https://arxiv.org/abs/1512.03385), 2015, figures 1, 4 and 6.
 *
 * @module
 */

import { describe } from "../layer.ts";
import type { BlockName } from "./blocks.ts";
import {
  type Experiment,
  experiment,
  type Figure,
  type Finding,
  type Result,
} from "./experiment.ts";
import { makeNet, netOfDepth } from "./nets.ts";
import { type Panel, plotSvg } from "./plot.ts";
import { type BaseRecipe, FULL, QUICK, QUICK_DIFFERENCES, runsOf } from "./recipes.ts";
import { pairedTest, showSummary, summarize } from "./statistics.ts";
import { trainAll, type Trained } from "./training.ts";

/** What {@linkcode degradation} runs. */
export type DegradationSpec = {
  /** Depths, 6n + 2, growing. */
  readonly depths: readonly number[];
  /** Filters of the first stage. */
  readonly width: number;
  /** Number of seeds; twins share theirs. */
  readonly seeds: number;
  /** How all networks are trained. */
  readonly recipe: BaseRecipe;
};

/** The twins, by the name they have in figures. */
const TWINS: Readonly<Record<string, BlockName>> = { plain: "plain", residual: "A" };

/** The experiment on degradation. */
export const degradation: Experiment<DegradationSpec> = experiment<DegradationSpec>({
  name: "degradation",
  title: "Degradation",
  claim:
    "With more layers the training error of plain networks rises; that of residual networks, " +
    "which have the same parameters, does not (He et al., 2015, figures 1, 4 and 6).",
  setUp:
    "Plain networks and residual networks with shortcut A, which have the same parameters, over " +
    "depth. Twins of one seed see the same batches in the same order.",
  refutedBy:
    "A deepest plain network whose training error is not above that of the shallowest, by " +
    "more than the spread of the seeds; or a deepest residual network whose training error is.",
  differences: QUICK_DIFFERENCES,
  minutes: 9,
  specs: {
    quick: { depths: [8, 20, 44], width: 8, seeds: 3, recipe: QUICK },
    full: { depths: [20, 32, 44, 56, 110], width: 16, seeds: 5, recipe: FULL },
  },
  async run(spec, bench) {
    const nets = Object.values(TWINS).flatMap((block) =>
      spec.depths.map((depth) => netOfDepth(block, depth, spec.width))
    );
    const trained = await trainAll(runsOf(spec.recipe, nets, spec.seeds), bench);
    const rows: Row[] = Object.keys(TWINS).flatMap((name, twin) =>
      spec.depths.map((depth, i) => {
        const first = (twin * spec.depths.length + i) * spec.seeds;
        return { name, depth, runs: trained.slice(first, first + spec.seeds) };
      })
    );
    const { train } = await bench.data();
    return resultOf(spec, rows, train.shape[3]);
  },
});

/** The runs of one network. */
type Row = { readonly name: string; readonly depth: number; readonly runs: readonly Trained[] };

const percent = (share: number) => 100 * share;
const errorsOf = ({ runs }: Row, of: "trainError" | "testError") =>
  runs.map((run) => percent(run[of]));

function resultOf(spec: DegradationSpec, rows: readonly Row[], channels: number): Result {
  const { depths, width } = spec;
  const row = (name: string, depth: number) =>
    rows.find((row) => row.name === name && row.depth === depth)!;
  return {
    findings: findingsOf(spec, row),
    tables: [{
      caption: "Errors in %, mean of the seeds ± standard deviation",
      columns: ["network", "layers", "parameters", "training error", "test error", "diverged"],
      rows: rows.map((row) => {
        const net = netOfDepth(TWINS[row.name]!, row.depth, width);
        const { parameters } = describe(makeNet(net), [1, 8, 8, channels]);
        return [
          row.name,
          `${row.depth}`,
          parameters.toLocaleString("en-US"),
          showSummary(summarize(errorsOf(row, "trainError"))),
          showSummary(summarize(errorsOf(row, "testError"))),
          `${row.runs.filter(({ diverged }) => diverged).length}`,
        ];
      }),
    }],
    figures: [depthFigure(depths, row), epochsFigure(depths, row)],
    data: rows,
  };
}

function findingsOf(
  { depths, seeds }: DegradationSpec,
  row: (name: string, depth: number) => Row,
): Finding[] {
  const [first, last] = [depths[0]!, depths.at(-1)!];
  const errors = (name: string, depth: number) => errorsOf(row(name, depth), "trainError");
  const compare = (name: string) => pairedTest(errors(name, first), errors(name, last));
  const [plain, residual] = [compare("plain"), compare("residual")];
  const twins = pairedTest(errors("residual", last), errors("plain", last));
  const evidence = ({ difference, deviation, t }: typeof plain) =>
    `difference ${difference.toFixed(2)} ± ${deviation.toFixed(2)} points over ${seeds} seeds, ` +
    `paired t test p = ${t.toPrecision(2)}`;
  const rising = depths.slice(1).find((depth, i) =>
    summarize(errors("plain", depth)).mean > summarize(errors("plain", depths[i]!)).mean
  );
  return [
    {
      claim: `The training error of plain-${last} is above that of plain-${first}` +
        (rising === undefined ? "" : `; it rises from ${rising} layers on`),
      shown: plain.difference > plain.deviation,
      evidence: evidence(plain),
    },
    {
      claim: `The training error of residual-${last} is not above that of residual-${first}`,
      shown: residual.difference <= residual.deviation,
      evidence: evidence(residual),
    },
    {
      claim: `Of ${last} layers, the plain network has the higher training error`,
      shown: twins.difference > twins.deviation,
      evidence: evidence(twins),
    },
  ];
}

function depthFigure(depths: readonly number[], row: (name: string, depth: number) => Row): Figure {
  const panel = (title: string, of: "trainError" | "testError"): Panel => ({
    title,
    x: { label: "layers" },
    y: { label: "error, %", scale: "from0" },
    series: Object.keys(TWINS).map((name) => ({
      label: name,
      points: depths.map((depth) => {
        const { mean, deviation } = summarize(errorsOf(row(name, depth), of));
        return [depth, mean, deviation] as const;
      }),
    })),
  });
  return {
    name: "error-over-depth",
    caption: "Error over depth; the bands are the standard deviation of the seeds.",
    svg: plotSvg("Error over depth", [
      panel("training", "trainError"),
      panel("test", "testError"),
    ]),
  };
}

function epochsFigure(
  depths: readonly number[],
  row: (name: string, depth: number) => Row,
): Figure {
  const losses = (name: string, depth: number) => {
    const { runs } = row(name, depth);
    const epochs = Math.min(...runs.map(({ losses }) => losses.length));
    return Array.from(
      { length: epochs },
      (_, i) => [i + 1, summarize(runs.map(({ losses }) => losses[i]!)).mean] as const,
    );
  };
  return {
    name: "loss-over-epochs",
    caption:
      "Training loss of each epoch, mean of the seeds: beside each other as in figure 4 of " +
      "the paper.",
    svg: plotSvg(
      "Training loss",
      Object.keys(TWINS).map((name) => ({
        title: name,
        x: { label: "epoch" },
        y: { label: "loss", scale: "log" },
        series: depths.map((depth) => ({ label: `${depth} layers`, points: losses(name, depth) })),
      })),
    ),
  };
}
