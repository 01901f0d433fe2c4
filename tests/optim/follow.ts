/**
 * The optimizers of the golden trajectories, and how to follow one.
 *
 * @module
 */

import { accumulate } from "../../lib/optim/accumulate.ts";
import { adadelta, type AdadeltaOptions } from "../../lib/optim/adadelta.ts";
import { adafactor, type AdafactorOptions } from "../../lib/optim/adafactor.ts";
import { adagrad, type AdagradOptions } from "../../lib/optim/adagrad.ts";
import { adam, adamw, type AdamWOptions, scaleByAdam } from "../../lib/optim/adam.ts";
import { adamax } from "../../lib/optim/adamax.ts";
import { centralize } from "../../lib/optim/centralize.ts";
import { chain } from "../../lib/optim/chain.ts";
import { clipAdaptively, clipByGlobalNorm, clipByRms, clipByValue } from "../../lib/optim/clip.ts";
import { averagedParams } from "../../lib/optim/ema.ts";
import { lion } from "../../lib/optim/lion.ts";
import { lookahead, type LookaheadOptions } from "../../lib/optim/lookahead.ts";
import { weightsOnly } from "../../lib/optim/mask.ts";
import { trace } from "../../lib/optim/momentum.ts";
import { muon, type MuonOptions } from "../../lib/optim/muon.ts";
import { nadam } from "../../lib/optim/nadam.ts";
import { partition } from "../../lib/optim/partition.ts";
import { radam } from "../../lib/optim/radam.ts";
import { rmsprop, type RmspropOptions } from "../../lib/optim/rmsprop.ts";
import { scaleByLearningRate } from "../../lib/optim/scale.ts";
import { scheduleFree, type ScheduleFreeOptions } from "../../lib/optim/schedule_free.ts";
import { sgd, type SgdOptions } from "../../lib/optim/sgd.ts";
import { applyGradient, type GradientTransformation } from "../../lib/optim/transform.ts";
import { lamb, lars, type LarsOptions } from "../../lib/optim/trust_ratio.ts";
import { scalar } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import type { Tree } from "../../lib/tree.ts";
import { assertClose, type Tolerance } from "../compare.ts";
import golden from "../golden/optim.json" with { type: "json" };
import { rate, slope, type Small, small, start, valuesOf } from "./problem.ts";

/** The options of all of them. */
export type Options =
  & SgdOptions
  & AdamWOptions
  & AdadeltaOptions
  & AdafactorOptions
  & AdagradOptions
  & LarsOptions
  & LookaheadOptions
  & MuonOptions
  & RmspropOptions
  & ScheduleFreeOptions;

const downhill = (direction: GradientTransformation) => chain(direction, scaleByLearningRate());

/** The optimizers by the name that the fixture has for them. */
export const OPTIMIZERS: Readonly<Record<string, (options: Options) => GradientTransformation>> = {
  accumulate: () => accumulate(2, sgd({ momentum: 0.9 })),
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamw,
  centralize: () => downhill(centralize()),
  clipAdaptively: () => downhill(clipAdaptively(0.2)),
  clipByRms: () => downhill(clipByRms(0.5)),
  clipByValue: () => downhill(clipByValue(0.3)),
  clipped: () => downhill(clipByGlobalNorm(2)),
  lamb,
  lars,
  lion,
  lookahead: (options) => lookahead(sgd({ momentum: 0.9 }), options),
  muon,
  nadam,
  partition: () =>
    downhill(partition({ matrix: [weightsOnly, trace(0.9)], other: ["**", scaleByAdam()] })),
  radam,
  rmsprop,
  "scheduleFree adam": (options) => scheduleFree(adam({ beta1: 0 }), options),
  "scheduleFree sgd": (options) => scheduleFree(sgd(), options),
  sgd,
  "the average of scheduleFree adam": (options) => scheduleFree(adam({ beta1: 0 }), options),
};

/** One golden trajectory. */
export type Golden = {
  /** What it is of. */
  readonly name: string;
  /** The parameters after the steps that were written. */
  readonly trajectory: readonly (readonly number[])[];
  /** Makes the optimizer. */
  readonly make: () => GradientTransformation;
  /** Gives the parameters to compare. */
  readonly read: (params: Small, memory: Tree) => Small;
};

/** All of them. */
export const goldens: readonly Golden[] = golden.cases.map(
  ({ optimizer, options, source, trajectory }) => {
    const { mask, ...others } = options as { mask?: "weightsOnly" };
    const all: Options = mask === undefined ? others : { ...others, mask: weightsOnly };
    return {
      name: `${optimizer}(${JSON.stringify(options)}) takes the steps of ${source}`,
      trajectory,
      make: () => OPTIMIZERS[optimizer]!(all),
      read: optimizer.startsWith("the average") ? averagedParams : (params) => params,
    };
  },
);

/** Takes ten steps and checks the parameters after those that were written. */
export async function follow(
  { make, trajectory, read }: Omit<Golden, "name">,
  tolerance: Tolerance,
): Promise<void> {
  const optimizer = make();
  let params = small(start);
  let state = optimizer.init(params);
  for (let t = 0; t < Math.max(...golden.steps); t++) {
    const gradient = small(slope(t));
    const learningRate = scalar(rate(t));
    const context = { params, learningRate };
    const [nextParams, nextState] = applyGradient(optimizer, gradient, state, context);
    release([params, state, gradient, learningRate], [nextParams, nextState]);
    [params, state] = [nextParams, nextState];
    const expected = trajectory[golden.steps.indexOf(t + 1)];
    if (expected) await assertClose(await valuesOf(read(params, state)), expected, tolerance);
  }
  release([params, state]);
}
