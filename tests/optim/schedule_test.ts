import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as schedules from "../../lib/optim/schedule.ts";
import golden from "../golden/schedules.json" with { type: "json" };

const { constantRate, cosineDecay, joinSchedules, piecewise, polynomialDecay, warmup } = schedules;

/** The schedules of the goldens that are made of others. */
const COMPOSED: Readonly<Record<string, schedules.Schedule>> = {
  "warmup of cosineDecay": warmup(10, cosineDecay(0.5, 90)),
  "joinSchedules": joinSchedules([50], [constantRate(0.5), polynomialDecay(0.5, 50)]),
};

function made(name: string, args: readonly unknown[]): schedules.Schedule {
  const make = schedules[name as keyof typeof schedules] as (...args: unknown[]) => unknown;
  return COMPOSED[name] ?? make(...args) as schedules.Schedule;
}

for (const { schedule, args, rates } of golden.cases) {
  Deno.test(`${schedule} goes as that of optax`, () => {
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
