import { assert, assertEquals, assertThrows } from "@std/assert";
import { basicBlock, bottleneck } from "../../lib/combinators/blocks.ts";
import { squeezeExcitation } from "../../lib/combinators/squeeze_excitation.ts";
import { ArgumentError, ShapeError } from "../../lib/errors.ts";
import { abstractKey, key } from "../../lib/key.ts";
import { describe, evalMode, type Layer, type Part, trainMode } from "../../lib/layer.ts";
import { relu } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import { normal } from "../../lib/random.ts";
import { entries } from "../../lib/tree.ts";
import { testEach } from "../backends.ts";

testEach("A block that starts with zero is the activation of its input, exactly", async () => {
  const blocks: Layer[] = [basicBlock(4, { zeroInit: true }), bottleneck(4, { zeroInit: true })];
  for (const block of blocks) {
    for (const mode of [evalMode, trainMode(key(0))]) {
      const variables = block.init(key(0), [2, 5, 5, 4]);
      const x = normal(key(1), [2, 5, 5, 4]);
      const [y, next] = block.apply(variables, x, mode);
      const expected = relu(x);
      assertEquals(await y.data(), await expected.data());
      release([variables, next, x, y, expected]);
    }
  }
});

const paths = (block: Layer, channels: number): string[] =>
  entries(block.init(abstractKey, [2, 8, 8, channels]).params).map(([path]) => path);

Deno.test("Parts of blocks are called as in torchvision", () => {
  assertEquals(paths(basicBlock(8, { stride: 2 }), 4), [
    "body.conv1.weight",
    "body.bn1.weight",
    "body.bn1.bias",
    "body.conv2.weight",
    "body.bn2.weight",
    "body.bn2.bias",
    "shortcut.0.weight",
    "shortcut.1.weight",
    "shortcut.1.bias",
  ]);
  assertEquals(paths(bottleneck(8, { squeeze: 4 }), 8), [
    ...[1, 2, 3].flatMap((i) => [`body.conv${i}.weight`, `body.bn${i}.weight`, `body.bn${i}.bias`]),
    "body.se.fc1.weight",
    "body.se.fc1.bias",
    "body.se.fc2.weight",
    "body.se.fc2.bias",
  ]);
});

Deno.test("Stochastic depth does not change where parameters are", () => {
  assertEquals(paths(basicBlock(8, { survival: 0.5 }), 8), paths(basicBlock(8), 8));
});

/** Kernel, stride as far as shapes show it, and output of each convolution of a body. */
const convolutions = (block: Layer, channels: number): unknown[] => {
  const body = describe(block, [2, 8, 8, channels]).parts[0]!;
  return body.parts.filter(({ kind }) => kind === "conv")
    .map(({ input, output, parameters }: Part) => [
      input.slice(1).join("x"),
      output.slice(1).join("x"),
      parameters,
    ]);
};

Deno.test("The stride of a bottleneck is where it should be", () => {
  assertEquals(convolutions(bottleneck(16, { stride: 2 }), 8), [
    ["8x8x8", "8x8x4", 32],
    ["8x8x4", "4x4x4", 144],
    ["4x4x4", "4x4x16", 64],
  ]);
  assertEquals(convolutions(bottleneck(16, { stride: 2, strideIn: "1x1" }), 8), [
    ["8x8x8", "4x4x4", 32],
    ["4x4x4", "4x4x4", 144],
    ["4x4x4", "4x4x16", 64],
  ]);
});

Deno.test("A bottleneck may have another width, and groups", () => {
  assertEquals(convolutions(bottleneck(16, { width: 8, groups: 4 }), 16), [
    ["8x8x16", "8x8x8", 128],
    ["8x8x8", "8x8x8", 144],
    ["8x8x8", "8x8x16", 128],
  ]);
});

testEach("squeezeExcitation() weighs each channel of each example by itself", async () => {
  const layer = squeezeExcitation(2);
  const variables = layer.init(key(0), [2, 3, 3, 4]);
  const x = normal(key(1), [2, 3, 3, 4]);
  const [y] = layer.apply(variables, x, evalMode);
  const [before, after] = [await x.data(), await y.data()];
  const weights = after.map((value, i) => value / before[i]!);
  for (let i = 0; i < weights.length; i++) {
    const [example, channel] = [Math.floor(i / 36), i % 4];
    assert(weights[i]! > 0 && weights[i]! < 1);
    assert(Math.abs(weights[i]! - weights[36 * example + channel]!) < 1e-5);
  }
  assert(Math.abs(weights[0]! - weights[36]!) > 1e-4 && Math.abs(weights[0]! - weights[1]!) > 1e-4);
  release([variables, x, y]);
});

Deno.test("squeezeExcitation() leaves at least one channel", () => {
  const { params } = squeezeExcitation(16).init(abstractKey, [1, 4, 4, 8]);
  assertEquals(params.fc1.weight.shape, [1, 1, 8, 1]);
});

Deno.test("Blocks refuse what they cannot do", () => {
  const cases: [() => unknown, string][] = [
    [
      () => basicBlock(8).init(abstractKey, [1, 8]),
      'Cannot apply conv to shape [1,8]: need [batch,height,width,channels], at "body.conv1"',
    ],
    [
      () => basicBlock(2, { shortcut: "A" }).init(abstractKey, [1, 8, 8, 3]),
      'Cannot apply paddedIdentity to shape [1,8,8,3]: need at most 2 channels, at "shortcut"',
    ],
    [
      () => bottleneck(6),
      "Cannot make conv with filters 1.5: need an integer of at least 1",
    ],
    [
      () => squeezeExcitation(0),
      "Cannot make squeezeExcitation with reduction 0: need an integer of at least 1",
    ],
    [
      () => squeezeExcitation().init(abstractKey, [1, 8]),
      "Cannot apply globalAveragePool to shape [1,8]: need [batch,height,width,channels] or " +
      '[batch,time,features], at "squeeze"',
    ],
  ];
  for (const [run, message] of cases) {
    const error = assertThrows(run);
    assert(error instanceof ShapeError || error instanceof ArgumentError);
    assertEquals(error.message, message);
  }
});
