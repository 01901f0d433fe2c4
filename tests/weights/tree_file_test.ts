/** Trees in files: what is saved comes back, and everything that disagrees is reported at once. */

import { assertEquals, assertRejects } from "@std/assert";
import { abstractKey, KeysError, release, tensor, uniform } from "@fplusx/nn";
import {
  formatSafetensors,
  fromFloat32,
  type HostTensor,
  loadTree,
  openSafetensors,
  saveTree,
} from "@fplusx/nn/weights";
import { testEach } from "../backends.ts";
import { source } from "./fuzz.ts";

const open = (bytes: Uint8Array) => openSafetensors(source(bytes));

testEach("loadTree() gives what saveTree() was given, leaf by leaf", async () => {
  const tree = {
    params: {
      blocks: [{ weight: tensor([1, -2, 3.5, NaN], [2, 2]) }, tensor([])] as const,
      "a.b": tensor([7]),
    },
    count: tensor(Int32Array.of(-1, 2 ** 31 - 1)),
    mask: tensor(Uint8Array.of(1, 0), [1, 2]),
  };
  const file = await open(await saveTree(tree, { step: "3" }));
  assertEquals(
    [...file.tensors.keys()].sort(),
    ["count", "mask", "params.a\\.b", "params.blocks.0.weight", "params.blocks.1"],
  );
  assertEquals(file.metadata, new Map([["step", "3"]]));
  const loaded = await loadTree(tree, file);
  assertEquals([...await loaded.params.blocks[0].weight.data()], [1, -2, 3.5, NaN]);
  assertEquals(loaded.params.blocks[0].weight.shape, [2, 2]);
  assertEquals(loaded.params.blocks[1].shape, [0]);
  assertEquals([...await loaded.params["a.b"].data()], [7]);
  assertEquals(await loaded.count.data(), Int32Array.of(-1, 2 ** 31 - 1));
  assertEquals(loaded.mask.dtype, "bool");
  assertEquals([...await loaded.mask.data()], [1, 0]);
  release([tree, loaded]);
});

testEach(
  "loadTree() takes abstract leaves as a pattern, and widens half floats and bytes",
  async () => {
    const values = Float32Array.of(1, -0.5);
    const bytes = formatSafetensors(
      new Map<string, HostTensor>([
        ["half", { dtype: "F16", shape: [2], data: fromFloat32(values, "F16") }],
        ["brain", { dtype: "BF16", shape: [2], data: fromFloat32(values, "BF16") }],
        ["small", { dtype: "I8", shape: [], data: Int8Array.of(-3) }],
      ]),
    );
    const like = {
      half: uniform(abstractKey, [2]),
      brain: uniform(abstractKey, [2]),
      small: tensor(Int32Array.of(0), []),
    };
    const loaded = await loadTree(like, await open(bytes));
    assertEquals(await loaded.half.data(), values);
    assertEquals(await loaded.brain.data(), values);
    assertEquals(await loaded.small.data(), Int32Array.of(-3));
    release([like, loaded]);
  },
);

testEach("loadTree() lists everything that disagrees, and makes no tensor", async () => {
  const saved = {
    conv: tensor([1, 2, 3, 4], [2, 2]),
    bn: tensor([1]),
    fc: tensor([1]),
    n: tensor([1]),
  };
  const wanted = {
    conv: tensor([1, 2, 3, 4], [4]),
    head: [tensor([1])],
    fc: tensor([1]),
    n: tensor(Int32Array.of(1)),
  };
  const file = await open(await saveTree(saved));
  assertEquals(
    (await assertRejects(() => loadTree(wanted, file), KeysError)).message,
    'Cannot load the tree: missing "head.0"; unexpected "bn"; "conv" has shape [2,2], need [4]; ' +
      '"n" has type F32, need I32 or I16 or I8 or U16 or U8',
  );
  release([saved, wanted]);
});
