import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { residual } from "../../lib/combinators/residual.ts";
import { sequential } from "../../lib/combinators/sequential.ts";
import { ShapeError } from "../../lib/errors.ts";
import { abstractKey, key } from "../../lib/key.ts";
import { describe, elementwise, evalMode, trainMode } from "../../lib/layer.ts";
import { abs, ones, tensor, zerosLike } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import { entries } from "../../lib/tree.ts";
import { testEach } from "../backends.ts";
import { counter, linear, scaled } from "./tiny.ts";

testEach("residual() of a body that gives zero is the identity, exactly", async () => {
  const block = residual(elementwise("zero", (x) => zerosLike(x)));
  const values = [1, -2.5, 3e-30, 4e30];
  const x = tensor(values, [2, 2]);
  const [y] = block.apply(block.init(key(0), [2, 2]), x, evalMode);
  assertEquals(await y.data(), Float32Array.from(values));
  assert(!x.isDisposed);
  release([x, y]);
});

testEach("residual() adds the body and the shortcut", async () => {
  const block = residual(scaled(10), scaled(2));
  const x = tensor([1, -1], [1, 2]);
  const [y] = block.apply(block.init(key(0), [1, 2]), x, evalMode);
  assertEquals([...await y.data()], [12, -12]);
  release([x, y]);
});

testEach("residual() applies its activation to the sum", async () => {
  const block = residual(scaled(1), scaled(-3), { activation: elementwise("abs", abs) });
  const x = tensor([1, -1], [1, 2]);
  const [y] = block.apply(block.init(key(0), [1, 2]), x, evalMode);
  assertEquals([...await y.data()], [2, 2]);
  release([x, y]);
});

testEach("residual() keeps its variables under body and shortcut", async () => {
  const block = residual(linear(3), linear(3), { activation: elementwise("abs", abs) });
  const variables = block.init(key(0), [1, 2]);
  const { body, shortcut } = variables.params;
  assertEquals(entries(variables.params).map(([path]) => path), ["body.weight", "shortcut.weight"]);
  assertNotEquals(await body.weight.data(), await shortcut.weight.data());
  release(variables);
});

testEach("residual() changes the state of the branch that changes", async () => {
  const block = residual(counter, scaled(1));
  const variables = block.init(key(0), [1]);
  const x = ones([1]);
  const [y, next] = block.apply(variables, x, trainMode(key(0)));
  assertEquals([...await next.body.count.data()], [1]);
  const [z, still] = block.apply({ ...variables, state: next }, x, evalMode);
  assertStrictEquals(still, next);
  release([variables, next, x, y, z]);
});

Deno.test("residual() refuses branches of different shapes and says where", () => {
  const model = sequential(scaled(1), residual(linear(3)));
  const error = assertThrows(() => model.init(abstractKey, [5, 2]), ShapeError);
  assertEquals(
    error.message,
    'Cannot add residual branches: body gives [5,3] and shortcut gives [5,2], at "1"',
  );
});

Deno.test("describe() lists body, shortcut and activation of residual()", () => {
  const activation = elementwise("abs", abs);
  const part = describe(residual(linear(2), linear(2), { activation }), [1, 2]);
  assertEquals(part.kind, "residual");
  assertEquals(
    part.parts.map(({ name, kind, parameters, output }) => [name, kind, parameters, output]),
    [
      ["body", "linear", 4, [1, 2]],
      ["shortcut", "linear", 4, [1, 2]],
      ["activation", "abs", 0, [1, 2]],
    ],
  );
  assertEquals(part.multiplyAdds, 8);
});
