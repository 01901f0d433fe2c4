import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { sequential } from "../lib/combinators/sequential.ts";
import { ShapeError } from "../lib/errors.ts";
import { abstractKey, fold, key, randomBits } from "../lib/key.ts";
import {
  applyPart,
  describe,
  elementwise,
  evalMode,
  initPart,
  layer,
  type Mode,
  type Part,
  partMode,
  stateless,
  trainMode,
} from "../lib/layer.ts";
import { add, clone, mul, ones, square, tensor } from "../lib/ops.ts";
import { liveTensors, release } from "../lib/ownership.ts";
import { draw, normal } from "../lib/random.ts";
import type { Tensor } from "../lib/tensor.ts";
import { empty } from "../lib/tree.ts";
import { testEach } from "./backends.ts";

const affine = stateless({
  kind: "affine",
  init: (key, [batch, size]) => ({
    params: { weight: normal(key, [size!]) },
    shape: [batch!, size!],
    multiplyAdds: size!,
  }),
  apply: ({ weight }, x) => mul(x, weight),
});

Deno.test("layer(), stateless() and elementwise() give frozen layers", () => {
  const definition = {
    kind: "odd",
    init: (_key: unknown, shape: readonly number[]) => ({ params: empty, state: empty, shape }),
    apply: (_variables: unknown, x: Tensor) => [clone(x), empty] as [Tensor, typeof empty],
  };
  const made = layer(definition);
  definition.kind = "changed";
  assertEquals(made.kind, "odd");
  for (const each of [made, affine, elementwise("same", (x) => clone(x))]) {
    assert(Object.isFrozen(each));
    assertEquals(Object.keys(each), ["kind", "init", "apply"]);
  }
});

testEach("A layer lets go of what it makes on the way", async () => {
  const wasteful = layer({
    kind: "wasteful",
    init: (key, shape) => {
      normal(key, [7]);
      return { params: { w: ones([1]) }, state: { n: mul(ones([1]), 2) }, shape };
    },
    apply: ({ params, state }, x) => [add(square(square(x)), params.w), { n: add(state.n, 1) }],
  });
  const before = liveTensors();
  const variables = wasteful.init(key(0), [1]);
  assertEquals(liveTensors(), before + 2);
  const x = tensor([2]);
  const [y, next] = wasteful.apply(variables, x, evalMode);
  assertEquals(liveTensors(), before + 5);
  assertEquals([[...await y.data()], [...await next.n.data()]], [[17], [3]]);
  release([variables, x, y, next]);
});

testEach("elementwise() has the shape of its input and sees the mode", () => {
  const seen: Mode["kind"][] = [];
  const twice = elementwise("twice", (x, mode) => {
    seen.push(mode.kind);
    return mul(x, 2);
  });
  const variables = twice.init(key(0), [2, 3]);
  assertEquals(variables, { params: empty, state: empty, shape: [2, 3] });
  const x = ones([2, 3]);
  const results = [evalMode, trainMode(key(0))].map((mode) => twice.apply(variables, x, mode));
  assertEquals(seen, ["eval", "train"]);
  for (const [y, next] of results) {
    assertEquals(y.shape, [2, 3]);
    assertStrictEquals(next, empty);
  }
  release([x, results]);
});

Deno.test("partMode() gives a part its own key and its own path, and keeps the rest", () => {
  assertStrictEquals(partMode(evalMode, "a"), evalMode);
  const mode = partMode(partMode(trainMode(key(3)), "a"), "b");
  assert(mode.kind === "train" && mode.tap === undefined);
  assertEquals(randomBits(mode.key, 4), randomBits(fold(fold(key(3), "a"), "b"), 4));
  const visit = () => {};
  const tapped = partMode(partMode({ ...evalMode, tap: { path: "", visit } }, "a"), "b");
  assertEquals(tapped, { kind: "eval", tap: { path: "a.b", visit } });
});

Deno.test("initPart() accounts for the part", () => {
  const { part, params, shape, multiplyAdds } = initPart("a", affine, abstractKey, [2, 5]);
  assertEquals(part, {
    name: "a",
    kind: "affine",
    input: [2, 5],
    output: [2, 5],
    parameters: 5,
    buffers: 0,
    multiplyAdds: 5,
    parts: [],
  });
  assertEquals([params.weight.shape, shape, multiplyAdds], [[5], [2, 5], 5]);
});

testEach("initPart() and applyPart() name the part in errors", () => {
  const failing = elementwise("failing", () => {
    throw new ShapeError("Cannot go on");
  });
  const x = ones([1]);
  const nothing = { params: empty, state: empty };
  const error = assertThrows(() => applyPart("a", failing, nothing, x, evalMode), ShapeError);
  assertEquals(error.message, 'Cannot go on, at "a"');
  const refusing = {
    ...failing,
    init: () => applyPart("b", failing, nothing, x, evalMode) as never,
  };
  const inner = assertThrows(() => initPart("a", refusing, key(0), [1]), ShapeError);
  assertEquals(inner.message, 'Cannot go on, at "a.b"');
  x.dispose();
});

testEach(
  "applyPart() shows the output to the tap, by path, and draws from the key of the part",
  async () => {
    const noise = elementwise(
      "noise",
      (x, mode) => mode.kind === "train" ? normal(mode.key, x.shape) : clone(x),
    );
    const seen: string[] = [];
    const mode = {
      ...trainMode(key(1)),
      tap: { path: "model", visit: (path: string) => void seen.push(path) },
    };
    const x = ones([4]);
    const nothing = { params: empty, state: empty };
    const [y] = applyPart("a", noise, nothing, x, mode);
    const [other] = applyPart("b", noise, nothing, x, mode);
    const expected = normal(fold(key(1), "a"), [4]);
    assertEquals(seen, ["model.a", "model.b"]);
    assertEquals(await y.data(), await expected.data());
    assert((await other.data())[0] !== (await y.data())[0]);
    release([x, y, other, expected]);
  },
);

Deno.test("describe() needs no device, and gives the account of a whole model", () => {
  const before = liveTensors();
  const model = sequential(affine, sequential(affine));
  const part: Part = describe(model, [3, 4], "model");
  assertEquals(liveTensors(), before);
  assertEquals(
    [part.name, part.kind, part.input, part.output, part.parameters, part.multiplyAdds],
    ["model", "sequential", [3, 4], [3, 4], 8, 8],
  );
  assertEquals(part.parts.map(({ name, kind }) => [name, kind]), [
    ["0", "affine"],
    ["1", "sequential"],
  ]);
  assertEquals(describe(affine, [3, 4]).name, "");
});

Deno.test("A layer of one's own need not say what it costs", () => {
  const free = stateless({
    kind: "free",
    init: (key, shape) => ({
      params: { bias: draw(key, [2], (n) => new Float32Array(n)) },
      shape,
    }),
    apply: ({ bias }, x) => add(x, bias),
  });
  const { parameters, multiplyAdds, parts } = describe(free, [1, 2]);
  assertEquals([parameters, multiplyAdds, parts], [2, 0, []]);
});
