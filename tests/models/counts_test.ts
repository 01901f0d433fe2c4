/**
 * Exact costs of the models. The convention: parameters are all that is trained (a normalisation has
 * two for each channel, its running averages are state); multiply-adds are those of convolutions and
 * dense layers for one image, positions over the border included, everything else counts nothing.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { abstractKey } from "../../lib/key.ts";
import { describe, type Layer, type Part } from "../../lib/layer.ts";
import {
  networkInNetwork,
  plain,
  plainCifar,
  preactivationBottleneckResnet,
  resnet,
  resnetCifar,
  resnetD,
  type ResNetDepth,
  resnext,
  seResnet,
  vgg,
  wideResnet,
  wideResnetCifar,
} from "../../lib/models/mod.ts";
import { entries, leaves } from "../../lib/tree.ts";

const IMAGENET = [1, 224, 224, 3];
const CIFAR = [1, 32, 32, 3];

/** All parts without parts of their own, with their paths. */
function atoms(part: Part, path = ""): (Part & { path: string })[] {
  const inner = (name: string) => path === "" ? name : `${path}.${name}`;
  return part.parts.length === 0
    ? [{ ...part, path }]
    : part.parts.flatMap((part) => atoms(part, inner(part.name)));
}

const count = (model: Layer, shape: readonly number[]) => {
  const part = describe(model, shape);
  const { state } = model.init(abstractKey, shape);
  return {
    parameters: part.parameters,
    multiplyAdds: part.multiplyAdds,
    convolutions: atoms(part).filter(({ kind }) => kind === "conv").length,
    normalised: atoms(part).filter(({ kind }) => kind === "batchNorm")
      .reduce((sum, { output }) => sum + output.at(-1)!, 0),
    buffers: leaves(state).reduce((sum, { size }) => sum + size, 0),
  };
};

type Row = [
  depth: ResNetDepth,
  option: "plain" | "A" | "B" | "C",
  parameters: number,
  strideIn1x1: number | undefined,
  strideIn3x3: number,
  convolutions: number,
  normalised: number,
];

const ROWS: Row[] = [
  [18, "A", 11_515_688, undefined, 1_794_805_760, 17, 3_904],
  [18, "B", 11_689_512, undefined, 1_814_073_344, 20, 4_800],
  [18, "C", 12_043_816, undefined, 1_878_298_624, 25, 5_824],
  [34, "A", 21_623_848, undefined, 3_644_493_824, 33, 7_616],
  [34, "B", 21_797_672, undefined, 3_663_761_408, 36, 8_512],
  [34, "C", 22_716_840, undefined, 3_830_747_136, 49, 11_392],
  [50, "A", 22_780_456, 3_498_311_680, 3_729_522_688, 49, 22_720],
  [50, "B", 25_557_032, 3_857_973_248, 4_089_184_256, 53, 26_560],
  [50, "C", 40_128_552, 6_324_224_000, 6_555_435_008, 65, 37_824],
  [101, "B", 44_549_160, 7_570_194_432, 7_801_405_440, 104, 52_672],
  [101, "C", 76_981_288, 13_530_300_416, 13_761_511_424, 133, 81_344],
  [152, "B", 60_192_808, 11_282_415_616, 11_513_626_624, 155, 75_712],
  [152, "C", 107_335_720, 20_736_376_832, 20_967_587_840, 201, 119_744],
];

for (const [depth, option, parameters, in1x1, in3x3, convolutions, normalised] of ROWS) {
  Deno.test(`resnet(${depth}) with shortcuts ${option} costs what it should`, () => {
    const variants = option === "A" ? (["A", "plain"] as const) : [option];
    for (const variant of variants) {
      for (const [strideIn, multiplyAdds] of [["1x1", in1x1], ["3x3", in3x3]] as const) {
        if (multiplyAdds === undefined) continue;
        const model = variant === "plain"
          ? plain(depth, { strideIn })
          : resnet(depth, { strideIn, shortcut: option as "A" });
        assertEquals(count(model, IMAGENET), {
          parameters,
          multiplyAdds,
          convolutions,
          normalised,
          buffers: 2 * normalised,
        });
      }
    }
  });
}

Deno.test("vgg() costs what it should, with and without normalisation", () => {
  const rows = [
    [16, 138_357_544, 15_470_264_320, 15_346_630_656, 13, 138_365_992],
    [19, 143_667_240, 19_632_062_464, 19_508_428_800, 16, 143_678_248],
  ] as const;
  for (const [depth, parameters, multiplyAdds, byConvolutions, convolutions, normed] of rows) {
    const costs = count(vgg(depth), IMAGENET);
    assertEquals(costs, { parameters, multiplyAdds, convolutions, normalised: 0, buffers: 0 });
    const part = describe(vgg(depth), IMAGENET);
    assertEquals(part.parts[0]!.multiplyAdds, byConvolutions);
    const normalised = count(vgg(depth, { batchNorm: true }), IMAGENET);
    assertEquals([normalised.parameters, normalised.multiplyAdds], [normed, multiplyAdds]);
  }
});

Deno.test("plain(34) needs 18 % of the multiply-adds of vgg(19), as the paper says", () => {
  const [small, large] = [describe(plain(34), IMAGENET), describe(vgg(19), IMAGENET)];
  assertEquals(Math.floor(100 * small.multiplyAdds / large.multiplyAdds), 18);
});

Deno.test("resnetCifar() and plainCifar() cost what the closed forms say", () => {
  for (const n of [1, 2, 3, 5, 7, 9, 18, 27]) {
    const depth = 6 * n + 2;
    const a = {
      parameters: 97_216 * n - 21_926,
      multiplyAdds: 14_155_776 * n - 1_916_288,
      convolutions: 6 * n + 1,
      normalised: 224 * n + 16,
      buffers: 2 * (224 * n + 16),
    };
    const counts = (shortcut: "A" | "B" | "C") => count(resnetCifar(depth, { shortcut }), CIFAR);
    assertEquals(counts("A"), a);
    assertEquals(count(plainCifar(depth), CIFAR), a);
    const [b, c] = [counts("B"), counts("C")];
    assertEquals(b.parameters, a.parameters + 2_752);
    assertEquals(b.multiplyAdds, a.multiplyAdds + 262_144);
    assertEquals(c.parameters, b.parameters + 288 * n + 5_312 * (n - 1));
  }
});

Deno.test("resnetCifar() costs what the table says", () => {
  const rows = [
    [8, 75_290, 12_239_488, 78_042, 12_501_632, 78_330],
    [14, 172_506, 26_395_264, 175_258, 26_657_408, 181_146],
    [20, 269_722, 40_551_040, 272_474, 40_813_184, 283_962],
    [32, 464_154, 68_862_592, 466_906, 69_124_736, 489_594],
    [44, 658_586, 97_174_144, 661_338, 97_436_288, 695_226],
    [56, 853_018, 125_485_696, 855_770, 125_747_840, 900_858],
    [110, 1_727_962, 252_887_680, 1_730_714, 253_149_824, 1_826_202],
    [1202, 19_421_274, 2_829_238_912, 19_424_026, 2_829_501_056, 20_538_714],
  ] as const;
  for (const [depth, a, aCost, b, bCost, c] of rows) {
    const of = (shortcut: "A" | "B" | "C") => describe(resnetCifar(depth, { shortcut }), CIFAR);
    const [partA, partB, partC] = [of("A"), of("B"), of("C")];
    assertEquals([partA.parameters, partA.multiplyAdds], [a, aCost]);
    assertEquals([partB.parameters, partB.multiplyAdds], [b, bCost]);
    assertEquals(partC.parameters, c);
  }
});

Deno.test("resnetCifar() remembers two numbers for each normalised channel", () => {
  const rows = [[20, 1_376], [32, 2_272], [44, 3_168], [56, 4_064], [110, 8_096], [1202, 89_632]];
  for (const [depth, buffers] of rows) {
    assertEquals(count(resnetCifar(depth!), CIFAR).buffers, buffers);
  }
});

Deno.test("Variants cost what their papers and torchvision say", () => {
  const parameters = (model: Layer, shape: readonly number[]) => describe(model, shape).parameters;
  assertEquals(parameters(preactivationBottleneckResnet(164), CIFAR), 1_703_258);
  assertEquals(parameters(preactivationBottleneckResnet(1001), CIFAR), 10_327_706);
  assertEquals(parameters(wideResnetCifar(28, 10), CIFAR), 36_479_194);
  assertEquals(parameters(networkInNetwork(), CIFAR), 966_986);
  assertEquals(parameters(resnext(50), IMAGENET), 25_028_904);
  assertEquals(parameters(resnext(101, { groupWidth: 8 }), IMAGENET), 88_791_336);
  assertEquals(parameters(resnext(101, { groups: 64 }), IMAGENET), 83_455_272);
  assertEquals(parameters(wideResnet(50), IMAGENET), 68_883_240);
  assertEquals(parameters(wideResnet(101), IMAGENET), 126_886_696);
  assertEquals(parameters(resnetD(50), IMAGENET), 25_576_264);
  assertEquals(parameters(seResnet(50), IMAGENET), 28_088_024);
});

Deno.test("Layers of resnet(18) cost what the table says, one by one", () => {
  const costs = atoms(describe(resnet(18), IMAGENET))
    .filter(({ kind }) => ["conv", "dense", "maxPool"].includes(kind))
    .map(({ path, output, parameters, multiplyAdds }) => [
      path.replace(".body", ""),
      output.slice(1).join("x"),
      parameters,
      multiplyAdds,
    ]);
  const block = (path: string, size: string, [first, second]: number[], half: boolean) => [
    [`${path}.conv1`, size, first, half ? 57_802_752 : 115_605_504],
    [`${path}.conv2`, size, second, 115_605_504],
  ];
  assertEquals(costs, [
    ["conv1", "112x112x64", 9_408, 118_013_952],
    ["maxpool", "56x56x64", 0, 0],
    ...block("layer1.0", "56x56x64", [36_864, 36_864], false),
    ...block("layer1.1", "56x56x64", [36_864, 36_864], false),
    ...block("layer2.0", "28x28x128", [73_728, 147_456], true),
    ["layer2.0.shortcut.0", "28x28x128", 8_192, 6_422_528],
    ...block("layer2.1", "28x28x128", [147_456, 147_456], false),
    ...block("layer3.0", "14x14x256", [294_912, 589_824], true),
    ["layer3.0.shortcut.0", "14x14x256", 32_768, 6_422_528],
    ...block("layer3.1", "14x14x256", [589_824, 589_824], false),
    ...block("layer4.0", "7x7x512", [1_179_648, 2_359_296], true),
    ["layer4.0.shortcut.0", "7x7x512", 131_072, 6_422_528],
    ...block("layer4.1", "7x7x512", [2_359_296, 2_359_296], false),
    ["fc", "1000", 513_000, 512_000],
  ]);
});

/** How many convolutions of a network, the first aside, cost how much. */
const histogram = (model: Layer, which: RegExp): [cost: number, count: number][] => {
  const costs = atoms(describe(model, IMAGENET))
    .filter(({ kind, path }) => kind === "conv" && path !== "conv1" && which.test(path))
    .map(({ multiplyAdds }) => multiplyAdds);
  const counts = [...new Set(costs)].sort((a, b) => a - b);
  return counts.map((cost) => [cost, costs.filter((other) => other === cost).length]);
};

Deno.test("Every 3 × 3 convolution that keeps the size costs the same, and a halving one half", () => {
  assertEquals(histogram(resnet(18), /body/), [[57_802_752, 3], [115_605_504, 13]]);
  assertEquals(histogram(resnet(34), /body/), [[57_802_752, 3], [115_605_504, 29]]);
});

Deno.test("Convolutions of bottlenecks cost one of few amounts", () => {
  const [large, small] = [/conv2/, /conv[13]|shortcut/];
  const [torch, paper] = [resnet(50), resnet(50, { strideIn: "1x1" })];
  assertEquals(histogram(torch, large), [[115_605_504, 16]]);
  assertEquals(histogram(torch, small), [[12_845_056, 1], [51_380_224, 29], [102_760_448, 6]]);
  assertEquals(histogram(paper, large), [[115_605_504, 16]]);
  assertEquals(histogram(paper, small), [
    [12_845_056, 1],
    [25_690_112, 3],
    [51_380_224, 29],
    [102_760_448, 3],
  ]);
});

Deno.test("Trainable tensors are as many as in torchvision", () => {
  for (
    const [depth, tensors] of [[18, 62], [34, 110], [50, 161], [101, 314], [152, 467]] as const
  ) {
    const { params, state } = resnet(depth as 18).init(abstractKey, IMAGENET);
    assertEquals(leaves(params).length, tensors);
    // Two running averages and a counter for each normalisation there.
    const keys = { 18: 122, 34: 218, 50: 320, 101: 626, 152: 932 }[depth];
    assertEquals(tensors + leaves(state).length / 2 * 3, keys);
  }
});

Deno.test("plain() and resnet() with option A have the same leaves at the same paths", () => {
  const shapes = (model: Layer, shape: readonly number[]) => {
    const { params, state } = model.init(abstractKey, shape);
    return entries({ params, state }).map(([path, leaf]) => [path, leaf.shape]);
  };
  for (const depth of [18, 34, 50] as const) {
    assertEquals(
      shapes(plain(depth as 18), IMAGENET),
      shapes(resnet(depth as 18, { shortcut: "A" }), IMAGENET),
    );
  }
  assertEquals(shapes(plainCifar(20), CIFAR), shapes(resnetCifar(20), CIFAR));
});
