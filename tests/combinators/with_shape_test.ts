import { assertEquals } from "@std/assert";
import { withShape } from "../../lib/combinators/with_shape.ts";
import { key } from "../../lib/key.ts";
import { describe, trainMode } from "../../lib/layer.ts";
import { ones } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import { testEach } from "../backends.ts";
import { counter, linear, scaled } from "./tiny.ts";

testEach("withShape() is the layer that is made for the shape, in init and in apply", async () => {
  const layer = withShape(([, size]) => scaled(size!));
  const x = ones([2, 3]);
  const [y] = layer.apply(layer.init(key(0), [2, 3]), x, trainMode(key(0)));
  assertEquals([...await y.data()], [3, 3, 3, 3, 3, 3]);
  release([x, y]);
});

testEach("withShape() hands variables and keys through as they are", async () => {
  const direct = linear(2).init(key(3), [1, 4]);
  const through = withShape(() => linear(2)).init(key(3), [1, 4]);
  assertEquals(await through.params.weight.data(), await direct.params.weight.data());
  const layer = withShape(() => counter);
  const variables = layer.init(key(0), [1]);
  const x = ones([1]);
  const [y, next] = layer.apply(variables, x, trainMode(key(0)));
  assertEquals([...await next.count.data()], [1]);

  release([direct, through, variables, x, y, next]);
});

Deno.test("withShape() may have a name in summaries", () => {
  assertEquals(describe(withShape(() => linear(2), "halved"), [1, 4]).kind, "halved");
  const { kind, multiplyAdds } = describe(withShape(() => linear(2)), [1, 4]);
  assertEquals([kind, multiplyAdds], ["withShape", 8]);
});
