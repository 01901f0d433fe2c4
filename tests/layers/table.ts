/**
 * Every layer with the options that choose between ways of computing it, as the laws and the checks
 * of gradients take them.
 *
 * @module
 */

import {
  avgPool,
  batchNorm,
  conv,
  conv1d,
  dense,
  depthwiseConv,
  dropout,
  elu,
  embedding,
  flatten,
  gelu,
  globalAveragePool,
  globalMaxPool,
  groupNorm,
  identity,
  layerNorm,
  leakyRelu,
  maxPool,
  multiHeadAttention,
  pad,
  prelu,
  relu,
  reshape,
  rmsNorm,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
  tensor,
} from "../../mod.ts";
import { sizeOf } from "../../lib/tensor.ts";
import type { Subject } from "../laws.ts";

const VECTORS = [4, 5];
const SEQUENCES = [2, 6, 4];
const IMAGES = [2, 7, 6, 4];
const fixed = { drawsParams: false };

/** Every layer, by name. */
export const LAYERS: readonly Subject[] = [
  { name: "dense", layer: dense(3), shape: VECTORS },
  { name: "dense without bias", layer: dense(3, { bias: false }), shape: VECTORS },
  { name: "dense of sequences", layer: dense(3), shape: SEQUENCES },
  { name: "conv", layer: conv(3, 3), shape: IMAGES },
  { name: "conv of one pixel", layer: conv(3, 1, { bias: false }), shape: IMAGES },
  { name: "conv with stride", layer: conv(3, 3, { stride: 2 }), shape: IMAGES },
  { name: "conv of one pixel with stride", layer: conv(3, 1, { stride: 2 }), shape: IMAGES },
  {
    name: "conv with same padding",
    layer: conv(3, 4, { stride: 2, padding: "same" }),
    shape: IMAGES,
  },
  { name: "conv without padding", layer: conv(3, [2, 3], { padding: "valid" }), shape: IMAGES },
  {
    name: "conv with uneven padding",
    layer: conv(3, 3, { padding: [[0, 2], [1, 0]], stride: [1, 2] }),
    shape: IMAGES,
  },
  { name: "conv with dilation", layer: conv(3, 3, { dilation: 2 }), shape: IMAGES },
  { name: "conv with groups", layer: conv(6, 3, { groups: 2 }), shape: IMAGES },
  { name: "depthwiseConv", layer: depthwiseConv(3), shape: IMAGES },
  {
    name: "depthwiseConv with multiplier",
    layer: depthwiseConv(3, { multiplier: 2 }),
    shape: IMAGES,
  },
  { name: "conv1d", layer: conv1d(3, 3), shape: SEQUENCES },
  {
    name: "conv1d with groups",
    layer: conv1d(4, 3, { groups: 2, stride: 2, padding: [2, 0] }),
    shape: SEQUENCES,
  },
  { name: "batchNorm of vectors", layer: batchNorm(), shape: VECTORS, ...fixed },
  { name: "batchNorm of images", layer: batchNorm(), shape: IMAGES, ...fixed },
  { name: "batchNorm that is zero", layer: batchNorm({ scale: 0 }), shape: IMAGES, ...fixed },
  { name: "batchNorm without parameters", layer: batchNorm({ affine: false }), shape: IMAGES },
  { name: "layerNorm", layer: layerNorm(), shape: SEQUENCES, ...fixed },
  { name: "groupNorm", layer: groupNorm(2), shape: IMAGES, ...fixed },
  { name: "rmsNorm", layer: rmsNorm(), shape: SEQUENCES, ...fixed },
  { name: "maxPool", layer: maxPool(2), shape: IMAGES },
  { name: "maxPool with overlap", layer: maxPool(3, { stride: 2, padding: 1 }), shape: IMAGES },
  { name: "avgPool", layer: avgPool(2), shape: IMAGES },
  { name: "avgPool with overlap", layer: avgPool(3, { stride: 2, padding: 1 }), shape: IMAGES },
  { name: "globalAveragePool", layer: globalAveragePool, shape: IMAGES },
  { name: "globalMaxPool", layer: globalMaxPool, shape: SEQUENCES },
  { name: "relu", layer: relu, shape: IMAGES },
  { name: "leakyRelu", layer: leakyRelu(), shape: VECTORS },
  { name: "prelu", layer: prelu(), shape: IMAGES, ...fixed },
  { name: "elu", layer: elu, shape: VECTORS },
  { name: "selu", layer: selu, shape: VECTORS },
  { name: "gelu", layer: gelu(), shape: VECTORS },
  { name: "gelu by tanh", layer: gelu({ approximate: "tanh" }), shape: VECTORS },
  { name: "silu", layer: silu, shape: VECTORS },
  { name: "sigmoid", layer: sigmoid, shape: VECTORS },
  { name: "tanh", layer: tanh, shape: VECTORS },
  { name: "softplus", layer: softplus, shape: VECTORS },
  { name: "softmax", layer: softmax, shape: SEQUENCES },
  { name: "dropout", layer: dropout(0.4), shape: VECTORS, drawsInTrain: true },
  {
    name: "embedding",
    layer: embedding(7, 3),
    shape: [2, 6],
    input: (shape) =>
      tensor(Int32Array.from({ length: sizeOf(shape) }, (_, i) => i * 3 % 7), shape),
  },
  { name: "multiHeadAttention", layer: multiHeadAttention(2), shape: SEQUENCES },
  {
    name: "causal multiHeadAttention with dropout",
    layer: multiHeadAttention(2, { causal: true, dropout: 0.3, bias: false }),
    shape: SEQUENCES,
    drawsInTrain: true,
  },
  { name: "identity", layer: identity, shape: VECTORS },
  { name: "flatten", layer: flatten, shape: IMAGES },
  { name: "reshape", layer: reshape([3, 8]), shape: SEQUENCES },
  { name: "pad", layer: pad([[1, 0], [0, 2]], { value: 3 }), shape: IMAGES },
];
