/** State dicts: the keys are those of real ones, axes are turned around, and mistakes are listed. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  abstractKey,
  batchNorm,
  conv,
  conv1d,
  dense,
  depthwiseConv,
  DisposedError,
  flatten,
  key,
  KeysError,
  type Layer,
  named,
  release,
  relu,
  sequential,
  type Shape,
  type Tree,
  type Variables,
  zeros,
} from "@fplusx/nn";
import {
  resnet,
  resnetCifar,
  resnetD,
  type ResNetDepth,
  resnext,
  seResnet,
  vgg,
  wideResnet,
} from "@fplusx/nn/models";
import {
  akamasterNames,
  formatSafetensors,
  type HostTensor,
  loadStateDict,
  openSafetensors,
  parseSafetensors,
  saveStateDict,
  torchvisionNames,
  toStateDict,
} from "@fplusx/nn/weights";
import { countersOf, slotsOf } from "../../lib/weights/torchvision.ts";
import { testEach } from "../backends.ts";
import { formula, formulaFile } from "../formula.ts";
import keys from "../golden/state_dict_keys.json" with { type: "json" };
import { source } from "./fuzz.ts";

const IMAGENET = [1, 224, 224, 3];
const CIFAR = [1, 32, 32, 3];

type Nested = { readonly [name: string]: Nested | Shape };

/** Keys and shapes of a real state dict. */
function realDict(net: keyof typeof keys.nets): Map<string, Shape> {
  const found = new Map<string, Shape>();
  const walk = (tree: Nested, path: readonly string[]) => {
    for (const [name, part] of Object.entries(tree)) {
      if (Array.isArray(part)) found.set([...path, name].join("."), part);
      else walk(part as Nested, [...path, name]);
    }
  };
  walk(keys.nets[net], []);
  return found;
}

const MODELS: [keyof typeof keys.nets, Layer, Shape][] = [
  ["resnet18", resnet(18), IMAGENET],
  ["resnet34", resnet(34), IMAGENET],
  ["resnet50", resnet(50), IMAGENET],
  ["resnet101", resnet(101), IMAGENET],
  ["resnet152", resnet(152, { strideIn: "1x1" }), IMAGENET],
  ["resnext50_32x4d", resnext(50), IMAGENET],
  ["wide_resnet50_2", wideResnet(50), IMAGENET],
  ["vgg16", vgg(16), IMAGENET],
  ["vgg16_bn", vgg(16, { batchNorm: true }), IMAGENET],
  ["vgg19", vgg(19), IMAGENET],
  ["vgg19_bn", vgg(19, { batchNorm: true }), IMAGENET],
  ["timm resnet50d", resnetD(50), IMAGENET],
  ["timm seresnet50", seResnet(50), IMAGENET],
  ["akamaster resnet20", resnetCifar(20, { zeros: "around" }), CIFAR],
  ["akamaster resnet20 option B", resnetCifar(20, { shortcut: "B" }), CIFAR],
];

for (const [net, model, shape] of MODELS) {
  Deno.test(`The paths of our model and the keys of ${net} are one to one, and shapes agree`, () => {
    const names = net.startsWith("akamaster") ? akamasterNames : torchvisionNames;
    const slots = slotsOf(model.init(abstractKey, shape), names);
    const dict = new Map(slots.map(({ key, shape }) => [key, shape]));
    const back = new Map(slots.map(({ key, path }) => [key, path]));
    for (const { path, key } of slots) assertEquals(back.get(key), path);
    for (const key of countersOf([...dict.keys()])) dict.set(key, []);
    const byKey = (dict: ReadonlyMap<string, Shape>) =>
      [...dict].sort(([a], [b]) => a < b ? -1 : 1);
    assertEquals(byKey(dict), byKey(realDict(net)));
  });
}

const COUNTS: [ResNetDepth, keys: number, trainable: number, old: number][] = [
  [18, 122, 62, 102],
  [34, 218, 110, 182],
  [50, 320, 161, 267],
  [101, 626, 314, 522],
  [152, 932, 467, 777],
];

for (const [depth, all, trainable, old] of COUNTS) {
  Deno.test(`resnet(${depth}) has ${all} keys, ${trainable} of them trainable`, () => {
    const { params, state } = resnet(depth).init(abstractKey, IMAGENET);
    const keysOf = (variables: Variables) =>
      slotsOf(variables, torchvisionNames).map(({ key }) => key);
    assertEquals(keysOf({ params, state: [] }).length, trainable);
    const without = keysOf({ params, state });
    assertEquals(without.length, old);
    assertEquals(without.length + countersOf(without).length, all);
  });
}

const open = (tensors: ReadonlyMap<string, HostTensor>, metadata = {}) =>
  openSafetensors(source(formatSafetensors(tensors, metadata)));

const shapesOf = (variables: Variables, names = torchvisionNames): Map<string, Shape> =>
  new Map(slotsOf(variables, names).map(({ key, shape }) => [key, shape]));

testEach(
  "What is loaded from a state dict is written to it again, for every kind of layer",
  async () => {
    const model = named({
      conv1: conv(4, [1, 3], { stride: 2 }),
      bn1: batchNorm(),
      conv2: conv(6, 3, { groups: 2, bias: false }),
      depthwise: depthwiseConv(3, { multiplier: 2 }),
      flatten,
      classifier: sequential(dense(5), relu, dense(12)),
    });
    const like = model.init(abstractKey, [1, 8, 10, 3]);
    const shapes = shapesOf(like);
    assertEquals(shapes.get("conv1.weight"), [4, 3, 1, 3]);
    assertEquals(shapes.get("conv2.weight"), [6, 2, 3, 3]);
    assertEquals(shapes.get("depthwise.weight"), [12, 1, 3, 3]);
    const loaded = await loadStateDict(like, formulaFile(shapes));
    const dict = await toStateDict(loaded, { batches: 7 });
    for (const [key, shape] of shapes) {
      assertEquals(dict.get(key), { dtype: "F32", shape, data: formula(key, shape) });
    }
    const counter = { dtype: "I64", shape: [], data: BigInt64Array.of(7n) } as const;
    assertEquals(dict.get("bn1.num_batches_tracked"), counter);
    assertEquals(dict.size, shapes.size + 1);
    release(loaded);
  },
);

testEach(
  "Axes are turned around: HWIO, rows, and rows in the order of a flattened image",
  async () => {
    const model = named({ conv: conv(2, [1, 3], { bias: false }), flatten, fc: dense(2) });
    const like = model.init(abstractKey, [1, 1, 2, 2]); // [1, 1, 2, 2] after the convolution
    const count = (shape: Shape): HostTensor => ({
      dtype: "F32",
      shape,
      data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
    });
    const file = await open(
      new Map([
        ["conv.weight", count([2, 2, 1, 3])],
        ["fc.weight", count([2, 4])],
        ["fc.bias", count([2])],
      ]),
    );
    const { params } = await loadStateDict(like, file);
    // Out, in, width becomes width, in, out.
    assertEquals([...await params.conv.weight.data()], [0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11]);
    // The columns of PyTorch's matrix are (channel, pixel), the rows of ours (pixel, channel).
    assertEquals([...await params.fc.weight.data()], [0, 4, 2, 6, 1, 5, 3, 7]);
    assertEquals([...await params.fc.bias!.data()], [0, 1]);
    release(params);
  },
);

testEach("Kernels over time are turned around as well", async () => {
  const like = conv1d(3, 5).init(abstractKey, [1, 8, 2]);
  const shapes = shapesOf(like);
  assertEquals([...shapes.values()], [[3, 2, 5], [3]]);
  const loaded = await loadStateDict(like, formulaFile(shapes));
  const dict = await toStateDict(loaded);
  assertEquals(dict.get("weight")?.data, formula("weight", [3, 2, 5]));
  release(loaded);
});

const tiny = named({ conv1: conv(2, 1, { bias: false }), bn1: batchNorm() });
const tinyLike = tiny.init(abstractKey, [1, 2, 2, 1]);

testEach(
  "Files from DataParallel load through their prefix, and old ones without counts",
  async () => {
    const plain = await loadStateDict(tinyLike, formulaFile(shapesOf(tinyLike)));
    const dict = await toStateDict(plain);
    const prefixed = new Map([...dict].map(([key, value]) => [`module.${key}`, value]));
    const loaded = await loadStateDict(tinyLike, await open(prefixed));
    assertEquals(await toStateDict(loaded), dict);
    assertEquals(loaded.ignored, []);
    release([plain, loaded]);
  },
);

testEach(
  "Leaves that are kept are clones of those given, and may be of any shape in the file",
  async () => {
    const shapes = shapesOf(resnetCifar(8).init(abstractKey, CIFAR));
    const fresh = resnetCifar(8, { classes: 3 }).init(key(1), CIFAR);
    const loaded = await loadStateDict(fresh, formulaFile(shapes), { keep: "fc.**" });
    assertEquals(loaded.kept, ["fc.weight", "fc.bias"]);
    assertEquals(loaded.ignored, ["fc.weight", "fc.bias"]);
    assertEquals(await loaded.params.fc.weight.data(), await fresh.params.fc.weight.data());
    assert(loaded.params.fc.weight !== fresh.params.fc.weight);
    assertEquals(
      (await toStateDict(loaded)).get("conv1.weight")?.data,
      formula("conv1.weight", [16, 3, 3, 3]),
    );
    release([fresh, loaded]);
  },
);

testEach("A model without a head ignores the one in the file, when told to", async () => {
  const file = formulaFile(new Map([...shapesOf(tinyLike), ["fc.weight", [9, 2]]]));
  const loaded = await loadStateDict(tinyLike, file, { ignore: "fc.**" });
  assertEquals([loaded.kept, loaded.ignored], [[], ["fc.weight"]]);
  release(loaded);
});

const refusal = async <P extends Tree, S extends Tree>(
  ...args: Parameters<typeof loadStateDict<P, S>>
): Promise<string> => (await assertRejects(() => loadStateDict(...args), KeysError)).message;

Deno.test("loadStateDict() lists every key that is missing, too much, or of another shape or type", async () => {
  const dict = new Map<string, HostTensor>([
    ["conv1.weight", { dtype: "F32", shape: [1, 1, 2, 1], data: new Float32Array(2) }],
    ["bn1.weight", { dtype: "F64", shape: [2], data: new Float64Array(2) }],
    ["bn1.running_mean", { dtype: "F32", shape: [2], data: new Float32Array(2) }],
    ["bn1.num_batches_tracked", { dtype: "I64", shape: [], data: new BigInt64Array(1) }],
    ["bn2.num_batches_tracked", { dtype: "I64", shape: [], data: new BigInt64Array(1) }],
    ["fc.weight", { dtype: "F32", shape: [1, 2], data: new Float32Array(2) }],
  ]);
  assertEquals(
    await refusal(tinyLike, await open(dict, { strideIn: "1x1" })),
    "Cannot load the state dict: the stride is in the 1x1 convolutions, need 3x3; " +
      'missing "bn1.bias", "bn1.running_var"; ' +
      'unexpected "bn2.num_batches_tracked", "fc.weight"; ' +
      '"conv1.weight" has shape [1,1,2,1], need [2,1,1,1]; ' +
      '"bn1.weight" has type F64, need F32 or F16 or BF16',
  );
});

Deno.test("A prefix before some keys only is no prefix", async () => {
  const like = named({ fc: dense(1, { bias: false }) }).init(abstractKey, [1, 1]);
  const file = formulaFile(new Map([["module.fc.weight", [1, 1]], ["fc.bias", [1]]]));
  assertEquals(
    await refusal(like, file),
    'Cannot load the state dict: missing "fc.weight"; unexpected "module.fc.weight", "fc.bias"',
  );
});

testEach("Two leaves of one key are refused by name", async () => {
  const leaf = zeros([1]);
  const variables = { params: { body: { a: leaf }, a: leaf }, state: [] };
  const message = 'Cannot name a state dict: "body.a" and "a" would both be "a"';
  assertEquals(
    assertThrows(() => slotsOf(variables, torchvisionNames), KeysError).message,
    message,
  );
  assertEquals((await assertRejects(() => saveStateDict(variables), KeysError)).message, message);
  release(leaf);
});

testEach("Where the stride is travels in the metadata, and is checked", async () => {
  const variables = tiny.init(key(0), [1, 2, 2, 1]);
  const bytes = await saveStateDict(variables, { strideIn: "1x1", metadata: { epoch: "90" } });
  assertEquals(
    parseSafetensors(bytes).metadata,
    new Map([["format", "pt"], ["strideIn", "1x1"], ["epoch", "90"]]),
  );
  const file = await openSafetensors(source(bytes));
  assertEquals(
    await refusal(variables, file),
    "Cannot load the state dict: the stride is in the 1x1 convolutions, need 3x3",
  );
  const loaded = await loadStateDict(variables, file, { strideIn: "1x1" });
  assertEquals(await toStateDict(loaded), await toStateDict(variables));
  release([variables, loaded]);
});

Deno.test("A leaf that is kept needs a value", async () => {
  const error = await assertRejects(
    () => loadStateDict(tinyLike, formulaFile(shapesOf(tinyLike)), { keep: "conv1.weight" }),
    DisposedError,
  );
  assertEquals(
    error.message,
    "Cannot use an abstract tensor of shape [1,1,1,2]: it has no values",
  );
});

testEach("A file saved by PyTorch loads, and is saved again byte for byte", async () => {
  const bytes = await Deno.readFile(new URL("../golden/state_dict.safetensors", import.meta.url));
  const model = resnetCifar(8, { width: 4, zeros: "around" });
  const like = model.init(abstractKey, CIFAR);
  const file = await openSafetensors(source(bytes));
  const loaded = await loadStateDict(like, file, { names: akamasterNames });
  for (const { path, key, leaf } of slotsOf(loaded, akamasterNames)) {
    if (leaf.shape.length < 2) assertEquals(await leaf.data(), formula(key, leaf.shape), path);
  }
  assertEquals(await saveStateDict(loaded, { names: akamasterNames }), bytes);
  release(loaded);
});
