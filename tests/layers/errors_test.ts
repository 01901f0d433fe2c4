import { assertEquals, assertThrows } from "@std/assert";
import {
  avgPool,
  batchNorm,
  conv,
  conv1d,
  dense,
  depthwiseConv,
  dropout,
  embedding,
  evalMode,
  flatten,
  FplusxError,
  gelu,
  globalAveragePool,
  globalMaxPool,
  groupNorm,
  heNormal,
  key,
  type Layer,
  layerNorm,
  leakyRelu,
  maxPool,
  multiHeadAttention,
  orthogonal,
  pad,
  prelu,
  reshape,
  rmsNorm,
  type Shape,
  type Tensor,
  tensor,
  truncatedNormal,
  zeros,
} from "../../mod.ts";
import { abstractKey } from "../../lib/key.ts";
import { release } from "../../lib/ownership.ts";
import { testEach } from "../backends.ts";
import { LAYERS } from "./table.ts";

function messageOf(f: () => unknown): string {
  const error = assertThrows(f, FplusxError);
  return `${error.name}: ${error.message}`;
}

const OPTIONS: readonly [make: () => unknown, message: string][] = [
  [() => dense(0), "dense with units 0: need an integer of at least 1"],
  [() => dense(2.5), "dense with units 2.5: need an integer of at least 1"],
  [() => conv(NaN, 3), "conv with filters NaN: need an integer of at least 1"],
  [() => conv(8, 0), "conv with size 0: need an integer of at least 1"],
  [() => conv(8, 4), "conv with size 4: need the option padding, since an even size has no middle"],
  [
    () => conv(8, [3, 2]),
    "conv with size 2: need the option padding, since an even size has no middle",
  ],
  [() => conv(8, 3, { stride: 0 }), "conv with stride 0: need an integer of at least 1"],
  [() => conv(8, 3, { stride: 1.5 }), "conv with stride 1.5: need an integer of at least 1"],
  [() => conv(8, 3, { stride: [1, NaN] }), "conv with stride NaN: need an integer of at least 1"],
  [
    () => conv(8, 3, { stride: Infinity }),
    "conv with stride Infinity: need an integer of at least 1",
  ],
  [() => conv(8, 3, { padding: -1 }), "conv with padding -1: need an integer of at least 0"],
  [
    () => conv(8, 3, { padding: [[1, 1], [1, -2]] }),
    "conv with padding -2: need an integer of at least 0",
  ],
  [() => conv(8, 3, { dilation: 0 }), "conv with dilation 0: need an integer of at least 1"],
  [() => conv(8, 3, { groups: 0 }), "conv with groups 0: need an integer of at least 1"],
  [() => conv(8, 3, { groups: 3 }), "conv with filters 8: need a multiple of the 3 groups"],
  [() => conv1d(0, 3), "conv1d with filters 0: need an integer of at least 1"],
  [
    () => conv1d(8, 2),
    "conv1d with size 2: need the option padding, since an even size has no middle",
  ],
  [() => conv1d(8, 3, { stride: 0 }), "conv1d with stride 0: need an integer of at least 1"],
  [() => conv1d(8, 3, { groups: 3 }), "conv1d with filters 8: need a multiple of the 3 groups"],
  [
    () => depthwiseConv(3, { multiplier: 0 }),
    "depthwiseConv with multiplier 0: need an integer of at least 1",
  ],
  [() => batchNorm({ epsilon: 0 }), "batchNorm with epsilon 0: need a positive number"],
  [() => batchNorm({ epsilon: NaN }), "batchNorm with epsilon NaN: need a positive number"],
  [
    () => batchNorm({ decay: 1 }),
    "batchNorm with decay 1: need a number of at least 0 and less than 1",
  ],
  [() => batchNorm({ scale: NaN }), "batchNorm with scale NaN: need a finite number"],
  [() => layerNorm({ epsilon: -1 }), "layerNorm with epsilon -1: need a positive number"],
  [() => groupNorm(0), "groupNorm with groups 0: need an integer of at least 1"],
  [() => groupNorm(2, { epsilon: 0 }), "groupNorm with epsilon 0: need a positive number"],
  [() => rmsNorm({ epsilon: Infinity }), "rmsNorm with epsilon Infinity: need a positive number"],
  [() => maxPool(0), "maxPool with size 0: need an integer of at least 1"],
  [() => maxPool(2, { stride: 0 }), "maxPool with stride 0: need an integer of at least 1"],
  [() => maxPool(2, { padding: 2 }), "maxPool with padding 2: need less than the 2 of its window"],
  [
    () => avgPool(3, { padding: [[0, 0], [0, 3]] }),
    "avgPool with padding 3: need less than the 3 of its window",
  ],
  [() => leakyRelu({ slope: NaN }), "leakyRelu with slope NaN: need a finite number"],
  [() => prelu({ slope: Infinity }), "prelu with slope Infinity: need a finite number"],
  [
    () => gelu({ approximate: "erf" as "tanh" }),
    'gelu with approximate "erf": need "none" or "tanh"',
  ],
  [() => dropout(1), "dropout with rate 1: need a number of at least 0 and less than 1"],
  [() => dropout(-0.1), "dropout with rate -0.1: need a number of at least 0 and less than 1"],
  [() => embedding(0, 3), "embedding with tokens 0: need an integer of at least 1"],
  [() => embedding(3, 0.5), "embedding with features 0.5: need an integer of at least 1"],
  [() => multiHeadAttention(0), "multiHeadAttention with heads 0: need an integer of at least 1"],
  [
    () => multiHeadAttention(2, { dropout: 1 }),
    "multiHeadAttention with dropout 1: need a number of at least 0 and less than 1",
  ],
  [() => reshape([2, -1]), "reshape with size -1: need an integer of at least 1"],
  [() => pad(-1), "pad with border -1: need an integer of at least 0"],
  [() => pad(1, { value: NaN }), "pad with value NaN: need a finite number"],
  [() => orthogonal({ gain: 0 }), "orthogonal with gain 0: need a positive number"],
  [
    () => truncatedNormal({ deviation: 0 }),
    "truncatedNormal with deviation 0: need a positive number",
  ],
];

Deno.test("A layer cannot be made with an option that is out of range", () => {
  for (const [make, message] of OPTIONS) {
    assertEquals(messageOf(make), `ArgumentError: Cannot make ${message}`);
  }
});

const SHAPES: readonly [layer: Layer, shape: Shape, message: string][] = [
  [
    dense(3),
    [1, 8, 8, 3],
    "dense to shape [1,8,8,3]: need [batch,features] or [batch,time,features]",
  ],
  [dense(3), [8], "dense to shape [8]: need [batch,features] or [batch,time,features]"],
  [conv(8, 3), [1, 28, 28], "conv to shape [1,28,28]: need [batch,height,width,channels]"],
  [
    conv(8, 3, { groups: 4 }),
    [1, 28, 28, 6],
    "conv to shape [1,28,28,6]: need channels in 4 equal groups",
  ],
  [depthwiseConv(3), [1, 28], "depthwiseConv to shape [1,28]: need [batch,height,width,channels]"],
  [conv1d(8, 3), [1, 8, 8, 3], "conv1d to shape [1,8,8,3]: need [batch,time,features]"],
  [
    conv1d(8, 3, { groups: 2 }),
    [1, 8, 3],
    "conv1d to shape [1,8,3]: need channels in 2 equal groups",
  ],
  [batchNorm(), [8], "batchNorm to shape [8]: need [batch,…,channels]"],
  [layerNorm(), [8], "layerNorm to shape [8]: need [batch,…,channels]"],
  [rmsNorm(), [8], "rmsNorm to shape [8]: need [batch,…,channels]"],
  [groupNorm(2), [1, 8, 8, 3], "groupNorm to shape [1,8,8,3]: need channels in 2 equal groups"],
  [groupNorm(2), [8], "groupNorm to shape [8]: need [batch,…,channels]"],
  [prelu(), [8], "prelu to shape [8]: need [batch,…,channels]"],
  [maxPool(2), [1, 784], "maxPool to shape [1,784]: need [batch,height,width,channels]"],
  [avgPool(2), [1, 784], "avgPool to shape [1,784]: need [batch,height,width,channels]"],
  [
    globalAveragePool,
    [1, 784],
    "globalAveragePool to shape [1,784]: need [batch,height,width,channels] or [batch,time,features]",
  ],
  [
    globalMaxPool,
    [1, 0, 3],
    "globalMaxPool to shape [1,0,3]: need sizes of at least 1",
  ],
  [conv(8, 3), [1, 28, 28, NaN], "conv to shape [1,28,28,NaN]: need sizes of at least 1"],
  [dense(8), [1, 2.5], "dense to shape [1,2.5]: need sizes of at least 1"],
  [flatten, [1, -4], "flatten to shape [1,-4]: need sizes of at least 1"],
  [embedding(3, 4), [], "embedding to shape []: need [batch,…]"],
  [multiHeadAttention(2), [1, 8], "multiHeadAttention to shape [1,8]: need [batch,time,features]"],
  [
    multiHeadAttention(3),
    [1, 5, 8],
    "multiHeadAttention to shape [1,5,8]: need features in 3 equal heads",
  ],
  [flatten, [], "flatten to shape []: need [batch,…]"],
  [
    reshape([2, 3]),
    [1, 7],
    "reshape to shape [1,7]: need [batch,…] with 6 values for each example",
  ],
  [pad(1), [1, 7], "pad to shape [1,7]: need [batch,height,width,channels]"],
];

// No backend is set up at this point: nothing could be computed.
Deno.test("init() reports a shape that the layer cannot take, before anything is computed", () => {
  for (const [layer, shape, message] of SHAPES) {
    const expected = `ShapeError: Cannot apply ${message}`;
    assertEquals(messageOf(() => layer.init(abstractKey, shape)), expected);
    assertEquals(messageOf(() => layer.init(key(0), shape)), expected);
  }
});

const WINDOWS: readonly [layer: Layer, shape: Shape, message: string][] = [
  [
    conv(8, 5, { padding: 0 }),
    [1, 9, 4, 3],
    "conv to width 4 with padding 0 and 0: need at least the 5 that its window covers",
  ],
  [
    conv(8, 3, { padding: 1, dilation: 4 }),
    [1, 4, 9, 3],
    "conv to height 4 with padding 1 and 1: need at least the 9 that its window covers",
  ],
  [
    conv1d(8, 3, { padding: [1, 0] }),
    [1, 1, 3],
    "conv1d to time 1 with padding 1 and 0: need at least the 3 that its window covers",
  ],
  [
    maxPool(3),
    [1, 2, 3, 1],
    "maxPool to height 2 with padding 0 and 0: need at least the 3 that its window covers",
  ],
];

Deno.test("init() reports a window that is larger than the padded input", () => {
  for (const [layer, shape, message] of WINDOWS) {
    const expected = `ArgumentError: Cannot apply ${message}`;
    assertEquals(messageOf(() => layer.init(abstractKey, shape)), expected);
  }
});

Deno.test("An initialiser needs two axes to count the fan", () => {
  assertEquals(
    messageOf(() => heNormal()(abstractKey, [3])),
    "ShapeError: Cannot count the fan of shape [3]: need at least [in,out]",
  );
});

/** What a layer says when it is applied to something it was not initialised for. */
function complaintOf(layer: Layer, shape: Shape, x: Tensor): string {
  const variables = layer.init(key(0), shape);
  const message = messageOf(() => layer.apply(variables, x, evalMode));
  release([variables, x]);
  return message;
}

testEach("Images with channels first are refused, not computed with", () => {
  const images = tensor(new Float32Array(3 * 64), [1, 3, 8, 8]);
  assertEquals(
    complaintOf(conv(4, 3), [1, 8, 8, 3], images),
    "ShapeError: Cannot convolve shape [1,3,8,8]: need [batch,height,width,3]",
  );
});

testEach("Integers are refused by every layer that computes, not cast", () => {
  const moving = ["embedding", "flatten", "identity", "pad", "reshape"];
  for (const { layer, shape } of LAYERS.filter(({ layer }) => !moving.includes(layer.kind))) {
    assertEquals(
      complaintOf(layer, shape, zeros(shape, "int32")),
      `DTypeError: Cannot apply ${layer.kind} to int32 values: need float32`,
    );
  }
});

testEach("An embedding refuses tokens that are not integers or not in its table", () => {
  assertEquals(
    complaintOf(embedding(5, 2), [1, 2], tensor([0, 1], [1, 2])),
    "DTypeError: Cannot apply embedding to float32 values: need int32",
  );
  for (const token of [5, -1]) {
    assertEquals(
      complaintOf(embedding(5, 2), [1, 2], tensor(Int32Array.of(0, token), [1, 2])),
      `ArgumentError: Cannot gather row ${token}: need an index from 0 to 4`,
    );
  }
});
