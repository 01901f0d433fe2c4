import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { ArgumentError, EmptyError, examine, identity, tensor } from "@fplusx/nn";
import { testEach } from "../backends.ts";

const nothing = { params: [], state: [] } as const;

/** Logits of five examples, of which the second, third and fifth are wrong, the fifth most surely. */
const batches = () => [
  { x: tensor([4, 0, 0, 0, 1, 0, 2, 0, 1], [3, 3]), y: tensor(Int32Array.of(0, 2, 1)) },
  { x: tensor([0, 3, 0, 0, 0, 9], [2, 3]), y: tensor(Int32Array.of(1, 0)) },
];

testEach("examine() counts what is taken for what, and finds the surest mistakes", async () => {
  const told: number[] = [];
  const { confusion, mistakes } = await examine(identity, nothing, {
    batches: batches(),
    mistakes: 2,
    guesses: 2,
    progress: (examples) => told.push(examples),
  });
  assertEquals(told, [3, 5]);
  assertEquals(confusion.counts, [[1, 0, 1], [1, 1, 0], [0, 1, 0]]);
  assertEquals(confusion.accuracy, 0.4);
  assertEquals(
    mistakes.map(({ index, label, guesses }) => [index, label, guesses.map(({ label }) => label)]),
    [[4, 0, [2, 0]], [2, 1, [0, 2]]],
  );
  const sum = Math.exp(2) + Math.exp(0) + Math.exp(1);
  assertAlmostEquals(mistakes[1]!.probability, 1 / sum, 1e-6);
  assertAlmostEquals(mistakes[1]!.guesses[0]!.probability, Math.exp(2) / sum, 1e-6);
});

testEach("examine() brings back no mistake that is not asked for", async () => {
  const { mistakes } = await examine(identity, nothing, { batches: batches(), mistakes: 0 });
  assertEquals(mistakes, []);
});

Deno.test("examine() says what it cannot do", async () => {
  const refuse = (options: object, type: typeof EmptyError, message: string) =>
    assertRejects(
      () => examine(identity, nothing, { batches: [], ...options }),
      type,
      message,
    );
  await refuse({}, EmptyError, "Cannot examine a model: there is no batch");
  await refuse(
    { mistakes: -1 },
    ArgumentError,
    "Cannot bring back -1 mistakes: need an integer from 0",
  );
  await refuse({ guesses: 0 }, ArgumentError, "Cannot tell 0 guesses: need an integer from 1");
});
