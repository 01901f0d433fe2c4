import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { setup } from "../../lib/backend/setup.ts";
import { ArgumentError, ShapeError } from "../../lib/errors.ts";
import { abstractKey, key } from "../../lib/key.ts";
import { describe, evalMode, type Layer, type Part } from "../../lib/layer.ts";
import {
  highwayNet,
  mnistResnet,
  networkInNetwork,
  plain,
  plainCifar,
  preactivationBottleneckResnet,
  preactivationResnet,
  resnet,
  resnetCifar,
  resnetD,
  resnext,
  seResnet,
  vgg,
  wideResnet,
  wideResnetCifar,
} from "../../lib/models/mod.ts";
import { planBlocks } from "../../lib/models/stages.ts";
import { liveTensors, release } from "../../lib/ownership.ts";
import { normal } from "../../lib/random.ts";
import { entries } from "../../lib/tree.ts";

/** Maps after each part of the top level, as `height x width x channels`. */
const maps = (model: Layer, shape: readonly number[]): [string, string][] =>
  describe(model, shape).parts.map(({ name, output }) => [name, output.slice(1).join("x")]);

Deno.test("resnet() has the maps of Table 1", () => {
  const stem = [
    ["conv1", "112x112x64"],
    ["bn1", "112x112x64"],
    ["relu", "112x112x64"],
    ["maxpool", "56x56x64"],
  ];
  const head = (channels: number) => [["avgpool", `${channels}`], ["fc", "1000"]];
  assertEquals(maps(resnet(34), [1, 224, 224, 3]), [
    ...stem,
    ["layer1", "56x56x64"],
    ["layer2", "28x28x128"],
    ["layer3", "14x14x256"],
    ["layer4", "7x7x512"],
    ...head(512),
  ]);
  assertEquals(maps(resnet(101, { pool: "caffe" }), [1, 224, 224, 3]), [
    ...stem,
    ["layer1", "56x56x256"],
    ["layer2", "28x28x512"],
    ["layer3", "14x14x1024"],
    ["layer4", "7x7x2048"],
    ...head(2048),
  ]);
});

Deno.test("resnetCifar() has the maps of section 4.2, and a stem for small images keeps them", () => {
  assertEquals(maps(resnetCifar(20), [1, 32, 32, 3]), [
    ["conv1", "32x32x16"],
    ["bn1", "32x32x16"],
    ["relu", "32x32x16"],
    ["layer1", "32x32x16"],
    ["layer2", "16x16x32"],
    ["layer3", "8x8x64"],
    ["avgpool", "64"],
    ["fc", "10"],
  ]);
  const small = maps(resnet(18, { stem: "cifar", classes: 10 }), [1, 32, 32, 3]);
  assertEquals(small.slice(3, 5), [["maxpool", "32x32x64"], ["layer1", "32x32x64"]]);
});

Deno.test("Depths are numbers of layers with weights on the longest path", () => {
  const depth = (model: Layer, shape: readonly number[]): number => {
    const count = ({ kind, name, parts }: Part): number =>
      name === "shortcut" ? 0 : +(kind === "conv" || kind === "dense") +
        parts.reduce((sum, part) => sum + count(part), 0);
    return count(describe(model, shape));
  };
  for (const n of [18, 34, 50, 101, 152] as const) {
    assertEquals(depth(resnet(n), [1, 64, 64, 3]), n);
    assertEquals(depth(plain(n), [1, 64, 64, 3]), n);
  }
  for (const n of [8, 20, 110]) assertEquals(depth(resnetCifar(n), [1, 32, 32, 3]), n);
  assertEquals(depth(preactivationResnet(20), [1, 32, 32, 3]), 20);
  assertEquals(depth(preactivationBottleneckResnet(164), [1, 32, 32, 3]), 164);
  assertEquals(depth(wideResnetCifar(28, 2), [1, 32, 32, 3]), 26); // Its authors count projections.
  assertEquals(depth(vgg(16), [1, 64, 64, 3]), 16);
  assertEquals(depth(mnistResnet(), [1, 28, 28, 1]), 8);
  assertEquals(depth(networkInNetwork(), [1, 32, 32, 3]), 9);
});

Deno.test("Paths of parameters become torchvision's with one short rule", () => {
  const paths = (model: Layer) =>
    entries(model.init(abstractKey, [1, 64, 64, 3]).params).map(([path]) =>
      path.replace("body.", "").replace("shortcut", "downsample")
    );
  assertEquals(paths(resnet(18)).filter((path) => /^(conv1|bn1|layer2.0|fc)/.test(path)), [
    "conv1.weight",
    "bn1.weight",
    "bn1.bias",
    "layer2.0.conv1.weight",
    "layer2.0.bn1.weight",
    "layer2.0.bn1.bias",
    "layer2.0.conv2.weight",
    "layer2.0.bn2.weight",
    "layer2.0.bn2.bias",
    "layer2.0.downsample.0.weight",
    "layer2.0.downsample.1.weight",
    "layer2.0.downsample.1.bias",
    "fc.weight",
    "fc.bias",
  ]);
  assert(paths(resnet(50)).includes("layer1.0.downsample.0.weight"));
  assert(paths(resnetD(50)).includes("conv1.6.weight"));
  assert(paths(resnetD(50)).includes("layer2.0.downsample.1.weight"));
  assert(paths(seResnet(50)).includes("layer1.0.se.fc1.weight"));
  assertEquals(paths(vgg(16)).filter((path) => path.endsWith(".weight")).slice(-5), [
    "features.26.weight",
    "features.28.weight",
    "classifier.0.weight",
    "classifier.3.weight",
    "classifier.6.weight",
  ]);
});

Deno.test("Grouped and wide bottlenecks have the widths of their papers", () => {
  const width = (model: Layer) => {
    const { params } = (model as ReturnType<typeof resnext>).init(abstractKey, [1, 64, 64, 3]);
    return params.layer1[0]!.body.conv2.weight.shape;
  };
  assertEquals(width(resnet(50)), [3, 3, 64, 64]);
  assertEquals(width(resnext(50)), [3, 3, 4, 128]);
  assertEquals(width(resnext(101, { groupWidth: 8 })), [3, 3, 8, 256]);
  assertEquals(width(wideResnet(50)), [3, 3, 128, 128]);
});

Deno.test("Blocks survive the less often the later they come", () => {
  const survivals = planBlocks([2, 2], 0.5).flat().map(({ survival }) => survival);
  assertEquals(survivals, [0.875, 0.75, 0.625, 0.5]);
  assertEquals(planBlocks([2, 2]).flat().map(({ stride }) => stride), [1, 1, 2, 1]);
  assert(planBlocks([5, 5, 5]).flat().every(({ survival }) => survival === 1));
});

Deno.test("A deeper network of blocks that start with zero gives what the shallower one gives", async () => {
  await setup({ backend: "wasm" });
  const shape = [2, 16, 16, 3];
  const [shallow, deep] = [8, 26].map((depth) => resnetCifar(depth, { zeroInit: true, width: 4 }));
  const [small, large] = [shallow!, deep!].map((model) => model.init(key(1), shape));
  const x = normal(key(2), shape);
  const [y] = shallow!.apply(small!, x, evalMode);
  const [z] = deep!.apply(large!, x, evalMode);
  assertEquals(await z.data(), await y.data());
  release([small, large, x, y, z]);
});

Deno.test("plainCifar() and resnetCifar() start from the same parameters, and differ by the shortcuts", async () => {
  await setup({ backend: "wasm" });
  const shape = [2, 8, 8, 3];
  const [plainNet, residualNet] = [plainCifar(8), resnetCifar(8)];
  const [a, b] = [plainNet.init(key(1), shape), residualNet.init(key(1), shape)];
  for (const [i, [path, leaf]] of entries(a.params).entries()) {
    const [other, same] = entries(b.params)[i]!;
    assertEquals(path, other);
    assertEquals(await leaf.data(), await same.data());
  }
  const x = normal(key(2), shape);
  const [y] = plainNet.apply(a, x, evalMode);
  const [z] = residualNet.apply(b, x, evalMode);
  assert(Math.abs((await y.data())[0]! - (await z.data())[0]!) > 1e-3);
  release([a, b, x, y, z]);
});

Deno.test("A deep network needs memory for one map at a time in eval mode", async () => {
  await setup({ backend: "wasm" });
  const model = resnetCifar(110);
  const variables = model.init(key(0), [1, 16, 16, 3]);
  const x = normal(key(1), [1, 16, 16, 3]);
  const before = liveTensors();
  let most = 0;
  const visit = () => most = Math.max(most, liveTensors() - before);
  const [y] = model.apply(variables, x, {
    ...evalMode,
    tap: { path: "", visit: () => void visit() },
  });
  assert(most < 30, `${most} tensors were alive at once`);
  assertEquals(y.shape, [1, 10]);
  for (const value of await y.data()) assert(Number.isFinite(value));
  release([variables, x, y]);
});

Deno.test("highwayNet() with closed gates hands the first layer through", async () => {
  await setup({ backend: "cpu" });
  const [shallow, deep] = [1, 12].map((depth) => highwayNet(depth, { gateBias: -1e9 }));
  const shape = [2, 4, 4, 1];
  const [small, large] = [shallow!, deep!].map((model) => model.init(key(1), shape));
  const x = normal(key(2), shape);
  const [y] = shallow!.apply(small!, x, evalMode);
  const [z] = deep!.apply(large!, x, evalMode);
  const expected = await y.data();
  for (const [i, value] of [...await z.data()].entries()) {
    assertAlmostEquals(value, expected[i]!, 1e-6);
  }
  release([small, large, x, y, z]);
});

Deno.test("Models refuse what they cannot be", () => {
  const cases: [() => unknown, string][] = [
    [
      () => resnet(20 as 18),
      "Cannot build an ImageNet network of depth 20: need one of 18,34,50,101,152",
    ],
    [
      () => resnet(34, { groups: 32, groupWidth: 4 }),
      "Cannot build a network of depth 34 with 32 groups of width 4: need bottlenecks, which begin " +
      "at depth 50",
    ],
    [
      () => resnetCifar(21),
      "Cannot build a residual network of depth 21: need 6n + 2, such as 8 or 20",
    ],
    [
      () => plainCifar(2),
      "Cannot build a plain network of depth 2: need 6n + 2, such as 8 or 20",
    ],
    [
      () => preactivationResnet(19),
      "Cannot build a pre-activation network of depth 19: need 6n + 2, such as 8 or 20",
    ],
    [
      () => preactivationBottleneckResnet(163),
      "Cannot build a pre-activation network of bottlenecks of depth 163: need 9n + 2, such as 11 or 29",
    ],
    [
      () => wideResnetCifar(26, 10),
      "Cannot build a wide residual network of depth 26: need 6n + 4, such as 10 or 22",
    ],
    [
      () => highwayNet(0),
      "Cannot make highwayNet with depth 0: need an integer of at least 1",
    ],
    [
      () => resnet(18, { survival: 0 }),
      "Cannot drop a layer with survival 0: need a number above 0 and at most 1",
    ],
  ];
  for (const [make, message] of cases) {
    assertEquals(assertThrows(make, ArgumentError).message, message);
  }
  const error = assertThrows(() => resnet(18).init(abstractKey, [1, 224, 224]), ShapeError);
  assertEquals(
    error.message,
    'Cannot apply conv to shape [1,224,224]: need [batch,height,width,channels], at "conv1"',
  );
});
