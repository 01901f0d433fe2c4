/**
 * The residual-learning laboratory: the questions of the paper and of its neighbours as experiments,
 * each a pure function from a specification to numbers, figures and a verdict. Runs in a browser too.
 *
 * @module
 */

// The bench.
export { bench, memoryStore } from "./bench.ts";
export type { ArmOptions, Bench, BenchOptions, LabData, Store } from "./bench.ts";
export { experiment, verdictOf } from "./experiment.ts";
export type { Experiment, Figure, Finding, Result, Scale, Table } from "./experiment.ts";
export { digest, fingerprint } from "./ledger.ts";
export type { Arm, Json, LedgerLine } from "./ledger.ts";
export { reportHtml, runExperiment } from "./report.ts";
export type { Entry, ReportOptions } from "./report.ts";
export { pairedTest, showSummary, summarize } from "./statistics.ts";
export type { PairedTest, Summary } from "./statistics.ts";

// Experiments.
export { experiments } from "./experiments.ts";

// Pictures.
export { heatMapsSvg } from "./heat_map.ts";
export type { HeatMap, HeatMapOptions } from "./heat_map.ts";
export { plotSvg } from "./plot.ts";
export type { Axis, Panel, PlotOptions, PlotPoint, Series } from "./plot.ts";

// Shattered gradients.
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
export { shatteredGradients } from "./shattered_gradients.ts";
export type { ShatteredSpec } from "./shattered_curves.ts";
