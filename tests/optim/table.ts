/**
 * Every transformation, for the laws that all of them obey.
 *
 * @module
 */

import { accumulate } from "../../lib/optim/accumulate.ts";
import { adadelta, scaleByAdadelta } from "../../lib/optim/adadelta.ts";
import { adafactor, scaleByFactoredRms, scaleByParameterRms } from "../../lib/optim/adafactor.ts";
import { adagrad, scaleByAdagrad } from "../../lib/optim/adagrad.ts";
import { adam, adamw, scaleByAdam } from "../../lib/optim/adam.ts";
import { adamax, scaleByAdamax } from "../../lib/optim/adamax.ts";
import { centralize } from "../../lib/optim/centralize.ts";
import { chain, namedChain } from "../../lib/optim/chain.ts";
import { clipAdaptively, clipByGlobalNorm, clipByRms, clipByValue } from "../../lib/optim/clip.ts";
import { addDecayedWeights } from "../../lib/optim/decay.ts";
import { ema } from "../../lib/optim/ema.ts";
import { applyIfFinite, zeroNans } from "../../lib/optim/finite.ts";
import { knob } from "../../lib/optim/hyperparameter.ts";
import { lion, scaleByLion } from "../../lib/optim/lion.ts";
import { lookahead } from "../../lib/optim/lookahead.ts";
import { freeze, masked, weightsOnly } from "../../lib/optim/mask.ts";
import { trace } from "../../lib/optim/momentum.ts";
import { muon, scaleByMuon } from "../../lib/optim/muon.ts";
import { nadam } from "../../lib/optim/nadam.ts";
import { addNoise } from "../../lib/optim/noise.ts";
import { partition } from "../../lib/optim/partition.ts";
import { radam, scaleByRadam } from "../../lib/optim/radam.ts";
import { rmsprop, scaleByDeviation, scaleByRms } from "../../lib/optim/rmsprop.ts";
import { scale, scaleByLearningRate } from "../../lib/optim/scale.ts";
import { scheduleFree } from "../../lib/optim/schedule_free.ts";
import { sgd } from "../../lib/optim/sgd.ts";
import type { GradientTransformation } from "../../lib/optim/transform.ts";
import { lamb, lars, scaleByTrustRatio } from "../../lib/optim/trust_ratio.ts";

type Table = Readonly<Record<string, GradientTransformation>>;

/** Those that put out a direction, to be scaled by the learning rate. */
export const DIRECTIONS: Table = {
  "addDecayedWeights()": addDecayedWeights(0.1),
  "addDecayedWeights() with a mask": addDecayedWeights(0.1, { mask: weightsOnly }),
  "addNoise()": addNoise(1e-4),
  "chain()": chain(),
  "clipAdaptively()": clipAdaptively(0.5),
  "clipByGlobalNorm()": clipByGlobalNorm(0.5),
  "clipByRms()": clipByRms(0.3),
  "clipByValue()": clipByValue(0.3),
  "ema()": ema(0.9),
  "masked()": masked(trace(0.8), "conv.*"),
  "masked() with a function": masked(scaleByAdam(), weightsOnly),
  "masked() with nothing": masked(clipByGlobalNorm(1), []),
  "namedChain()": namedChain({ clip: clipByGlobalNorm(0.5), inertia: trace(0.5) }),
  "partition()": partition({ matrices: [weightsOnly, scaleByAdam()], others: ["**", trace(0.5)] }),
  "scale()": scale(0.5),
  "scale() with a function": scale(({ learningRate }) => learningRate),
  "scaleByAdadelta()": scaleByAdadelta(),
  "scaleByAdagrad()": scaleByAdagrad(),
  "scaleByAdam()": scaleByAdam(),
  "scaleByAdam() with nesterov": scaleByAdam({ nesterov: true }),
  "scaleByAdamax()": scaleByAdamax(),
  "scaleByDeviation()": scaleByDeviation({ epsilon: 0.1 }),
  "scaleByFactoredRms()": scaleByFactoredRms({ factorFrom: 2 }),
  "scaleByLion()": scaleByLion(),
  "scaleByMuon()": masked(scaleByMuon(), weightsOnly),
  "scaleByParameterRms()": scaleByParameterRms({ least: 0.5 }),
  "scaleByRadam()": scaleByRadam(),
  "scaleByRms()": scaleByRms(),
  "scaleByTrustRatio()": scaleByTrustRatio(),
  "trace()": trace(0.8),
  "trace() with nesterov": trace(0.8, { nesterov: true }),
  "trace() with a knob": trace(knob("momentum")),
  "zeroNans()": zeroNans(),
};

/** Those that are whole optimizers and go downhill by themselves. */
export const OPTIMIZERS: Table = {
  "accumulate()": accumulate(3, sgd({ momentum: 0.5 })),
  "adadelta()": adadelta({ weightDecay: 1e-4 }),
  "adafactor()": adafactor({ factorFrom: 2, weightDecay: 1e-4 }),
  "adagrad()": adagrad(),
  "adam()": adam(),
  "adamax()": adamax(),
  "adamw()": adamw({ mask: weightsOnly }),
  "applyIfFinite()": applyIfFinite(adam(), 3),
  "chain() of chains": chain(clipByGlobalNorm(5), sgd({ momentum: 0.5 }), trace(0.1)),
  "lamb()": lamb({ weightDecay: 1e-4 }),
  "lars()": lars({ trust: 0.5, mask: weightsOnly }),
  "lion()": lion(),
  "lookahead()": lookahead(adam(), { period: 3, share: 0.5 }),
  "muon()": muon({ weightDecay: 1e-4 }),
  "nadam()": nadam(),
  "radam()": radam(),
  "rmsprop()": rmsprop(),
  "rmsprop() with all options": rmsprop({
    centered: true,
    epsilon: 0.1,
    epsilonInRoot: true,
    momentum: 0.5,
    nesterov: true,
  }),
  "scaleByLearningRate()": scaleByLearningRate(),
  "scheduleFree()": scheduleFree(sgd()),
  "scheduleFree() of Adam": scheduleFree(adam({ beta1: 0 })),
  "sgd()": sgd(),
  "sgd() as Caffe": sgd({ momentum: 0.9, weightDecay: 1e-4, convention: "caffe" }),
  "sgd() with all options": sgd({ momentum: 0.9, nesterov: true, weightDecay: 1e-4 }),
};

/** Those that cannot find the bottom by themselves. */
export const STILL: Table = {
  "centralize()": centralize(),
  "freeze()": freeze("scale"),
};

/** Learning rates on the parabola, where 0.3 will not do. */
export const RATES: Readonly<Record<string, number>> = {
  "adadelta()": 20,
  "scaleByAdadelta()": 20,
  "scheduleFree()": 0.6,
};
