/** The networks of the laboratory: those of the paper where they are the same, and exact costs. */

import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  abstractKey,
  ArgumentError,
  describe,
  entries,
  evalMode,
  grad,
  key,
  type Layer,
  map,
  normal,
  ops,
  release,
  tensor,
  trainMode,
  type Tree,
} from "@fplusx/nn";
import { type BlockName, BLOCKS, depthOf, makeNet, netOfDepth } from "@fplusx/nn/lab";
import { plainCifar, resnetCifar } from "@fplusx/nn/models";
import { gatedShortcut } from "../../lib/lab/small_layers.ts";
import { testEach } from "../backends.ts";

const IMAGES = [2, 8, 8, 3];
const names = Object.keys(BLOCKS) as BlockName[];

Deno.test("A network of plain or basic blocks costs what that of the paper does", () => {
  const models: [BlockName, Layer][] = [
    ["plain", plainCifar(20)],
    ["A", resnetCifar(20)],
    ["B", resnetCifar(20, { shortcut: "B" })],
    ["C", resnetCifar(20, { shortcut: "C" })],
  ];
  for (const [block, model] of models) {
    const count = (layer: Layer) => {
      const { parameters, multiplyAdds } = describe(layer, [1, 32, 32, 3]);
      return [parameters, multiplyAdds];
    };
    assertEquals(count(makeNet(netOfDepth(block, 20, 16))), count(model), block);
    const paths = (layer: Layer) =>
      entries(layer.init(abstractKey, [1, 32, 32, 3]).params).map(([path]) => path);
    assertEquals(paths(makeNet(netOfDepth(block, 20, 16))), paths(model));
  }
});

testEach("A network of basic blocks gives what that of the paper does", async () => {
  const [ours, theirs] = [makeNet(netOfDepth("A", 8, 16)), resnetCifar(8)];
  const x = normal(key(1), IMAGES);
  const variables = ours.init(key(0), IMAGES);
  const like = theirs.init(abstractKey, IMAGES);
  const known = new Map(entries({ params: variables.params, state: variables.state }));
  const same = map((_, path) => known.get(path)!, { params: like.params, state: like.state });
  const [y] = ours.apply(variables, x, evalMode);
  const [z] = theirs.apply(same, x, evalMode);
  assertEquals(await y.data(), await z.data());
  release([variables.params, variables.state, x, y, z]);
});

testEach("Every block trains and tests, with a gradient for every parameter", () => {
  const x = normal(key(1), IMAGES);
  for (const block of names) {
    const net = netOfDepth(block, block === "bottleneck" ? 11 : 8, 4);
    const model = makeNet(net);
    const { params, state, shape } = model.init(key(0), IMAGES);
    assertEquals(shape, [2, 10]);
    const [y, next] = model.apply({ params, state }, x, evalMode);
    assertEquals(next, state);
    const gradient = grad((params: Tree) => {
      const [y] = model.apply({ params, state }, x, trainMode(key(2)));
      return ops.sum(ops.square(y));
    })(params);
    assertEquals(entries(gradient).length, entries(params).length, block);
    release([params, state, y, gradient]);
  }
  x.dispose();
}, ["cpu", "wasm"]);

Deno.test("netOfDepth() and depthOf() are inverse, and there is no depth between", () => {
  for (const block of names) {
    const depth = block === "bottleneck" ? 29 : 20;
    assertEquals(netOfDepth(block, depth, 8).blocks, [3, 3, 3]);
    assertEquals(depthOf(netOfDepth(block, depth, 8)), depth);
  }
  const message = (f: () => unknown) => assertThrows(f, ArgumentError).message;
  assertEquals(
    message(() => netOfDepth("A", 21, 8)),
    "Cannot make a network of depth 21: need 6n + 2",
  );
  assertEquals(
    message(() => netOfDepth("bottleneck", 21, 8)),
    "Cannot make a network of depth 21: need 9n + 2",
  );
});

testEach("SkipInit, Fixup and zero gamma begin as the identity where the shape stays", async () => {
  for (const block of ["SkipInit", "Fixup", "zero gamma"] as const) {
    const place = { filters: 4, stride: 1, number: 1, total: 9 };
    const layer = BLOCKS[block](place) as Layer;
    const variables = layer.init(key(0), [2, 4, 4, 4]);
    const x = ops.tidy(() => ops.relu(normal(key(1), [2, 4, 4, 4])));
    const [y, next] = layer.apply(variables, x, trainMode(key(2)));
    assertEquals(await y.data(), await x.data(), block);
    release([variables.params, variables.state, x, y, next]);
  }
});

testEach("A gated block with closed gates is the identity, and so is a highway", async () => {
  const x = ops.tidy(() => ops.relu(normal(key(1), [2, 4, 4, 4])));
  for (const block of ["gated", "highway"] as const) {
    const layer = BLOCKS[block]({ filters: 4, stride: 1, number: 1, total: 9 }) as Layer;
    const variables = layer.init(key(0), [2, 4, 4, 4]);
    const closed = map(
      (leaf, path) => /gate\.bias$/.test(path) ? ops.fill(leaf.shape, -1e9) : ops.clone(leaf),
      variables.params,
    );
    const [y] = layer.apply({ params: closed, state: variables.state }, x, evalMode);
    assertEquals(await y.data(), await x.data(), block);
    const [open] = layer.apply(variables, x, evalMode);
    assertNotEquals(await open.data(), await x.data(), block);
    release([variables.params, variables.state, closed, y, open]);
  }
  x.dispose();
});

testEach("A gated shortcut multiplies with one minus its gate", async () => {
  const { params } = gatedShortcut.init(key(0), [1, 2, 2, 2]);
  const zero = map((leaf) => ops.zerosLike(leaf), params);
  using x = tensor([1, -2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2]);
  const [y] = gatedShortcut.apply({ params: zero, state: [] }, x, evalMode);
  assertEquals([...await y.data()], [0.5, -1, 1.5, 2, 2.5, 3, 3.5, 4]);
  assert(params.bias !== undefined);
  release([params, zero, y]);
});
