import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { ArgumentError, type FplusxError, ShapeError, TreeError } from "../../lib/errors.ts";
import { adam, adamw } from "../../lib/optim/adam.ts";
import { clipByGlobalNorm } from "../../lib/optim/clip.ts";
import { addDecayedWeights } from "../../lib/optim/decay.ts";
import { trace } from "../../lib/optim/momentum.ts";
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
];

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
