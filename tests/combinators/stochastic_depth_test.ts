import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { residual } from "../../lib/combinators/residual.ts";
import { stochasticDepth } from "../../lib/combinators/stochastic_depth.ts";
import { ArgumentError } from "../../lib/errors.ts";
import { key } from "../../lib/key.ts";
import { evalMode, trainMode } from "../../lib/layer.ts";
import { ones } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import { entries } from "../../lib/tree.ts";
import { testEach } from "../backends.ts";
import { linear, scaled } from "./tiny.ts";

const draws = async (per: "batch" | "sample", seed: number): Promise<number[]> => {
  const block = stochasticDepth(scaled(2), 0.7, { per });
  const x = ones([50, 1]);
  const [y] = block.apply(block.init(key(0), [50, 1]), x, trainMode(key(seed)));
  const values = [...await y.data()];
  release([x, y]);
  return values;
};

testEach(
  "stochasticDepth() gives all of a batch or nothing, with the frequency asked for",
  async () => {
    let kept = 0;
    for (let seed = 0; seed < 200; seed++) {
      const values = await draws("batch", seed);
      assert(values.every((value) => value === values[0]));
      assert(values[0] === 0 || values[0] === 2);
      kept += values[0]! / 2;
    }
    // Three standard deviations of a binomial count.
    assertAlmostEquals(kept / 200, 0.7, 3 * Math.sqrt(0.7 * 0.3 / 200));
  },
);

testEach("stochasticDepth() per sample drops each by itself", async () => {
  const values = (await Promise.all([0, 1, 2, 3].map((seed) => draws("sample", seed)))).flat();
  assertEquals([...new Set(values)].sort(), [0, 2]);
  const kept = values.filter((value) => value === 2).length / values.length;
  assertAlmostEquals(kept, 0.7, 3 * Math.sqrt(0.7 * 0.3 / 200));
  assertEquals(await draws("sample", 3), await draws("sample", 3));
});

testEach("stochasticDepth() scales by the survival in eval mode", async () => {
  const block = residual(stochasticDepth(scaled(2), 0.75));
  const x = ones([1, 2]);
  const [y] = block.apply(block.init(key(0), [1, 2]), x, evalMode);
  assertEquals([...await y.data()], [2.5, 2.5]);
  release([x, y]);
});

testEach("stochasticDepth() leaves the paths of its body alone", () => {
  const variables = residual(stochasticDepth(linear(2), 0.5)).init(key(0), [1, 2]);
  assertEquals(entries(variables.params).map(([path]) => path), ["body.weight"]);
  release(variables);
});

Deno.test("stochasticDepth() refuses a survival that is no probability, or is 0", () => {
  for (const survival of [0, -0.5, 1.5, NaN]) {
    assertThrows(
      () => stochasticDepth(scaled(1), survival),
      ArgumentError,
      `Cannot drop a layer with survival ${survival}: need a number above 0 and at most 1`,
    );
  }
});
