import { assertAlmostEquals, assertEquals } from "@std/assert";
import { progressLine, showDuration, stopwatch } from "../../lib/cli/progress.ts";

Deno.test("showDuration() writes minutes, and hours when there are some", () => {
  assertEquals([0, 59.4, 61, 3599.6, 7325].map(showDuration), [
    "0:00",
    "0:59",
    "1:01",
    "1:00:00",
    "2:02:05",
  ]);
});

Deno.test("progressLine() tells how far, how well, how fast and how long still", () => {
  const figures = { loss: 0.12345, learningRate: 0.05, rate: 812.3 };
  assertEquals(
    progressLine("training", 0.25, 30, figures),
    "training ━━━━━━──────────────────  25%  loss 0.1235  lr 0.0500  812 images/s  ETA 1:30",
  );
  const resumed = progressLine("training", 0.75, 30, {}, 0.5);
  assertEquals(resumed, "training ━━━━━━━━━━━━━━━━━━──────  75%  ETA 0:30");
  assertEquals(progressLine("training", 0.5, 0, {}, 0.5).slice(-6), "  0:00");
  assertEquals(progressLine("testing", 1, 5), "testing ━━━━━━━━━━━━━━━━━━━━━━━━ 100%  0:05");
});

Deno.test("stopwatch() goes on with what was measured before", () => {
  const clock = stopwatch({ seconds: 50, total: 4000 });
  clock.count(1000);
  assertEquals(clock.total(), 5000);
  assertAlmostEquals(clock.seconds(), 50, 1);
  assertAlmostEquals(clock.rate(), 100, 2);
});

Deno.test("stopwatch() leaves out what is done in a pause", async () => {
  const clock = stopwatch();
  const before = clock.seconds();
  await clock.pause(() => new Promise((resolve) => setTimeout(resolve, 50)));
  const after = clock.seconds();
  // The pause took 0.05 s at the least, so anything near that would be a pause that counts.
  assertAlmostEquals(after, before, 0.04);
});
