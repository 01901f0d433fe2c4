import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { dropout, empty, evalMode, key, ones, randomBits, tensor, trainMode } from "../../mod.ts";
import { testEach } from "../backends.ts";

const variables = { params: empty, state: empty };

testEach("dropout() drops its share of the values and keeps the mean", async () => {
  using x = ones([100, 100]);
  using y = dropout(0.3).apply(variables, x, trainMode(key(0)))[0];
  const values = [...await y.data()];
  const kept = values.filter((value) => value !== 0);
  // Six deviations of a share of 10,000.
  assertAlmostEquals(kept.length / 10_000, 0.7, 6 * Math.sqrt(0.21 / 10_000));
  assert(kept.every((value) => value === Math.fround(1 / 0.7)));
});

testEach("dropout() drops the same values on every backend", async () => {
  using x = ones([50]);
  using y = dropout(0.5).apply(variables, x, trainMode(key(5)))[0];
  const expected = Array.from(randomBits(key(5), 50), (word) => word < 2 ** 31 ? 2 : 0);
  assertEquals([...await y.data()], expected);
});

testEach("dropout() does nothing in eval mode or at rate 0", async () => {
  using x = tensor([1, 2, 3]);
  for (const [rate, mode] of [[0.9, evalMode], [0, trainMode(key(0))]] as const) {
    using y = dropout(rate).apply(variables, x, mode)[0];
    assertEquals([...await y.data()], [1, 2, 3]);
  }
});
