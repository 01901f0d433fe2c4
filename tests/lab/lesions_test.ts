/** Lesions and paths: what is changed is changed, and all paths together are the gradient. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import {
  ArgumentError,
  evalMode,
  grad,
  key,
  map,
  normal,
  ops,
  release,
  type Tensor,
  trainMode,
} from "@fplusx/nn";
import {
  makeNet,
  netOfDepth,
  pathNet,
  pathsOfLength,
  removableBlocks,
  swapBlocks,
  withoutBlocks,
} from "@fplusx/nn/lab";
import { testEach } from "../backends.ts";

const IMAGES = [2, 8, 8, 3];

testEach("A block that does nothing can be left out, and swapped, without a trace", async () => {
  const net = netOfDepth("A", 20, 4);
  const model = makeNet(net);
  const { params, state } = model.init(key(0), IMAGES);
  const idle = /^layer2\.[12]\.body\.bn2\.weight$/;
  const variables = {
    params: map((leaf, path) => idle.test(path) ? ops.zerosLike(leaf) : ops.clone(leaf), params),
    state,
  };
  const x = normal(key(1), IMAGES);
  const scores = async ({ net, variables }: ReturnType<typeof withoutBlocks>) => {
    const [y] = makeNet(net).apply(variables, x, evalMode);
    const values = await y.data();
    y.dispose();
    return values;
  };
  const whole = await scores({ net, variables });
  assertEquals(await scores(withoutBlocks(net, variables, [[1, 2]])), whole);
  assertEquals(await scores(withoutBlocks(net, variables, [[1, 1], [1, 2]])), whole);
  assertNotEquals(await scores(withoutBlocks(net, variables, [[0, 1]])), whole);
  assertEquals(await scores(swapBlocks(net, variables, 1, [1, 2])), whole);
  const swapped = swapBlocks(net, variables, 0, [1, 2]);
  assertNotEquals(await scores(swapped), whole);
  assertEquals(await scores(swapBlocks(net, swapped.variables, 0, [1, 2])), whole);
  release([params, state, variables.params, x]);
});

Deno.test("Blocks that change the shape cannot be left out", () => {
  const net = netOfDepth("plain", 20, 4);
  assertEquals(removableBlocks(net), [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 1], [2, 2]]);
  const error = assertThrows(
    () => withoutBlocks(net, { params: {}, state: {} }, [[2, 0]]),
    ArgumentError,
  );
  assertEquals(error.message, "Cannot leave out block 0 of stage 2: it changes the shape");
});

testEach("The gradients along all paths add up to the gradient", async () => {
  const net = netOfDepth("A", 8, 4); // three blocks, eight paths
  const model = makeNet(net);
  const variables = model.init(key(0), IMAGES);
  const x = normal(key(1), IMAGES);
  const weights = normal(key(2), [2, 10]);
  const gradientOf = (layer: typeof model) =>
    grad((x: Tensor) => {
      const [y] = layer.apply(variables, x, trainMode(key(3)));
      return ops.sum(ops.mul(y, weights));
    })(x);
  const whole = gradientOf(model);
  let sum = ops.zerosLike(x);
  const forward = await valuesOf(model);
  for (let subset = 0; subset < 8; subset++) {
    const bodies = new Set([1, 2, 3].filter((block) => subset & 1 << (block - 1)));
    const layer = pathNet(net, bodies);
    assertEquals(await valuesOf(layer), forward, "forwards nothing changes");
    const part = gradientOf(layer);
    const next = ops.add(sum, part);
    release([sum, part]);
    sum = next;
  }
  const [all, parts] = [await whole.data(), await sum.data()];
  const largest = Math.max(...Array.from(all, Math.abs));
  assert(largest > 1e-3);
  all.forEach((value, i) => assertAlmostEquals(parts[i]! / largest, value / largest, 1e-4));
  release([variables.params, variables.state, x, weights, whole, sum]);

  async function valuesOf(layer: typeof model) {
    const [y] = layer.apply(variables, x, evalMode);
    const values = await y.data();
    y.dispose();
    return values;
  }
}, ["cpu", "wasm"]);

Deno.test("Paths are counted by Pascal's triangle", () => {
  assertEquals([0, 1, 2, 3, 4].map((k) => pathsOfLength(4, k)), [1, 4, 6, 4, 1]);
  assertEquals(pathsOfLength(54, 27), 1_946_939_425_648_112);
});
