import { assertAlmostEquals, assertEquals } from "@std/assert";
import { start as startOurs } from "./contenders/fplusx.ts";
import { start as startTfjs } from "./contenders/tfjs.ts";
import { start as startLayers } from "./contenders/tfjs_layers.ts";
import type { Contender, Start } from "./contenders/contender.ts";
import { decode, encode } from "./lines.ts";
import { makeProblem } from "./models.ts";
import { firstExamples, type Network, parametersOf } from "./problem.ts";
import { distance, median } from "./race.ts";

const problem = makeProblem("mnist", 2);

Deno.test("A problem is the same after it was sent", () => {
  assertEquals(decode(encode(problem)), problem);
});

Deno.test("A smaller problem has the first examples", () => {
  const { examples, labels } = firstExamples(problem, 1);
  assertEquals(examples.shape, [1, 28, 28, 1]);
  assertEquals(examples.values, problem.examples.values.slice(0, 28 * 28));
  assertEquals(labels, problem.labels.slice(0, 1));
});

Deno.test("Weights have the variance of He, scales begin at 1 and shifts at 0", () => {
  const { "conv1.weight": weight, "bn1.weight": scale, "bn1.bias": shift } = parametersOf(problem);
  const squares = weight!.values.reduce((sum, value) => sum + value ** 2, 0);
  assertAlmostEquals(squares / weight!.values.length, 2 / 9, 0.05);
  assertEquals([scale!.values[0], shift!.values[0]], [1, 0]);
});

const PEERS: Readonly<Partial<Record<Network, readonly Start[]>>> = {
  mlp: [startTfjs, startLayers],
  mnist: [startTfjs, startLayers],
  tiny: [startTfjs, startLayers],
  transformer: [startTfjs],
};
for (const [network, peers] of Object.entries(PEERS)) {
  Deno.test(`The peers of the benchmarks train the same ${network}`, async () => {
    const small = makeProblem(network as Network, 1);
    const lossesOf = async ({ step }: Contender) => [...await step(), ...await step()];
    const ours = await lossesOf(await startOurs(small, "wasm"));
    for (const start of peers) {
      const theirs = await lossesOf(await start(small, "cpu"));
      for (const i of [0, 1]) assertAlmostEquals(ours[i]!, theirs[i]!, 1e-3, `loss ${i}`);
    }
  });
}

Deno.test("The median is in the middle", () => {
  assertEquals(median([5, 1, 9]), 5);
  assertEquals(median([4, 1, 9, 2]), 3);
});

Deno.test("Results are apart by their largest difference, and infinitely if they differ in size", () => {
  assertEquals(distance([1, -3], [1, -4]), 0.25);
  assertEquals(distance([1], [1, 2]), Infinity);
});
