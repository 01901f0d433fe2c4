import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { ArgumentError, type FplusxError, ShapeError, TreeError } from "../../lib/errors.ts";
import { accumulate } from "../../lib/optim/accumulate.ts";
import { adadelta } from "../../lib/optim/adadelta.ts";
import { adafactor, scaleByParameterRms } from "../../lib/optim/adafactor.ts";
import { adagrad } from "../../lib/optim/adagrad.ts";
import { adam, adamw } from "../../lib/optim/adam.ts";
import { adamax } from "../../lib/optim/adamax.ts";
import { namedChain } from "../../lib/optim/chain.ts";
import { clipAdaptively, clipByGlobalNorm, clipByRms, clipByValue } from "../../lib/optim/clip.ts";
import { cosineRestarts, interpolate, oneCycle } from "../../lib/optim/cycle.ts";
import { addDecayedWeights } from "../../lib/optim/decay.ts";
import { ema } from "../../lib/optim/ema.ts";
import { applyIfFinite } from "../../lib/optim/finite.ts";
import { lion } from "../../lib/optim/lion.ts";
import { lookahead } from "../../lib/optim/lookahead.ts";
import { trace } from "../../lib/optim/momentum.ts";
import { muon } from "../../lib/optim/muon.ts";
import { nadam } from "../../lib/optim/nadam.ts";
import { addNoise } from "../../lib/optim/noise.ts";
import { partition } from "../../lib/optim/partition.ts";
import { reduceOnPlateau } from "../../lib/optim/plateau.ts";
import { radam } from "../../lib/optim/radam.ts";
import { rmsprop } from "../../lib/optim/rmsprop.ts";
import { scheduleFree } from "../../lib/optim/schedule_free.ts";
import { lamb, lars } from "../../lib/optim/trust_ratio.ts";
import { sharpnessAware } from "../../lib/train/sharpness.ts";
import { scale } from "../../lib/optim/scale.ts";
import {
  constantRate,
  cosineDecay,
  exponentialDecay,
  joinSchedules,
  piecewise,
  polynomialDecay,
  stepDecay,
  warmup,
} from "../../lib/optim/schedule.ts";
import { sgd } from "../../lib/optim/sgd.ts";
import { applyGradient } from "../../lib/optim/transform.ts";
import { scalar, tidy, zeros } from "../../lib/ops.ts";
import { testEach } from "../backends.ts";
import type { Tree } from "../../lib/tree.ts";

const CONSTRUCTIONS: readonly (readonly [message: string, make: () => unknown])[] = [
  ["sgd with momentum 1: need a number of at least 0 and less than 1", () => sgd({ momentum: 1 })],
  [
    "sgd with momentum NaN: need a number of at least 0 and less than 1",
    () => sgd({ momentum: NaN }),
  ],
  [
    "sgd with weightDecay -1: need a finite number of at least 0",
    () => sgd({ weightDecay: -1 }),
  ],
  ["sgd with nesterov and momentum 0: need momentum above 0", () => sgd({ nesterov: true })],
  ["trace with decay -0.5: need a number of at least 0 and less than 1", () => trace(-0.5)],
  [
    "addDecayedWeights with decay Infinity: need a finite number of at least 0",
    () => addDecayedWeights(Infinity),
  ],
  ["clipByGlobalNorm with limit 0: need a positive number", () => clipByGlobalNorm(0)],
  ["scale with factor NaN: need a finite number", () => scale(NaN)],
  ["adam with beta1 1: need a number of at least 0 and less than 1", () => adam({ beta1: 1 })],
  ["adam with beta2 2: need a number of at least 0 and less than 1", () => adam({ beta2: 2 })],
  ["adam with epsilon 0: need a positive number", () => adam({ epsilon: 0 })],
  [
    "adamw with weightDecay NaN: need a finite number of at least 0",
    () => adamw({ weightDecay: NaN }),
  ],
  ["constantRate with rate NaN: need a finite number of at least 0", () => constantRate(NaN)],
  ["constantRate with rate -0.1: need a finite number of at least 0", () => constantRate(-0.1)],
  [
    "constantRate with rate Infinity: need a finite number of at least 0",
    () => constantRate(Infinity),
  ],
  [
    "piecewise with rate -1: need a finite number of at least 0",
    () => piecewise([5], [1, -1]),
  ],
  ["piecewise with 2 boundaries and 2 rates: need 3 rates", () => piecewise([5, 6], [1, 2])],
  ["piecewise with boundaries [6,5]: need them to grow", () => piecewise([6, 5], [1, 2, 3])],
  ["piecewise with boundary 0.5: need an integer of at least 0", () => piecewise([0.5], [1, 2])],
  ["stepDecay with every 0: need an integer of at least 1", () => stepDecay(0.1, 0)],
  ["stepDecay with factor NaN: need a finite number of at least 0", () => stepDecay(0.1, 9, NaN)],
  ["exponentialDecay with factor 0: need a positive number", () => exponentialDecay(0.1, 9, 0)],
  [
    "polynomialDecay with power -1: need a positive number",
    () => polynomialDecay(0.1, 9, { power: -1 }),
  ],
  [
    "cosineDecay with end -1: need a finite number of at least 0",
    () => cosineDecay(0.1, 9, { end: -1 }),
  ],
  ["cosineDecay with steps 1.5: need an integer of at least 1", () => cosineDecay(0.1, 1.5)],
  [
    "warmup with start NaN: need a finite number of at least 0",
    () => warmup(5, constantRate(1), { start: NaN }),
  ],
  [
    "joinSchedules with 1 boundaries and 1 schedules: need 2 schedules",
    () => joinSchedules([5], [constantRate(1)]),
  ],
  ["accumulate with steps 0: need an integer of at least 1", () => accumulate(0, sgd())],
  [
    "adadelta with decay 1: need a number of at least 0 and less than 1",
    () => adadelta({ decay: 1 }),
  ],
  ["adadelta with epsilon 0: need a positive number", () => adadelta({ epsilon: 0 })],
  [
    "adadelta with weightDecay -1: need a finite number of at least 0",
    () => adadelta({ weightDecay: -1 }),
  ],
  ["adafactor with power 0: need a positive number", () => adafactor({ power: 0 })],
  [
    "adafactor with factorFrom 0.5: need an integer of at least 1",
    () => adafactor({ factorFrom: 0.5 }),
  ],
  ["adafactor with clip -1: need a positive number", () => adafactor({ clip: -1 })],
  ["adafactor with epsilon NaN: need a positive number", () => adafactor({ epsilon: NaN })],
  [
    "adafactor with weightDecay Infinity: need a finite number of at least 0",
    () => adafactor({ weightDecay: Infinity }),
  ],
  ["adagrad with initial -1: need a finite number of at least 0", () => adagrad({ initial: -1 })],
  ["adagrad with epsilon 0: need a positive number", () => adagrad({ epsilon: 0 })],
  ["adamax with beta1 1: need a number of at least 0 and less than 1", () => adamax({ beta1: 1 })],
  [
    "adamax with beta2 -1: need a number of at least 0 and less than 1",
    () => adamax({ beta2: -1 }),
  ],
  ["adamax with epsilon 0: need a positive number", () => adamax({ epsilon: 0 })],
  ["addNoise with variance -1: need a finite number of at least 0", () => addNoise(-1)],
  ["addNoise with power 0: need a positive number", () => addNoise(1, { power: 0 })],
  ["applyIfFinite with patience 0: need an integer of at least 1", () => applyIfFinite(sgd(), 0)],
  ["clipAdaptively with ratio 0: need a positive number", () => clipAdaptively(0)],
  ["clipAdaptively with least 0: need a positive number", () => clipAdaptively(1, { least: 0 })],
  ["clipByRms with limit NaN: need a positive number", () => clipByRms(NaN)],
  ["clipByValue with limit 0: need a positive number", () => clipByValue(0)],
  ["ema with decay 1: need a number of at least 0 and less than 1", () => ema(1)],
  ["adam with beta1 1: need a number of at least 0 and less than 1", () => lamb({ beta1: 1 })],
  [
    "addDecayedWeights with decay -1: need a finite number of at least 0",
    () => lamb({ weightDecay: -1 }),
  ],
  ["scaleByTrustRatio with trust 0: need a positive number", () => lars({ trust: 0 })],
  [
    "scaleByTrustRatio with epsilon -1: need a finite number of at least 0",
    () => lars({ epsilon: -1 }),
  ],
  ["trace with decay 1: need a number of at least 0 and less than 1", () => lars({ momentum: 1 })],
  ["lion with beta1 1: need a number of at least 0 and less than 1", () => lion({ beta1: 1 })],
  ["lion with beta2 NaN: need a number of at least 0 and less than 1", () => lion({ beta2: NaN })],
  ["lookahead with period 0: need an integer of at least 1", () => lookahead(sgd(), { period: 0 })],
  [
    "lookahead with share 0: need a number above 0 and of at most 1",
    () => lookahead(sgd(), { share: 0 }),
  ],
  ["muon with beta 1: need a number of at least 0 and less than 1", () => muon({ beta: 1 })],
  ["muon with turns 0: need an integer of at least 1", () => muon({ turns: 0 })],
  ["adam with beta1 2: need a number of at least 0 and less than 1", () => nadam({ beta1: 2 })],
  ["radam with beta1 1: need a number of at least 0 and less than 1", () => radam({ beta1: 1 })],
  ["radam with beta2 1: need a number of at least 0 and less than 1", () => radam({ beta2: 1 })],
  ["radam with epsilon 0: need a positive number", () => radam({ epsilon: 0 })],
  [
    "rmsprop with decay 1: need a number of at least 0 and less than 1",
    () => rmsprop({ decay: 1 }),
  ],
  ["rmsprop with epsilon 0: need a positive number", () => rmsprop({ epsilon: 0 })],
  [
    "rmsprop with momentum 1: need a number of at least 0 and less than 1",
    () => rmsprop({ momentum: 1 }),
  ],
  [
    "rmsprop with nesterov and momentum 0: need momentum above 0",
    () => rmsprop({ nesterov: true }),
  ],
  [
    "scaleByParameterRms with least 0: need a positive number",
    () => scaleByParameterRms({ least: 0 }),
  ],
  [
    "scheduleFree with beta 1: need a number of at least 0 and less than 1",
    () => scheduleFree(sgd(), { beta: 1 }),
  ],
  [
    "scheduleFree with power -1: need a finite number of at least 0",
    () => scheduleFree(sgd(), { power: -1 }),
  ],
  ["sharpnessAware with radius 0: need a positive number", () => sharpnessAware(0)],
  ["interpolate with 1 boundaries and 1 rates: need 2 rates", () => interpolate([5], [1])],
  ["interpolate with rate -1: need a finite number of at least 0", () => interpolate([5], [1, -1])],
  ["interpolate with ease 0: need a positive number", () => interpolate([5], [1, 1], { ease: 0 })],
  ["warmup with ease -1: need a positive number", () => warmup(5, constantRate(1), { ease: -1 })],
  ["oneCycle with peak NaN: need a finite number of at least 0", () => oneCycle(NaN, 10)],
  [
    "oneCycle with rise 1: need a number of at least 0 and less than 1",
    () => oneCycle(1, 10, { rise: 1 }),
  ],
  ["oneCycle with steps 0: need an integer of at least 1", () => oneCycle(1, 0)],
  ["cosineRestarts with period 0: need an integer of at least 1", () => cosineRestarts(1, 0)],
  [
    "cosineRestarts with growth 1.5: need an integer of at least 1",
    () => cosineRestarts(1, 10, { growth: 1.5 }),
  ],
  [
    "cosineRestarts with decay -1: need a finite number of at least 0",
    () => cosineRestarts(1, 10, { decay: -1 }),
  ],
  [
    "reduceOnPlateau with factor 1: need a number of at least 0 and less than 1",
    () => reduceOnPlateau({ factor: 1 }),
  ],
  ["reduceOnPlateau with factor 0: need a positive number", () => reduceOnPlateau({ factor: 0 })],
  [
    "reduceOnPlateau with patience -1: need an integer of at least 0",
    () => reduceOnPlateau({ patience: -1 }),
  ],
  [
    "reduceOnPlateau with least NaN: need a finite number of at least 0",
    () => reduceOnPlateau({ least: NaN }),
  ],
];

Deno.test("parts may not be named by integers, which JavaScript would move", () => {
  const message = (what: string) =>
    `Cannot name a part of a ${what} "7": JavaScript moves names that are integers to the front`;
  const chained = assertThrows(() => namedChain({ a: sgd(), 7: sgd() }), ArgumentError);
  assertEquals(chained.message, message("chain"));
  const divided = assertThrows(() => partition({ 7: ["**", sgd()] }), ArgumentError);
  assertEquals(divided.message, message("partition"));
});

for (const [message, make] of CONSTRUCTIONS) {
  Deno.test(`Cannot make ${message}`, () => {
    const error = assertThrows(make, ArgumentError);
    assertEquals(error.message, `Cannot make ${message}`);
  });
}

/** Takes a step with a gradient that does not fit. */
function misfit(gradient: () => Tree, params: () => Tree): FplusxError {
  const optimizer = sgd({ momentum: 0.9, weightDecay: 0.1 });
  return tidy(() => {
    const [given, wrong] = [params(), gradient()];
    const context = { params: given, learningRate: scalar(0.1) };
    return assertThrows(
      () => applyGradient(optimizer, wrong, optimizer.init(given), context),
    ) as FplusxError;
  });
}

const model = () => ({ conv: { weight: zeros([2, 3]), bias: zeros([3]) }, fc: zeros([4]) });

testEach("a gradient with missing and unexpected leaves is refused with all their paths", () => {
  const error = misfit(() => ({ conv: { scale: zeros([3]), bias: zeros([3]) } }), model);
  assertInstanceOf(error, TreeError);
  assertEquals(
    error.message,
    "Cannot update parameters with this gradient: " +
      'missing "conv.weight", "fc"; unexpected "conv.scale"',
  );
});

testEach("a gradient whose leaves are in another order is refused", () => {
  const gradient = () => ({ fc: zeros([4]), conv: { weight: zeros([2, 3]), bias: zeros([3]) } });
  const error = misfit(gradient, model);
  assertInstanceOf(error, TreeError);
  assertEquals(
    error.message,
    "Cannot update parameters with this gradient: the same paths in another order",
  );
});

testEach("a gradient that would only fit by broadcasting is refused", () => {
  const error = misfit(
    () => ({ ...model(), conv: { ...model().conv, weight: zeros([3]) } }),
    model,
  );
  assertInstanceOf(error, ShapeError);
  assertEquals(
    error.message,
    "Cannot update a parameter of shape [2,3]: the gradient has shape [3], " +
      'at "conv.weight"',
  );
});

for (const rate of [NaN, -0.1, Infinity]) {
  testEach(`a step with learning rate ${rate} is refused`, () => {
    const optimizer = sgd({ momentum: 0.9, convention: "caffe" });
    tidy(() => {
      const params = model();
      const context = { params, learningRate: scalar(rate) };
      const error = assertThrows(
        () => applyGradient(optimizer, params, optimizer.init(params), context),
        ArgumentError,
      );
      assertEquals(
        error.message,
        `Cannot take a step with learning rate ${Math.fround(rate)}: ` +
          "need a finite number of at least 0",
      );
    });
  });
}
