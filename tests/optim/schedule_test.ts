import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as cycles from "../../lib/optim/cycle.ts";
import { type Plateau, reduceOnPlateau } from "../../lib/optim/plateau.ts";
import * as schedules from "../../lib/optim/schedule.ts";
import golden from "../golden/schedules.json" with { type: "json" };

const { constantRate, cosineDecay, joinSchedules, piecewise, polynomialDecay, warmup } = schedules;

/** The schedules of the goldens that are made of others. */
const COMPOSED: Readonly<Record<string, schedules.Schedule>> = {
  "warmup of cosineDecay": warmup(10, cosineDecay(0.5, 90)),
  "joinSchedules": joinSchedules([50], [constantRate(0.5), polynomialDecay(0.5, 50)]),
};

const MAKERS = { ...schedules, ...cycles } as unknown as Readonly<
  Record<string, (...args: unknown[]) => unknown>
>;

function made(name: string, args: readonly unknown[]): schedules.Schedule {
  const make = MAKERS[name]!;
  return COMPOSED[name] ?? make(...args) as schedules.Schedule;
}

for (const { schedule, args, source, rates } of golden.cases) {
  Deno.test(`${schedule}(${JSON.stringify(args).slice(1, -1)}) goes as that of ${source}`, () => {
    const rate = made(schedule, args);
    for (const [i, step] of golden.steps.entries()) {
      assertAlmostEquals(rate(step), rates[i]!, 1e-14, `step ${step}`);
    }
  });
}

Deno.test("the schedule of the ResNet paper changes exactly at its boundaries", () => {
  const paper = piecewise([32_000, 48_000], [0.1, 0.01, 0.001]);
  const steps = [0, 31_999, 32_000, 47_999, 48_000, 63_999, 64_000];
  assertEquals(steps.map(paper), [0.1, 0.1, 0.01, 0.01, 0.001, 0.001, 0.001]);
});

Deno.test("the warm-up of the ResNet paper for 110 layers is piecewise too", () => {
  const paper = piecewise([400, 32_000, 48_000], [0.01, 0.1, 0.01, 0.001]);
  const steps = [399, 400, 31_999, 32_000, 47_999, 48_000];
  assertEquals(steps.map(paper), [0.01, 0.1, 0.1, 0.01, 0.01, 0.001]);
});

Deno.test("schedules are exact at their ends", () => {
  for (const decay of [cosineDecay, polynomialDecay]) {
    for (const [rate, end] of [[0.1, 0.01], [0.3, 0.07], [1e-3, 1e-5]] as const) {
      const schedule = decay(rate, 77, { end });
      assertEquals([0, 77, 78, 1e6].map(schedule), [rate, end, end, end]);
      const warm = warmup(7, schedule, { start: end });
      assertEquals([0, 7, 84].map(warm), [end, rate, end]);
    }
  }
});

Deno.test("warmup climbs in a straight line and never jumps", () => {
  const schedule = warmup(8, constantRate(2), { start: 1 });
  assertEquals([0, 2, 4, 6, 8, 9].map(schedule), [1, 1.25, 1.5, 1.75, 2, 2]);
});

Deno.test("joinSchedules with one schedule is that schedule", () => {
  const plain = cosineDecay(0.1, 50);
  const joined = joinSchedules([], [plain]);
  for (let step = 0; step < 60; step++) assertEquals(joined(step), plain(step));
});

Deno.test("warmup climbs as a cosine or a power too, with the same ends", () => {
  const half = Math.SQRT1_2;
  const at = (ease: schedules.Ease) => warmup(8, constantRate(2), { start: 1, ease });
  for (const ease of ["linear", "cosine", 2, 0.5] as const) {
    assertEquals([0, 8, 9].map(at(ease)), [1, 2, 2]);
  }
  for (const [i, expected] of [1 + (1 - half) / 2, 1.5, 1 + (1 + half) / 2].entries()) {
    assertAlmostEquals(at("cosine")(2 * (i + 1)), expected, 1e-15);
  }
  assertEquals([2, 4, 6].map(at(2)), [1.0625, 1.25, 1.5625]);
});

Deno.test("oneCycle may begin at its peak, and ends where it says", () => {
  const schedule = cycles.oneCycle(0.5, 3, { end: 0.1 });
  assertEquals([0, 3, 4].map(schedule), [0.5, 0.1, 0.1]);
});

Deno.test("cosineRestarts starts again at exactly the steps it should", () => {
  for (const [period, growth] of [[7, 1], [7, 2], [3, 3], [1, 10], [1000, 2]] as const) {
    const schedule = cycles.cosineRestarts(1, period, { growth });
    for (let begin = 0, length = period; begin < 1e6 && length < 1e9; length *= growth) {
      assertEquals(schedule(begin), 1, `step ${begin}`);
      begin += length;
      if (length > 1) assert(schedule(begin - 1) < 0.8, `step ${begin - 1}`);
    }
  }
});

for (const { options, scales } of golden.plateaus) {
  Deno.test(`reduceOnPlateau(${JSON.stringify(options)}) goes as that of torch`, () => {
    const reduce = reduceOnPlateau(options as Parameters<typeof reduceOnPlateau>[0]);
    let plateau: Plateau | undefined;
    for (const [i, value] of golden.values.entries()) {
      plateau = reduce(plateau, value);
      assertAlmostEquals(plateau.scale, scales[i]!, 1e-14, `value ${i}`);
    }
  });
}

Deno.test("a plateau survives JSON, and does not change what it is given", () => {
  const reduce = reduceOnPlateau({ patience: 1 });
  let [one, other]: (Plateau | undefined)[] = [undefined, undefined];
  for (const value of [NaN, 3, 3, NaN, 3, 2]) {
    const before = JSON.stringify(one);
    const next: Plateau = reduce(one, value);
    assertEquals(JSON.stringify(one), before);
    other = JSON.parse(JSON.stringify(reduce(other, value)));
    one = next;
    assertEquals(one, other);
  }
  assertEquals(one, { scale: 0.1, best: 2, waited: 0, resting: 0 });
});
