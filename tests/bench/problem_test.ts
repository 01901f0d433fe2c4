import { assertAlmostEquals, assertEquals } from "@std/assert";
import { start as startOurs } from "./contenders/fplusx.ts";
import { start as startTfjs } from "./contenders/tfjs.ts";
import { start as startLayers } from "./contenders/tfjs_layers.ts";
import type { Contender } from "./contenders/contender.ts";
import { decode, encode } from "./lines.ts";
import { firstExamples, makeProblem } from "./problem.ts";
import { distance, median } from "./race.ts";

const problem = await makeProblem("mnist", 2);

Deno.test("A problem is the same after it was sent", () => {
  assertEquals(decode(encode(problem)), problem);
});

Deno.test("A smaller problem has the first examples", () => {
  const { images, labels } = firstExamples(problem, 1);
  assertEquals(images.shape, [1, 28, 28, 1]);
  assertEquals(images.values, problem.images.values.slice(0, 28 * 28));
  assertEquals(labels, problem.labels.slice(0, 1));
});

Deno.test("The peers of the benchmarks train the same network", async () => {
  const small = firstExamples(problem, 1);
  const lossesOf = async ({ step }: Contender) => [...await step(), ...await step()];
  const ours = await lossesOf(await startOurs(small, "wasm"));
  for (const start of [startTfjs, startLayers]) {
    const theirs = await lossesOf(await start(small, "cpu"));
    for (const i of [0, 1]) assertAlmostEquals(ours[i]!, theirs[i]!, 1e-3, `loss ${i}`);
  }
});

Deno.test("The median is in the middle", () => {
  assertEquals(median([5, 1, 9]), 5);
  assertEquals(median([4, 1, 9, 2]), 3);
});

Deno.test("Results are apart by their largest difference, and infinitely if they differ in size", () => {
  assertEquals(distance([1, -3], [1, -4]), 0.25);
  assertEquals(distance([1], [1, 2]), Infinity);
});
