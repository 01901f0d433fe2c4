/**
 * Seeing what a model is and how its training went: exact costs without touching a device, a summary
 * as a table, JSON or HTML, where the time of a step goes, and curves as a picture.
 *
 * @module
 */

export { cost, forecast } from "./cost.ts";
export type {
  Cost,
  CostOptions,
  Forecast,
  ForecastOptions,
  LayerCost,
  TrainingMemory,
} from "./cost.ts";
export { curvesSvg } from "./curves.ts";
export type { CurvesOptions, HistoryRecord } from "./curves.ts";
export type { Range, ScaleKind } from "./scale.ts";
export { liveRunHtml } from "./live_page.ts";
export type { LiveRun } from "./live_page.ts";
export { profile } from "./profile.ts";
export type {
  KernelRun,
  KernelTotal,
  Peak,
  Profile,
  ProfileOptions,
  ProgramRun,
} from "./profile.ts";
export { runReportHtml } from "./run_report.ts";
export type { Fact, PicturedMistake, RunReport } from "./run_report.ts";
export { summary } from "./summary.ts";
export type { Summary, SummaryOptions } from "./summary.ts";
export type { Shown } from "./table.ts";
export { tensorboardHeader, tensorboardRecord } from "./tensorboard.ts";
export type { TensorboardEvent, TensorboardValue } from "./tensorboard.ts";
