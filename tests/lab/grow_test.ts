/** The existence proof: a deeper network that computes bit for bit what a shallower one does. */

import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  ArgumentError,
  entries,
  evalMode,
  key,
  map,
  normal,
  ops,
  release,
  trainMode,
  type Tree,
} from "@fplusx/nn";
import { growVariables, makeNet, type Net, netOfDepth } from "@fplusx/nn/lab";
import { testEach } from "../backends.ts";

const IMAGES = [3, 8, 8, 3];

/** Variables as after some training: nothing is 0, 1 or the same for all channels any more. */
function worn(net: Net) {
  const { params, state } = makeNet(net).init(key(0), IMAGES);
  const moved = map((leaf, path) => {
    const noise = normal(key(path.length), leaf.shape, { deviation: 0.2 });
    const next = ops.tidy(() => ops.add(leaf, path.endsWith("variance") ? ops.abs(noise) : noise));
    noise.dispose();
    leaf.dispose();
    return next;
  }, { params, state } as Tree);
  return moved as unknown as { params: Tree; state: Tree };
}

for (const block of ["plain", "A", "B"] as const) {
  testEach(
    `A deeper network of blocks "${block}" gives what a shallower one does, bit for bit`,
    async (backend) => {
      const [shallow, deep] = [netOfDepth(block, 8, 4), {
        ...netOfDepth(block, 20, 4),
        blocks: [3, 2, 5] as const,
      }];
      const variables = worn(shallow);
      const grown = growVariables(variables, shallow, deep, key(1), IMAGES);
      const x = normal(key(2), IMAGES);
      const [y] = makeNet(shallow).apply(variables, x, evalMode);
      const [z] = makeNet(deep).apply(grown, x, evalMode);
      // On a GPU the reciprocal of a root is not exact, even that of 1.
      if (backend !== "webgpu" || block !== "plain") assertEquals(await z.data(), await y.data());
      assert(entries(grown.params).length > entries(variables.params).length);
      const [t, nextT] = makeNet(shallow).apply(variables, x, trainMode(key(0)));
      const [u, nextU] = makeNet(deep).apply(grown, x, trainMode(key(0)));
      // In train mode too, but for plain nets: a normalisation with the batch's statistics does something.
      if (block === "plain") assertNotEquals(await u.data(), await t.data());
      else assertEquals(await u.data(), await t.data());
      release([variables, grown, x, y, z]);
      release([t, u, nextT, nextU]);
    },
  );
}

Deno.test("growVariables() refuses what is not the same network with more blocks", () => {
  const message = (shallow: Net, deep: Net) =>
    assertThrows(
      () => growVariables({ params: [], state: [] }, shallow, deep, key(0), IMAGES),
      ArgumentError,
    ).message;
  const need = "need as wide a network of as many blocks or more, of plain blocks or those with " +
    "shortcut A or B";
  assertEquals(
    message(netOfDepth("A", 14, 4), netOfDepth("A", 8, 4)),
    'Cannot grow a network of 2 + 2 + 2 blocks "A" of width 4 to a network of 1 + 1 + 1 blocks ' +
      `"A" of width 4: ${need}`,
  );
  assertEquals(
    message(netOfDepth("A", 8, 4), netOfDepth("A", 14, 8)),
    'Cannot grow a network of 1 + 1 + 1 blocks "A" of width 4 to a network of 2 + 2 + 2 blocks ' +
      `"A" of width 8: ${need}`,
  );
  assertEquals(
    message(netOfDepth("C", 8, 4), netOfDepth("C", 14, 4)),
    'Cannot grow a network of 1 + 1 + 1 blocks "C" of width 4 to a network of 2 + 2 + 2 blocks ' +
      `"C" of width 4: ${need}`,
  );
});
