import { assertEquals, assertThrows } from "@std/assert";
import { ArgumentError } from "@fplusx/nn";
import {
  type Measurement,
  override,
  parseRecipe,
  recipes,
  trainingParts,
} from "@fplusx/nn/recipes";

const CIFAR = { images: 50_000, classes: 10 };
const deep = recipes["paper-cifar-110"]!;
const { scheduleAfter, needsError, schedule } = trainingParts(deep, CIFAR);

/** Errors of batches, from step 0. */
const errors = (...values: number[]): Measurement[] =>
  values.map((error, step) => ({ step, error }));
const constant = (count: number, error: number) => new Array<number>(count).fill(error);

Deno.test("the 110 layers warm up at 0.01 until the error of 20 batches is below 80 %", () => {
  assertEquals([0, 400, 31_999].map(schedule), [0.01, 0.01, 0.01]);
  const before = errors(...constant(300, 0.9));
  const learning = errors(...constant(300, 0.9), ...constant(19, 0.7));
  const learned = errors(...constant(300, 0.9), ...constant(10, 0.9), ...constant(11, 0.695));
  for (const measured of [before, errors(...constant(19, 0.1)), errors(...constant(99, 0.8))]) {
    assertEquals([needsError(measured), scheduleAfter(measured)(2000)], [true, 0.01]);
  }
  // The mean of (0.9 + 19 · 0.7) / 20 is 0.71.
  assertEquals([needsError(learning), scheduleAfter(learning)(2000)], [false, 0.1]);
  assertEquals(needsError(learned), false);
});

Deno.test("after a warm-up the schedule goes on where it is, ten steps after the measurement", () => {
  const ended = scheduleAfter(errors(...constant(400, 0.9), ...constant(20, 0.5)));
  const last = 400 + 6 - 1; // (14 · 0.9 + 6 · 0.5) / 20 is 0.78
  assertEquals([last + 9, last + 10].map(ended), [0.01, 0.1]);
  assertEquals([31_999, 32_000, 48_000].map(ended), [0.1, 0.01, 0.001]);
});

Deno.test("a measurement changes no rate of the ten steps after it", () => {
  const plateau = override(
    recipes["paper-cifar"]!,
    'schedule={"kind":"plateau","peak":0.1,"divideBy":10,"patience":1}',
  );
  for (const recipe of [deep, plateau]) {
    const parts = trainingParts(recipe, CIFAR);
    const measured: Measurement[] = Array.from({ length: 100 }, (_, step) => ({
      step,
      error: 0.95 - step / 100,
      ...step % 7 === 0 ? { testLoss: 1 + Math.sin(step) } : {},
    }));
    for (let count = 0; count < 100; count++) {
      const [now, all] = [measured.slice(0, count), measured].map(parts.scheduleAfter);
      const steps = Array.from({ length: count + 10 }, (_, step) => step);
      assertEquals(steps.map(now!), steps.map(all!));
    }
  }
});

Deno.test("the rate is divided, exactly, each time that more tests than its patience are no better", () => {
  const recipe = override(
    recipes["paper-cifar"]!,
    'schedule={"kind":"plateau","peak":0.1,"divideBy":10,"patience":2}',
  );
  const { scheduleAfter } = trainingParts(recipe, CIFAR);
  const tests = [5, 4, 4, 4, 4, 3, 3, 3, 3].map((testLoss, i) => ({
    step: 390 + 391 * i,
    testLoss,
  }));
  const rate = scheduleAfter(tests);
  const [first, second] = [tests[4]!.step + 10, tests[8]!.step + 10];
  assertEquals(
    [0, first - 1, first, second - 1, second, 64_000].map(rate),
    [0.1, 0.1, 0.01, 0.01, 0.001, 0.001],
  );
  assertEquals(scheduleAfter(tests.slice(0, 4))(64_000), 0.1);
});

Deno.test("the error of mixed pictures is not asked for", () => {
  assertThrows(
    () => parseRecipe({ ...deep, mix: [{ kind: "mixup", alpha: 1 }] }),
    ArgumentError,
    'Cannot take the error of mixed pictures: they have no class, at "warmup"',
  );
  assertEquals(trainingParts(recipes["paper-cifar"]!, CIFAR).needsError([]), false);
});
