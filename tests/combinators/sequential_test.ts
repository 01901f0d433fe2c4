import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { ArgumentError, ShapeError } from "../../lib/errors.ts";
import { abstractKey, fold, key } from "../../lib/key.ts";
import {
  applyPart,
  describe,
  evalMode,
  type Layer,
  type Part,
  trainMode,
} from "../../lib/layer.ts";
import { identity } from "../../lib/layers/shape.ts";
import { ones, tensor } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import { entries, leaves } from "../../lib/tree.ts";
import { named, repeat, sequential } from "../../lib/combinators/sequential.ts";
import { testEach } from "../backends.ts";
import { counter, linear, noise, refusing, scaled } from "./tiny.ts";

testEach("sequential() is one layer after the other, by hand", async () => {
  const [first, second] = [linear(3), linear(2)];
  const model = sequential(first, noise, second);
  const variables = model.init(key(1), [2, 4]);
  const x = tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 4]);
  const mode = trainMode(key(2));
  const [y, next] = model.apply(variables, x, mode);

  const [a, , b] = variables.params;
  const [hidden] = applyPart("0", first, { params: a, state: [] }, x, mode);
  const [noisy] = applyPart("1", noise, { params: [], state: [] }, hidden, mode);
  const [byHand] = applyPart("2", second, { params: b, state: [] }, noisy, mode);
  assertEquals(await y.data(), await byHand.data());
  assertStrictEquals(next, variables.state);
  assert(!x.isDisposed && leaves(variables.params).every((leaf) => !leaf.isDisposed));
  release([variables, x, y, hidden, noisy, byHand]);
});

testEach("sequential() of the identity and a layer acts as the layer", async () => {
  const x = tensor([1, 2, 3, 4], [2, 2]);
  const layer = linear(3);
  const variables = layer.init(key(1), [2, 2]);
  const [expected] = layer.apply(variables, x, evalMode);
  for (
    const [model, at] of [[sequential(identity, layer), 1], [
      sequential(layer, identity),
      0,
    ]] as const
  ) {
    const params = at === 0 ? [variables.params, []] as const : [[], variables.params] as const;
    const [y] = (model as Layer).apply({ params, state: [[], []] }, x, evalMode);
    assertEquals(await y.data(), await expected.data());
    y.dispose();
  }
  release([x, variables, expected]);
});

testEach("sequential() of nothing gives its input under a handle of its own", async () => {
  const model = sequential();
  const x = ones([2]);
  const [y] = model.apply(model.init(key(0), [2]), x, evalMode);
  x.dispose();
  assertEquals([...await y.data()], [1, 1]);
  y.dispose();
});

testEach("sequential() does not dispose what a layer passes on unchanged", async () => {
  const passing = { ...scaled(1), apply: (v: unknown, x: typeof given) => [x, v] } as never;
  const given = ones([2]);
  const model = sequential(passing, scaled(2), passing);
  const [y] = model.apply(model.init(key(0), [2]), given, evalMode);
  assertEquals([...await given.data()], [1, 1]);
  assertEquals([...await y.data()], [2, 2]);
  release([given, y]);
});

testEach("sequential() changes only the state of layers that change", async () => {
  const model = sequential(counter, scaled(1), sequential(scaled(1)));
  const variables = model.init(key(0), [1]);
  const x = ones([1]);
  const [y, next] = model.apply(variables, x, trainMode(key(0)));
  assertEquals([...await next[0].count.data()], [1]);
  assertStrictEquals(next[2], variables.state[2]);
  const [z, still] = model.apply({ ...variables, state: next }, x, evalMode);
  assertStrictEquals(still, next);
  release([variables, next, x, y, z]);
});

testEach("sequential() gives a layer the same parameters whatever follows it", async () => {
  const short = sequential(linear(3)).init(key(5), [1, 2]);
  const long = sequential(linear(3), linear(3)).init(key(5), [1, 2]);
  assertEquals(await short.params[0].weight.data(), await long.params[0].weight.data());
  assertNotEquals(await long.params[0].weight.data(), await long.params[1].weight.data());
  release([short, long]);
});

testEach("named() keeps the order of its layers and calls their variables by name", () => {
  const model = named({ stem: linear(3), body: sequential(counter, linear(2)), b: scaled(1) });
  const variables = model.init(key(0), [1, 4]);
  assertEquals(entries(variables.params).map(([path]) => path), ["stem.weight", "body.1.weight"]);
  assertEquals(entries(variables.state).map(([path]) => path), ["body.0.count"]);
  assertEquals(variables.shape, [1, 2]);
  assert(Object.isFrozen(variables.params) && Object.isFrozen(variables.state));
  release(variables);
});

Deno.test("named() takes the name of a prototype as a name like any other", () => {
  const model = named({ ["__proto__"]: linear(3), constructor: linear(2) });
  const { params } = model.init(abstractKey, [1, 4]);
  assertEquals(entries(params).map(([path]) => path), ["__proto__.weight", "constructor.weight"]);
});

Deno.test("named() refuses names that are integers, empty or dotted", () => {
  for (const name of ["0", "10"]) {
    assertThrows(
      () => named({ [name]: noise }),
      ArgumentError,
      `Cannot name a part "${name}": JavaScript moves names that are integers to the front`,
    );
  }
  for (const name of ["", "a.b"]) {
    assertThrows(
      () => named({ [name]: noise }),
      ArgumentError,
      `Cannot name a part "${name}": need a name that is not empty and has no dot`,
    );
  }
  named({ "01": noise, "-1": noise, "1a": noise });
});

Deno.test("repeat() makes each layer from its number", () => {
  const { params, shape } = repeat(3, (i) => linear(i + 1)).init(abstractKey, [2, 5]);
  assertEquals(params.map(({ weight }) => weight.shape), [[5, 1], [1, 2], [2, 3]]);
  assertEquals(shape, [2, 3]);
});

Deno.test("repeat() refuses a count that is not one", () => {
  for (const count of [-1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => repeat(count, () => noise),
      ArgumentError,
      `Cannot repeat a layer ${count} times: need an integer from 0`,
    );
  }
});

Deno.test("An error out of a nested layer names the whole path", () => {
  const model = named({ stem: noise, stages: sequential(noise, named({ a: refusing })) });
  const error = assertThrows(() => model.init(abstractKey, [1]), ShapeError);
  assertEquals(error.path, "stages.1.a");
  assertEquals(error.message, 'Cannot take anything: need nothing, at "stages.1.a"');
});

testEach("A part draws from the key of the model, folded by its path", async () => {
  const { params } = named({ a: sequential(linear(2)) }).init(key(3), [1, 2]);
  const alone = linear(2).init(fold(fold(key(3), "a"), "0"), [1, 2]);
  assertEquals(await params.a[0].weight.data(), await alone.params.weight.data());
  release([params, alone]);
});

Deno.test("describe() adds up what the parts cost", () => {
  const part = describe(named({ a: linear(3), b: sequential(linear(2), noise) }), [7, 4], "model");
  const brief = ({ name, kind, output, parameters, multiplyAdds, parts }: Part): unknown[] => [
    name,
    kind,
    output,
    parameters,
    multiplyAdds,
    ...parts.map(brief),
  ];
  assertEquals(brief(part), [
    "model",
    "named",
    [7, 2],
    18,
    18,
    ["a", "linear", [7, 3], 12, 12],
    ["b", "sequential", [7, 2], 6, 6, ["0", "linear", [7, 2], 6, 6], ["1", "noise", [7, 2], 0, 0]],
  ]);
});

testEach("A tap sees the output of every part by path", async () => {
  const model = named({ a: sequential(scaled(2), scaled(3)), b: scaled(5) });
  const x = ones([1]);
  const seen: [string, Promise<ArrayLike<number>>][] = [];
  const visit = (path: string, y: typeof x) => void seen.push([path, y.data()]);
  const [y] = model.apply(model.init(key(0), [1]), x, { ...evalMode, tap: { path: "", visit } });
  assertEquals(
    await Promise.all(seen.map(async ([path, data]) => [path, ...Array.from(await data)])),
    [["a.0", 2], ["a.1", 6], ["a", 6], ["b", 30]],
  );
  release([x, y]);
});
