/**
 * All experiments, in the order of the report.
 *
 * @module
 */

import type { Experiment } from "./experiment.ts";
import { shatteredGradients } from "./shattered_gradients.ts";

/** The experiments of the laboratory, in the order of the report. */
export const experiments: readonly Experiment[] = Object.freeze([
  shatteredGradients,
]);
