/**
 * Operations that every backend has to agree on, with their gradients: the guide is what layers,
 * losses and optimizers are made of, in the shapes that choose between ways of doing them.
 *
 * @module
 */

import { tf } from "../../lib/tfjs.ts";
import type { OpCase } from "./compare.ts";

type Op = OpCase["op"];
type Shapes = OpCase["shapes"];
type Named = Readonly<Record<string, Op>>;

const all = (names: string, shapes: Shapes, more: Partial<OpCase> = {}): OpCase[] =>
  names.split(" ").map((name) => ({
    name: `${name} ${shapes.map((shape) => `[${shape}]`).join(" ")}`,
    shapes,
    // Operations are picked by name, to be short.
    op: (tf as unknown as Named)[name]!,
    ...more,
  }));

const each = (shapes: Shapes, ops: Named, more: Partial<OpCase> = {}): OpCase[] =>
  Object.entries(ops).map(([name, op]) => ({ name, shapes, op, ...more }));

type Padding = "same" | "valid" | number | [[0, 0], [number, number], [number, number], [0, 0]];
const sides = (top: number, bottom: number, left: number, right: number): Padding => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

interface Conv {
  readonly size?: readonly [number, number];
  readonly kernel?: number | readonly [number, number];
  readonly channels?: readonly [number, number];
  readonly stride?: number | [number, number];
  readonly padding?: Padding;
  readonly dilation?: number;
}

/** A convolution of two images with values and both gradients. */
function conv(options: Conv): OpCase {
  const { size = [9, 8], kernel = 3, channels = [3, 5], stride = 1, padding = "same" } = options;
  const { dilation = 1 } = options;
  const [height, width] = [kernel, kernel].flat() as [number, number];
  return {
    name: `convolution ${JSON.stringify(options)}`,
    shapes: [[2, ...size, channels[0]], [height, width, ...channels]],
    // tf.conv2d refuses strides together with dilations, which the kernels can do.
    op: (x: tf.Tensor, filter: tf.Tensor) =>
      tf.engine().runKernel("Conv2D", { x, filter }, {
        strides: [stride, stride].flat().slice(0, 2),
        dilations: [dilation, dilation],
        pad: padding,
        dataFormat: "NHWC",
      } as unknown as tf.NamedAttrMap),
  };
}

/** A depthwise convolution of two images with values and both gradients. */
function depthwise(
  stride: number,
  padding: "same" | "valid" | number,
  dilation: number,
  multiplier: number,
  size: readonly [number, number] = [9, 8],
): OpCase {
  return {
    name:
      `depthwise stride ${stride} padding ${padding} dilation ${dilation} × ${multiplier} ${size}`,
    shapes: [[2, ...size, 4], [3, 3, 4, multiplier]],
    op: (x, filter) => tf.depthwiseConv2d(x, filter, stride, padding, "NHWC", dilation),
  };
}

/** Geometries of convolutions, as many as there are ways to get one wrong. */
export const CONVOLUTIONS: readonly OpCase[] = [
  ...[1, 3, 5, 16, 17].flatMap((inputs) =>
    [1, 3, 16, 17].map((outputs) => conv({ channels: [inputs, outputs] }))
  ),
  ...([[3, 5], [16, 5], [5, 12]] as const).flatMap((channels) => [
    ...(["same", "valid", 1] as const).flatMap((padding) =>
      [1, 2, 3].map((stride) => conv({ stride, padding, channels }))
    ),
    ...[2, 3].flatMap((dilation) =>
      [1, 2, 3].map((stride) => conv({ dilation, stride, channels }))
    ),
    conv({ dilation: 2, padding: 2, channels }),
    conv({ dilation: 2, padding: "valid", stride: 2, channels }),
    conv({ dilation: 3, padding: sides(1, 4, 3, 0), channels }),
    conv({ kernel: 1, channels }),
    conv({ kernel: 1, stride: 2, channels }),
    conv({ kernel: 1, stride: 3, padding: "valid", channels }),
    conv({ kernel: 1, padding: 1, channels }),
    conv({ kernel: 1, padding: sides(0, 1, 0, 2), channels }),
    conv({ kernel: 1, padding: sides(0, 3, 0, 2), stride: 2, channels }),
    conv({ kernel: 2, stride: 2, padding: "valid", channels }),
    conv({ kernel: 4, stride: 2, padding: 1, channels }),
    conv({ kernel: 4, padding: "valid", channels }),
    conv({ kernel: 5, stride: 2, channels }),
    conv({ kernel: 5, stride: 3, padding: "valid", size: [13, 12], channels }),
    conv({ kernel: 7, stride: 2, padding: 3, size: [17, 16], channels }),
    conv({ kernel: 3, stride: 4, padding: "valid", size: [14, 13], channels }),
    conv({ kernel: 1, stride: 2, padding: "valid", size: [7, 8], channels }),
    conv({ padding: sides(1, 2, 2, 0), channels }),
    conv({ padding: sides(0, 2, 0, 1), channels }),
    conv({ padding: sides(2, 0, 1, 0), stride: 2, channels }),
    conv({ padding: sides(0, 1, 0, 1), stride: 2, size: [8, 8], channels }),
    conv({ padding: sides(4, 4, 3, 5), channels }),
    conv({ padding: sides(5, 3, 4, 4), stride: 2, channels }),
    conv({ kernel: [1, 3], stride: [1, 2], channels }),
    conv({ kernel: [3, 1], stride: [2, 1], channels }),
    conv({ kernel: [5, 2], padding: "valid", channels }),
    conv({ kernel: [9, 8], padding: "valid", channels }),
  ]),
  // Large enough to be taken a band at a time.
  conv({ size: [120, 100], channels: [3, 16], kernel: 7, stride: 2, padding: 3 }),
  conv({ size: [90, 95], channels: [8, 4], padding: 1 }),
  conv({ size: [90, 95], channels: [8, 4], padding: 1, stride: 2 }),
  ...[1, 2].flatMap((stride) =>
    (["same", "valid", 1] as const).flatMap((padding) =>
      [1, 2].map((multiplier) => depthwise(stride, padding, 1, multiplier))
    )
  ),
  depthwise(1, "same", 2, 1),
  depthwise(1, "same", 3, 2),
  depthwise(1, "valid", 2, 2),
  depthwise(3, "valid", 1, 1, [11, 12]),
  ...each([[2, 9, 3], [3, 3, 4]], { "conv1d": (x, f) => tf.conv1d(x, f, 1, "same") }),
  ...each([[2, 4, 4, 3], [3, 3, 5, 3]], {
    "conv2dTranspose": (x, f) => tf.conv2dTranspose(x, f, [2, 8, 8, 5], 2, "same"),
  }),
  ...each([[2, 8, 8, 4], [3, 3, 4, 1], [1, 1, 4, 6]], {
    "separableConv2d": (x, a, b) => tf.separableConv2d(x, a, b, 1, "same"),
  }),
  ...each([[2, 6, 6, 3], [3, 3, 3, 4], [4]], {
    "fused.conv2d": (x, filter, bias) =>
      tf.fused.conv2d({ x, filter, bias, strides: 1, pad: "same", activation: "relu" }),
  }),
];

const rows = (values: number[]) => tf.tensor1d(values, "int32");

const matMul = (a: number[], b: number[], transposeA: boolean, transposeB: boolean): OpCase => ({
  name: `matMul [${a}]${transposeA ? "ᵀ" : ""} [${b}]${transposeB ? "ᵀ" : ""}`,
  shapes: [a, b],
  op: (x, y) => tf.matMul(x, y, transposeA, transposeB),
});

const BOTH = [false, true] as const;

/** Matrix products. */
export const PRODUCTS: readonly OpCase[] = [
  ...BOTH.flatMap((ta) =>
    BOTH.flatMap((tb) =>
      [[], [2, 3]].map((batch) =>
        matMul([...batch, ...ta ? [60, 5] : [5, 60]], [...batch, ...tb ? [7, 60] : [60, 7]], ta, tb)
      )
    )
  ),
  ...BOTH.flatMap((tb) => [
    matMul([4, 5, 6], [1, ...tb ? [7, 6] : [6, 7]], false, tb),
    matMul([1, 5, 6], [4, ...tb ? [7, 6] : [6, 7]], false, tb),
    matMul([3, 2, 5, 6], tb ? [7, 6] : [6, 7], false, tb),
    matMul([6, 5], [3, 2, ...tb ? [7, 6] : [6, 7]], true, tb),
  ]),
  matMul([300, 200], [300, 128], true, false),
  matMul([50, 2000], [2000, 9], false, false), // taken a band at a time
  ...each([[5, 60], [60, 7], [7]], {
    "fused.matMul": (a, b, bias) => tf.fused.matMul({ a, b, bias, activation: "relu" }),
  }),
  ...each([[5, 60], [7, 60], [7]], {
    "fused.matMul transposed": (a, b, bias) => tf.fused.matMul({ a, b, bias, transposeB: true }),
  }),
  ...each([[4, 6], [4, 4], [6, 4]], {
    "one matrix as two factors": (a, c, w) =>
      tf.concat([
        tf.reshape(tf.matMul(a, w), [16]),
        tf.reshape(tf.matMul(c, tf.reshape(w, [4, 6])), [24]),
      ]),
  }),
  ...all("dot", [[4], [4]]),
  ...each([[2, 6, 8], [8, 24], [8, 8]], {
    "attention": (x, inward, outward) => {
      const all = tf.reshape(tf.matMul(tf.reshape(x, [12, 8]), inward), [2, 6, 3, 2, 4]);
      const [q, k, v] = tf.unstack(all, 2).map((part) => tf.transpose(part, [0, 2, 1, 3]));
      const mask = tf.mul(tf.sub(tf.linalg.bandPart(tf.ones([6, 6]), -1, 0), 1), 1e9);
      const a = tf.softmax(tf.add(tf.mul(tf.matMul(q!, k!, false, true), 0.5), mask));
      const mixed = tf.transpose(tf.matMul(a, v!), [0, 2, 1, 3]);
      return tf.matMul(tf.reshape(mixed, [12, 8]), outward);
    },
  }),
];

/** One number in, one number out, and two numbers in with broadcasting. */
export const ELEMENTWISE: readonly OpCase[] = [
  ...all(
    "relu relu6 elu selu sigmoid tanh softplus exp square neg abs sin cos erf expm1 step sign " +
      "leakyRelu logSigmoid atan asinh sinh cosh floor ceil round onesLike zerosLike clone",
    [[5, 7]],
  ),
  ...all("log sqrt rsqrt log1p reciprocal", [[5, 7]], { positive: true }),
  ...each([[5, 7]], {
    "silu": (x) => tf.mul(x, tf.sigmoid(x)),
    "gelu": (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1)),
    "clipByValue": (x) => tf.clipByValue(x, -0.5, 0.5),
    "tanh of large numbers": (x) => tf.tanh(tf.mul(x, 20)),
    "tanh of small numbers": (x) => tf.tanh(tf.mul(x, 1e-4)),
    "mask": (x) => tf.mul(x, tf.cast(tf.greater(x, 0.3), "float32")),
    "mask of masks": (x) =>
      tf.where(tf.logicalOr(tf.logicalNot(tf.less(x, 0)), tf.equal(x, 0)), x, tf.square(x)),
    "mask from a maximum": (x) => tf.mul(x, tf.cast(tf.equal(x, tf.max(x, 1, true)), "float32")),
    "mask from argMax": (x) => tf.mul(x, tf.oneHot(tf.argMax(x, 1), 7)),
    "dropout": (x) => tf.dropout(x, 0.3, undefined, 7),
    "maximum with a number": (x) => tf.maximum(x, 0.1),
    "minimum with a number": (x) => tf.minimum(0.1, x),
  }),
  ...["add sub mul div maximum minimum squaredDifference mod pow"].flatMap((names) => [
    ...all(names, [[4, 5, 6], [6]], { positive: true }),
    ...all(names, [[4, 1, 6], [5, 1]], { positive: true }),
    ...all(names, [[3, 4], [3, 4]], { positive: true }),
    ...all(names, [[], [3, 4]], { positive: true }),
  ]),
  ...all("prelu", [[4, 7], [7]]),
  ...all("atan2", [[5], [5]]),
  ...each([[3, 5], [3, 5]], { "where": (a, b) => tf.where(tf.greater(a, 0), a, b) }),
];

const reductions = (shape: number[], axes: (number | number[] | undefined)[]): OpCase[] =>
  ["sum", "mean", "max", "min", "prod"].flatMap((name) =>
    axes.map((axis) => ({
      name: `${name} of [${shape}] over ${JSON.stringify(axis) ?? "all"}`,
      shapes: [shape],
      op: (x: tf.Tensor) => (tf as unknown as Named)[name]!(x, axis),
      positive: name === "prod",
    }))
  );

/** Sums and their like, and what is made of them. */
export const REDUCTIONS: readonly OpCase[] = [
  ...reductions([3, 4, 5], [undefined, 0, [1], [-1], [0, 2], [1, 2], []]),
  ...[[32, 16, 16, 8], [1024, 12], [1500, 40], [7, 300, 5], [3, 5, 1024, 4], [1031, 8], [
    2,
    2062,
    4,
  ]]
    .flatMap((shape) =>
      each([shape], {
        [`sum of [${shape}] over all axes but the last`]: (x) =>
          tf.sum(x, shape.slice(0, -1).map((_, i) => i)),
        [`mean of [${shape}] over the first axis`]: (x) => tf.mean(x, 0, true),
        [`sum of [${shape}] over the second axis`]: (x) => tf.sum(x, 1),
        [`mean of [${shape}] over the last axis`]: (x) => tf.mean(x, -1, true),
        [`mean of [${shape}]`]: (x) => tf.mean(x),
      })
    ),
  ...all("softmax logSoftmax", [[3, 4, 7]]),
  ...each([[6, 10]], {
    "logSumExp": (x) => tf.logSumExp(x, -1),
    "norm": (x) => tf.norm(x, 2, 1),
    "cumsum": (x) => tf.cumsum(x, 1),
    "softmaxCrossEntropy": (x) => {
      const labels = tf.oneHot(rows([1, 2, 3, 4, 5, 9]), 10);
      return tf.neg(tf.sum(tf.mul(tf.logSoftmax(x), labels), -1));
    },
  }),
  ...each([[4, 5, 5, 3], [3], [3]], {
    "batch normalisation": (x, scale, offset) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      const hat = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
      return tf.add(tf.mul(hat, scale), offset);
    },
  }),
  ...each([[4, 5, 5, 3], [3], [3], [3]], {
    "batchNorm": (x, scale, offset, mean) =>
      tf.batchNorm(x, mean, tf.fill([3], 0.7), offset, scale, 1e-3),
  }),
  ...each([[3, 4, 8], [8], [8]], {
    "layer normalisation": (x, scale, offset) => {
      const centred = tf.sub(x, tf.mean(x, -1, true));
      const variance = tf.mean(tf.square(centred), -1, true);
      return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), scale), offset);
    },
  }),
  ...each([[2, 9, 9, 3]], {
    "global mean": (x) => tf.mean(x, [1, 2]),
    "maxPool 2": (x) => tf.maxPool(x, 2, 2, "valid"),
    "maxPool 3 stride 2 same": (x) => tf.maxPool(x, 3, 2, "same"),
    "maxPool 3 stride 1 padding 1": (x) => tf.maxPool(x, 3, 1, 1),
    "maxPool of negative numbers": (x) => tf.maxPool(tf.sub(x, 10), 3, 2, "same"),
    "maxPool of large numbers": (x) => tf.maxPool(tf.mul(x, 1e20), [2, 3], [2, 1], "valid"),
    "avgPool 2": (x) => tf.avgPool(x, 2, 2, "valid"),
    "avgPool 3 stride 1 same": (x) => tf.avgPool(x, 3, 1, "same"),
    "localResponseNormalization": (x) => tf.localResponseNormalization(x, 2),
  }),
];

const permutations: readonly (readonly [shape: number[], perm: number[]])[] = [
  [[2, 3, 4, 5], [0, 2, 1, 3]],
  [[2, 3, 4, 5], [3, 0, 1, 2]],
  [[2, 1, 4, 1], [1, 0, 3, 2]],
  [[16, 8, 3, 4, 8], [2, 0, 3, 1, 4]],
  [[256, 96], [1, 0]],
  [[96, 256], [1, 0]],
  [[200, 130], [1, 0]],
  [[4, 6, 5, 3, 2, 4], [5, 0, 3, 1, 2, 4]],
  [[2, 128, 4, 32], [0, 2, 1, 3]],
  [[2, 128, 4, 32], [0, 2, 3, 1]],
  [[2, 3, 1, 64, 128], [0, 2, 4, 1, 3]],
  [[3, 4, 5, 6, 7], [0, 1, 2, 4, 3]],
  [[70, 3, 50], [2, 1, 0]],
];

/** Operations that put elements in other places. */
export const REARRANGEMENTS: readonly OpCase[] = [
  ...permutations.map(([shape, perm]) => ({
    name: `transpose [${shape}] by [${perm}]`,
    shapes: [shape],
    op: (x: tf.Tensor) => tf.transpose(x, perm),
  })),
  ...each([[2, 3, 4, 2]], {
    "pad": (x) => tf.pad(x, [[0, 0], [1, 2], [2, 0], [0, 0]]),
    "pad with a value": (x) => tf.pad(x, [[1, 0], [0, 2], [0, 0], [3, 1]], 1.5),
    "reverse": (x) => tf.reverse(x, [0, -2]),
    "reverse all": (x) => tf.reverse(x),
    "tile": (x) => tf.tile(x, [2, 1, 3, 1]),
    "expandDims and squeeze": (x) => tf.squeeze(tf.expandDims(x, 1)),
    "slice": (x) => tf.slice(x, [1, 1, 0, 0], [1, 2, -1, 1]),
    "slice of all": (x) => tf.slice(x, [0, 0, 0, 0], [2, 3, 4, 2]),
    "unstack": (x) => {
      const [a, , c] = tf.unstack(x, 1);
      return tf.mul(a!, c!);
    },
    "split": (x) => {
      const [a, b] = tf.split(x, 2, 2);
      return tf.mul(a!, b!);
    },
  }),
  ...each([[3, 4]], { "mirrorPad": (x) => tf.mirrorPad(x, [[1, 1], [2, 1]], "reflect") }),
  ...each([[1, 3]], { "broadcastTo": (x) => tf.broadcastTo(x, [4, 3]) }),
  ...each([[4, 1, 3]], { "broadcastTo of rank 4": (x) => tf.broadcastTo(x, [2, 4, 5, 3]) }),
  ...each([[6, 8]], {
    "stridedSlice": (x) => tf.stridedSlice(x, [0, 1], [6, 8], [2, 3]),
    "stridedSlice with rows left over": (x) => tf.stridedSlice(x, [1, 2], [4, 7], [2, 4]),
    "stridedSlice backwards": (x) => tf.stridedSlice(x, [4, 7], [0, 1], [-2, -3]),
    "stridedSlice with masks": (x) => tf.stridedSlice(x, [2, 0], [0, 5], [1, 2], 0, 1, 0, 0, 0),
  }),
  ...each([[2, 3], [2, 5]], { "concat": (a, b) => tf.concat([a, b], -1) }),
  ...each([[2, 3, 2, 2], [2, 1, 2, 2]], { "concat of rank 4": (a, b) => tf.concat([a, b], 1) }),
  ...each([[2, 3], [2, 3]], { "stack": (a, b) => tf.stack([a, b], 1) }),
  ...each([[10, 4]], {
    "gather": (x) => tf.gather(x, tf.tensor2d([[1, 2, 2], [9, 0, 1]], [2, 3], "int32")),
    "one-hot product": (x) => tf.matMul(tf.cast(tf.oneHot(rows([1, 2, 2, 9]), 10), "float32"), x),
  }),
  ...each([[3, 6, 2]], {
    "gather along the second axis": (x) => tf.gather(x, rows([5, 0, 0, 3]), 1),
  }),
  ...each([[6, 3]], {
    "unsortedSegmentSum": (x) => tf.unsortedSegmentSum(x, rows([0, 2, 1, 2, 2, 0]), 4),
    "unsortedSegmentSum with rows to drop": (x) =>
      tf.unsortedSegmentSum(x, rows([0, -1, 1, 2, 2, -1]), 4),
  }),
  ...each([[1, 4, 4, 2]], {
    "resizeBilinear": (x) => tf.image.resizeBilinear(x, [7, 7]),
    "resizeNearestNeighbor": (x) => tf.image.resizeNearestNeighbor(x, [8, 8]),
    "spaceToBatchND": (x) => tf.spaceToBatchND(x, [2, 2], [[0, 0], [0, 0]]),
  }),
  ...each([[1, 2, 2, 8]], { "depthToSpace": (x) => tf.depthToSpace(x, 2, "NHWC") }, {
    valuesOnly: true,
  }),
];
