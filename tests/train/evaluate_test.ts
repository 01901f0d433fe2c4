import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { EmptyError, evaluate, identity, meanSquaredError, tensor } from "../../mod.ts";
import { testEach } from "../backends.ts";

const nothing = { params: [], state: [] } as const;

/** Six classes, of which the scores rank the label first, second, sixth and first. */
function batches() {
  return [
    {
      x: tensor([9, 1, 2, 3, 4, 5, 5, 9, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6], [3, 6]),
      y: tensor(Int32Array.of(0, 0, 0)),
    },
    { x: tensor([0, 0, 0, 0, 0, 9], [1, 6]), y: tensor(Int32Array.of(5)) },
  ];
}

testEach("evaluate() weighs batches by their size", async () => {
  const told: number[] = [];
  const result = await evaluate(identity, nothing, {
    batches: batches(),
    progress: (examples) => told.push(examples),
  });
  assertEquals(told, [3, 4]);
  assertEquals(result.examples, 4);
  assertAlmostEquals(result.top1, 0.5, 1e-6);
  assertAlmostEquals(result.topK.get(5)!, 0.75, 1e-6);
  const logits = [[9, 1, 2, 3, 4, 5], [5, 9, 1, 2, 3, 4], [1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 9]];
  const losses = logits.map((row, i) =>
    Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[i === 3 ? 5 : 0]!
  );
  assertAlmostEquals(result.loss, losses.reduce((a, b) => a + b) / 4, 1e-5);
});

testEach("evaluate() measures another loss, and the k it is asked for", async () => {
  const { loss, topK } = await evaluate(identity, nothing, {
    batches: [{ x: tensor([1, 3], [2, 1]), y: tensor([0, 0], [2, 1]) }],
    loss: meanSquaredError,
    topK: [],
  });
  assertAlmostEquals(loss, 5, 1e-6);
  assertEquals(topK.size, 0);
});

Deno.test("evaluate() refuses to measure nothing", async () => {
  await assertRejects(
    () => evaluate(identity, nothing, { batches: [] }),
    EmptyError,
    "Cannot average metrics: no batch was added",
  );
});
