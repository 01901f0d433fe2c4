import { assertAlmostEquals, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { highway, transformGate } from "../../lib/combinators/highway.ts";
import { sequential } from "../../lib/combinators/sequential.ts";
import { ShapeError } from "../../lib/errors.ts";
import { grad } from "../../lib/grad.ts";
import { abstractKey, key } from "../../lib/key.ts";
import { describe, elementwise, evalMode, trainMode } from "../../lib/layer.ts";
import { dense } from "../../lib/layers/dense.ts";
import { fill, ones, sum, tensor } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import { entries } from "../../lib/tree.ts";
import { testEach } from "../backends.ts";
import { counter, linear, scaled } from "./tiny.ts";

const gate = (logit: number) => elementwise("gate", (x) => fill(x.shape, logit));

testEach("highway() with closed gates is the identity, exactly", async () => {
  const layer = highway(scaled(7), gate(-1e9));
  const values = [1, -2.5, 3e-20, 4e20];
  const x = tensor(values, [2, 2]);
  const [y] = layer.apply(layer.init(key(0), [2, 2]), x, evalMode);
  assertEquals(await y.data(), Float32Array.from(values));
  release([x, y]);
});

testEach("highway() with open gates gives what its body gives", async () => {
  const layer = highway(scaled(4), gate(1e9));
  const x = tensor([1, -2], [1, 2]);
  const [y] = layer.apply(layer.init(key(0), [1, 2]), x, evalMode);
  assertEquals([...await y.data()], [4, -8]);
  release([x, y]);
});

testEach("highway() mixes as much as the sigmoid of the gate says", async () => {
  const layer = highway(scaled(3), gate(-2));
  const x = tensor([1], [1, 1]);
  const [y] = layer.apply(layer.init(key(0), [1, 1]), x, evalMode);
  const open = 1 / (1 + Math.exp(2));
  assertAlmostEquals((await y.data())[0]!, 3 * open + (1 - open), 1e-6);
  release([x, y]);
});

testEach("highway() with closed gates gives its body no gradient", async () => {
  const layer = highway(linear(2), gate(-1e9));
  const variables = layer.init(key(0), [1, 2]);
  const x = ones([1, 2]);
  const f = (params: typeof variables.params) =>
    sum(layer.apply({ ...variables, params }, x, evalMode)[0]);
  const gradient = grad(f)(variables.params);
  assertEquals([...await gradient.body.weight.data()], [0, 0, 0, 0]);
  release([variables, x, gradient]);
});

testEach("highway() keeps the state of both branches", async () => {
  const layer = highway(counter, sequential(counter));
  const variables = layer.init(key(0), [1]);
  const x = ones([1]);
  const [y, next] = layer.apply(variables, x, trainMode(key(0)));
  assertEquals([...await next.body.count.data(), ...await next.gate[0].count.data()], [1, 1]);
  const [z, still] = layer.apply({ ...variables, state: next }, x, evalMode);
  assertStrictEquals(still, next);
  release([variables, next, x, y, z]);
});

testEach("transformGate() fits features and images, and starts nearly closed", async () => {
  const features = highway(dense(3)).init(key(0), [2, 3]);
  assertEquals(entries(features.params.gate).map(([path, { shape }]) => [path, shape]), [
    ["weight", [3, 3]],
    ["bias", [3]],
  ]);
  assertEquals([...await features.params.gate.bias!.data()], [-2, -2, -2]);
  const images = transformGate({ bias: -4 }).init(key(0), [2, 5, 5, 3]);
  assertEquals(images.params.weight.shape, [3, 3, 3, 3]);
  assertEquals(images.shape, [2, 5, 5, 3]);
  assertEquals([...await images.params.bias!.data()], [-4, -4, -4]);
  release([features, images]);
});

Deno.test("highway() refuses branches that change the shape", () => {
  const error = assertThrows(() => highway(linear(3)).init(abstractKey, [1, 2]), ShapeError);
  assertEquals(
    error.message,
    "Cannot mix highway branches: body gives [1,3] and gate gives [1,2] for the input [1,2]",
  );
  assertThrows(
    () => highway(scaled(1), linear(3)).init(abstractKey, [1, 2]),
    ShapeError,
    "Cannot mix highway branches: body gives [1,2] and gate gives [1,3] for the input [1,2]",
  );
});

Deno.test("describe() lists body and gate of highway()", () => {
  const { kind, parts, multiplyAdds } = describe(highway(linear(2)), [1, 2]);
  assertEquals([kind, ...parts.map(({ name, kind }) => `${name}: ${kind}`)], [
    "highway",
    "body: linear",
    "gate: transformGate",
  ]);
  assertEquals(multiplyAdds, 8);
});
