/** Statistics: against values of scipy, and their laws. */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { ArgumentError } from "@fplusx/nn";
import { pairedTest, showSummary, summarize } from "@fplusx/nn/lab";

Deno.test("summarize() gives mean and sample deviation", () => {
  const { mean, deviation, count } = summarize([2, 4, 4, 4, 5, 5, 7, 9]);
  assertEquals([mean, count], [5, 8]);
  assertAlmostEquals(deviation, Math.sqrt(32 / 7), 1e-12);
  assertEquals(summarize([3]), { mean: 3, deviation: 0, count: 1 });
  assertEquals(showSummary({ mean: 6.608, deviation: 0.161, count: 5 }), "6.61 ± 0.16");
});

Deno.test("pairedTest() gives the p of Student's t as scipy.stats.ttest_rel does", () => {
  // scipy 1.17: ttest_rel(after, before).pvalue
  const cases: [before: number[], after: number[], p: number][] = [
    [[1, 2, 3], [2, 4, 6], 0.07417990022744853],
    [[0, 0], [1, 3], 0.2951672353008665],
    [[8.1, 8.4, 8.0, 8.3, 8.2], [7.9, 8.3, 8.1, 8.0, 7.7], 0.11611652351681542],
    [[0, 0, 0, 0], [1, 1.01, 0.99, 1], 1.5004371667864374e-7],
  ];
  for (const [before, after, p] of cases) {
    const test = pairedTest(before, after);
    assertAlmostEquals(test.t / p, 1, 1e-6);
    assertAlmostEquals(pairedTest(after, before).t, test.t, 1e-12);
    assertEquals(pairedTest(after, before).difference, -test.difference);
  }
});

Deno.test("pairedTest() gives the exact p of signs, and leaves out pairs without difference", () => {
  const signs = (...differences: number[]) =>
    pairedTest(differences.map(() => 0), differences).sign;
  assertEquals(signs(1, 2, 3), 2 / 8);
  assertEquals(signs(1, 2, -3), 1);
  assertEquals(signs(1, 1, 1, 1, -1), 2 * 6 / 32);
  assertEquals(signs(0, 5, 5), 2 / 4);
  assertEquals(signs(0, 0), 1);
});

Deno.test("The p of equal values is 1, and that of one constant difference is 0", () => {
  assertEquals(pairedTest([1, 2], [1, 2]).t, 1);
  assertEquals(pairedTest([1, 2], [2, 3]).t, 0);
  assert(pairedTest([0, 0, 0], [1, -1, 0.5]).t > 0.5);
});

Deno.test("Statistics of nothing are refused", () => {
  const message = (f: () => unknown) => assertThrows(f, ArgumentError).message;
  assertEquals(message(() => summarize([])), "Cannot summarize no values: need at least one");
  assertEquals(
    message(() => pairedTest([1, 2], [1])),
    "Cannot pair 2 values with 1: need as many, and at least 2",
  );
  assertEquals(
    message(() => pairedTest([1], [1])),
    "Cannot pair 1 values with 1: need as many, and at least 2",
  );
});
