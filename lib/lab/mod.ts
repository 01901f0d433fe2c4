/**
 * The residual-learning laboratory: the questions of the paper and of its neighbours as experiments,
 * each a pure function from a specification to numbers, figures and a verdict. Runs in a browser too.
 *
 * @module
 */

// Experiments.
export { bottleneckCosts, bottlenecks } from "./bottleneck.ts";
export type { BlockCost, BottleneckSpec } from "./bottleneck.ts";
export { degradation } from "./degradation.ts";
export type { DegradationSpec } from "./degradation.ts";
export { existence } from "./existence.ts";
export type { ExistenceSpec } from "./existence.ts";
export { experiments } from "./experiments.ts";
export { gradientFlow } from "./gradient_flow.ts";
export type { GradientFlowSpec } from "./gradient_flow.ts";
export { filterDirection, landscape } from "./landscape.ts";
export type { LandscapeSpec } from "./landscape.ts";
export { neighbours } from "./neighbours.ts";
export type { NeighboursSpec } from "./neighbours.ts";
export { responses, responsesOf } from "./responses.ts";
export type { Responses, ResponsesSpec } from "./responses.ts";
export type { ShatteredSpec } from "./shattered_curves.ts";
export { shatteredGradients } from "./shattered_gradients.ts";
export { shortcuts } from "./shortcuts.ts";
export type { ShortcutsSpec } from "./shortcuts.ts";

// The bench and the report.
export { bench } from "./bench.ts";
export type { ArmOptions, Bench, BenchOptions, LabData } from "./bench.ts";
export { experiment, verdictOf } from "./experiment.ts";
export type { Experiment, Figure, Finding, Result, Scale, Table } from "./experiment.ts";
export { digest, fingerprint } from "./ledger.ts";
export type { Arm, Json, LedgerLine } from "./ledger.ts";
export { reportHtml, runExperiment } from "./report.ts";
export type { Entry, ReportOptions } from "./report.ts";
export { memoryStore } from "./store.ts";
export type { Store } from "./store.ts";
export { pairedTest, showSummary, summarize } from "./statistics.ts";
export type { PairedTest, Summary } from "./statistics.ts";

// Pictures.
export { dotPlotSvg } from "./dot_plot.ts";
export type { DotRow } from "./dot_plot.ts";
export { heatMapsSvg } from "./heat_map.ts";
export type { HeatMap, HeatMapOptions } from "./heat_map.ts";
export { plotSvg } from "./plot.ts";
export type { Axis, Panel, PlotOptions, PlotPoint, Series } from "./plot.ts";

// Networks and their training.
export { BLOCKS } from "./blocks.ts";
export type { BlockName, BlockPlace, MakeBlock } from "./blocks.ts";
export { growVariables } from "./grow.ts";
export { removableBlocks, swapBlocks, withoutBlocks } from "./lesions.ts";
export type { BlockAt, Changed } from "./lesions.ts";
export { depthOf, makeNet, netOfDepth } from "./nets.ts";
export type { Net, NetOptions } from "./nets.ts";
export { pathNet, pathsOfLength } from "./paths.ts";
export { pointwiseExample } from "./pointwise.ts";
export type { PointwiseExample } from "./pointwise.ts";
export type { BaseRecipe } from "./recipes.ts";
export { sampleOf, shrink } from "./sample.ts";
export type { Sample } from "./sample.ts";
export { stepsOf, trainAll, trainedVariables } from "./training.ts";
export type { Recipe, Run, Trained } from "./training.ts";

// Gradients at the start.
export {
  autocorrelation,
  brownNoise,
  gradientCovariance,
  readGradient,
  slopesByDepth,
  whiteNoise,
} from "./gradient_curves.ts";
export type { CurveNet, CurveSize } from "./gradient_curves.ts";
export { concatenatedRelu, mirrored } from "./looks_linear.ts";
export type { MirroredOptions } from "./looks_linear.ts";
export { gateCorrelation, simulateGates } from "./random_gates.ts";
export type { GateNet, SimulatedCorrelation } from "./random_gates.ts";
