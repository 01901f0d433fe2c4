/**
 * All experiments, in the order of the report.
 *
 * @module
 */

import { bottlenecks } from "./bottleneck.ts";
import { degradation } from "./degradation.ts";
import { existence } from "./existence.ts";
import type { Experiment } from "./experiment.ts";
import { gradientFlow } from "./gradient_flow.ts";
import { landscape } from "./landscape.ts";
import { neighbours } from "./neighbours.ts";
import { responses } from "./responses.ts";
import { shatteredGradients } from "./shattered_gradients.ts";
import { shortcuts } from "./shortcuts.ts";

/** The experiments of the laboratory, in the order of the report. */
export const experiments: readonly Experiment[] = Object.freeze([
  degradation,
  existence,
  shortcuts,
  bottlenecks,
  responses,
  shatteredGradients,
  gradientFlow,
  neighbours,
  landscape,
]);
