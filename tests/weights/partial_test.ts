/** Partial loading: exactly what is said in advance is left out. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { abstractKey, dense, key, KeysError, named, release, tensor } from "@fplusx/nn";
import { loadPartial, openSafetensors, type PartialOptions, saveTree } from "@fplusx/nn/weights";
import { testEach } from "../backends.ts";

const net = (classes: number) => named({ body: dense(3), fc: dense(classes) });
const SHAPE = [1, 2];

async function fileOf(tree: Parameters<typeof saveTree>[0]) {
  const bytes = await saveTree(tree);
  const read = (offset: number, length: number) =>
    Promise.resolve(bytes.slice(offset, offset + length));
  return await openSafetensors({ size: bytes.length, read });
}

testEach("loadPartial() loads the body, keeps the head, and says so", async () => {
  const { params: old } = net(10).init(key(0), SHAPE);
  const extra = tensor([1]);
  const file = await fileOf({ params: old, extra });
  const { params } = net(4).init(key(1), SHAPE);
  const { tree, kept, ignored } = await loadPartial({ params }, file, {
    keep: "params.fc.**",
    ignore: "extra",
  });
  assertEquals(kept, ["params.fc.weight", "params.fc.bias"]);
  assertEquals(ignored, ["extra", "params.fc.bias", "params.fc.weight"]);
  assertEquals(await tree.params.body.weight.data(), await old.body.weight.data());
  assertEquals(await tree.params.fc.weight.data(), await params.fc.weight.data());
  // The head is a second handle: the tree that was looked at is still its owner's.
  release(params);
  assert(!tree.params.fc.weight.isDisposed);
  release([old, extra, tree]);
});

testEach("loadPartial() without options loads what loadTree() does", async () => {
  const { params } = net(10).init(key(0), SHAPE);
  const file = await fileOf(params);
  const abstract = net(10).init(abstractKey, SHAPE).params;
  const { tree, kept, ignored } = await loadPartial(abstract, file);
  assertEquals([kept, ignored], [[], []]);
  assertEquals(await tree.fc.bias!.data(), await params.fc.bias!.data());
  release([params, tree]);
});

const WRONG: [what: string, options: PartialOptions, message: string][] = [
  [
    "a head of another size that is not kept",
    {},
    '"fc.weight" has shape [3,10], need [3,4]; "fc.bias" has shape [10], need [4]',
  ],
  [
    "a pattern that selects something else",
    { keep: "cf.**" },
    '"fc.weight" has shape [3,10], need [3,4]; "fc.bias" has shape [10], need [4]',
  ],
  [
    "a leaf that is ignored but wanted",
    { keep: "fc.**", ignore: "body.bias" },
    'missing "body.bias"',
  ],
  ["to load nothing", { keep: "**" }, "every leaf is to be kept"],
];

for (const [what, options, message] of WRONG) {
  testEach(`loadPartial() refuses ${what}`, async () => {
    const { params: old } = net(10).init(key(0), SHAPE);
    const file = await fileOf(old);
    const { params } = net(4).init(key(1), SHAPE);
    const error = await assertRejects(() => loadPartial(params, file, options), KeysError);
    assertEquals(error.message, `Cannot load the tree: ${message}`);
    release([old, params]);
  }, ["cpu"]);
}
