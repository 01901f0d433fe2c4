import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import type { Merge } from "../../lib/combinators/branches.ts";
import { parallel } from "../../lib/combinators/parallel.ts";
import { ArgumentError, ShapeError } from "../../lib/errors.ts";
import { abstractKey, key } from "../../lib/key.ts";
import { evalMode, trainMode } from "../../lib/layer.ts";
import { ones, tensor } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import { entries } from "../../lib/tree.ts";
import { testEach } from "../backends.ts";
import { counter, linear, noise, refusing, scaled } from "./tiny.ts";

testEach("parallel() adds, averages or concatenates what its layers give", async () => {
  const x = tensor([1, 2, 3, 4], [2, 2]);
  const expected: [Merge, number[]][] = [
    ["sum", [7, 14, 21, 28]],
    ["mean", [3.5, 7, 10.5, 14]],
    ["concat", [2, 4, 5, 10, 6, 8, 15, 20]],
  ];
  for (const [merge, values] of expected) {
    const model = parallel([scaled(2), scaled(5)], { merge });
    const variables = model.init(key(0), [2, 2]);
    const [y] = model.apply(variables, x, evalMode);
    assertEquals(y.shape, variables.shape);
    assertEquals([...await y.data()], values);
    y.dispose();
  }
  x.dispose();
});

testEach(
  "parallel() of one layer gives what the layer gives, under a handle of its own",
  async () => {
    const x = ones([1, 2]);
    for (const merge of ["sum", "mean", "concat"] as const) {
      const model = parallel([scaled(3)], { merge });
      const [y] = model.apply(model.init(key(0), [1, 2]), x, evalMode);
      assertEquals([...await y.data()], [3, 3]);
      y.dispose();
    }
    assert(!x.isDisposed);
    x.dispose();
  },
);

testEach("parallel() keeps variables by name and state that did not change", async () => {
  const model = parallel({ a: linear(2), b: counter });
  const variables = model.init(key(0), [1, 2]);
  assertEquals(entries(variables.params).map(([path]) => path), ["a.weight"]);
  const x = ones([1, 2]);
  const [y, next] = model.apply(variables, x, trainMode(key(0)));
  assertEquals([...await next.b.count.data()], [1]);
  assertStrictEquals(next.a, variables.state.a);
  const [z, still] = model.apply({ ...variables, state: next }, x, evalMode);
  assertStrictEquals(still, next);
  release([variables, next, x, y, z]);
});

testEach("parallel() lets each branch draw its own numbers", async () => {
  const model = parallel([noise, noise], { merge: "concat" });
  const x = ones([1, 1]);
  const [y] = model.apply(model.init(key(0), [1, 1]), x, trainMode(key(7)));
  const [a, b] = await y.data();
  assert(a !== b);
  release([x, y]);
});

Deno.test("parallel() refuses branches whose shapes do not fit", () => {
  const layers = { a: linear(2), b: linear(3), c: linear(2) };
  const given = "a gives [1,2] and b gives [1,3] and c gives [1,2]";
  for (const [merge, verb] of [["sum", "add"], ["mean", "average"]] as const) {
    const model = parallel(layers, { merge });
    assertThrows(
      () => model.init(abstractKey, [1, 4]),
      ShapeError,
      `Cannot ${verb} branches: ${given}`,
    );
  }
  const rows = parallel({ a: linear(2), b: { ...noise, init: short } }, { merge: "concat" });
  assertThrows(
    () => rows.init(abstractKey, [4, 4]),
    ShapeError,
    "Cannot concatenate branches: a gives [4,2] and b gives [3,4]",
  );
  assertEquals(parallel(layers, { merge: "concat" }).init(abstractKey, [1, 4]).shape, [1, 7]);
});

const short: typeof noise.init = () => ({ params: [], state: [], shape: [3, 4] });

Deno.test("parallel() refuses to be of nothing, and names that paths cannot hold", () => {
  assertThrows(() => parallel([]), ArgumentError, "Cannot add branches: need at least one");
  assertThrows(
    () => parallel({ "a.b": noise }),
    ArgumentError,
    'Cannot name a part "a.b": need a name that is not empty and has no dot',
  );
});

Deno.test("An error out of a branch names the branch", () => {
  const model = parallel({ a: noise, b: refusing });
  const error = assertThrows(() => model.init(abstractKey, [1]), ShapeError);
  assertEquals(error.message, 'Cannot take anything: need nothing, at "b"');
});
